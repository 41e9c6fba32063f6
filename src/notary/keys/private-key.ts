import {
  type KeyObject as NodeKey,
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
} from 'node:crypto';
import { inspect } from 'node:util';
import { DctError } from '../../error';
import type { Signature } from '../documents';
import { type PemBlock, encodePem, pemBlocks } from './pem';
import { PublicKey } from './public-key';
import { weakness } from './strength';

const CHALLENGE = Buffer.from('is this one pair?');

export interface PrivatePemOptions {
  /** What errors call the text: an attribute, a file. */
  readonly label: string;
  readonly passphrase?: string;
}

/** A private key that can sign trust data. Its secret part shows in no error, log, JSON or inspection. */
export class PrivateKey {
  readonly #node: NodeKey;
  /** The bare public key; a certificate over it has the same `canonicalId`. */
  readonly publicKey: PublicKey;

  private constructor(node: NodeKey, publicKey: PublicKey) {
    this.#node = node;
    this.publicKey = publicKey;
  }

  /**
   * The one private key of a PEM text: PKCS#1, SEC1 (also after an EC PARAMETERS block), PKCS#8, encrypted or not.
   * Throws `malformed_pem`, `passphrase_missing`, `wrong_passphrase`, `several_keys`, `unsupported_key`, `weak_key`.
   */
  static fromPem(text: string, { label, passphrase }: PrivatePemOptions): PrivateKey {
    const blocks = pemBlocks(text, label);
    const [block, second] = blocks.filter(({ type }) => type.endsWith('PRIVATE KEY'));
    if (!block) {
      const found = blocks.map(({ type }) => type).join(', ');
      throw new DctError('unsupported_key', `${label} is to be a private key, but holds: ${found}`, {
        cure: 'give the text of the key file (key.pem of a client bundle)',
      });
    }
    if (second) {
      throw new DctError('several_keys', `${label} holds more than one private key`, { cure: 'give one' });
    }
    return PrivateKey.fromBlock(block, { label, ...(passphrase === undefined ? {} : { passphrase }) });
  }

  static fromBlock(block: PemBlock, { label, passphrase }: PrivatePemOptions): PrivateKey {
    const encrypted = isEncrypted(block);
    if (encrypted && (passphrase === undefined || passphrase === '')) {
      throw new DctError('passphrase_missing', `${label} is encrypted and no passphrase for it is known`);
    }
    let node: NodeKey;
    try {
      node = readBlock(block, encrypted ? passphrase : undefined);
    } catch {
      // OpenSSL's reason is left out: it would be the only text here that has seen the key.
      if (encrypted) throw new DctError('wrong_passphrase', `the passphrase does not open ${label}`);
      throw new DctError('malformed_pem', `${label} holds a ${block.type} that cannot be read`, {
        cure: 'supported are PKCS#8, PKCS#1 (RSA) and SEC1 (EC); convert others with: openssl pkcs8 -topk8 -in key.pem',
      });
    }
    const reason = weakness(node);
    if (reason !== undefined) {
      const code = node.asymmetricKeyType === 'rsa' ? 'weak_key' : 'unsupported_key';
      throw new DctError(code, `the private key in ${label} ${reason}`, {
        cure: 'use an ECDSA key on P-256 or an RSA key of 2048 bits or more',
      });
    }
    const key = new PrivateKey(node, publicKeyOf(node));
    // a file holds the public key beside the private one, and Node believes it
    if (!key.publicKey.verify(CHALLENGE, key.sign(CHALLENGE))) {
      throw new DctError('malformed_pem', `${label} holds a private key and the public key of another`, {
        cure: 'take it anew from where it came, or from a backup: it was damaged',
      });
    }
    return key;
  }

  /** A new key: ECDSA on P-256 as docker makes them, or ed25519 as a Notary server with local signing does. */
  static generate(type: 'ecdsa' | 'ed25519' = 'ecdsa'): PrivateKey {
    // Made as bytes and read again: Node 20 stands still for ever where a key that it made itself is exported as JWK while the
    // garbage collector ends the job that made it, since both lock the key (KeyPairGenConfig in its crypto_keygen.h).
    const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
    const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
    const { privateKey } =
      type === 'ecdsa'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding, publicKeyEncoding })
        : generateKeyPairSync('ed25519', { privateKeyEncoding, publicKeyEncoding });
    const node = createPrivateKey(privateKey);
    return new PrivateKey(node, publicKeyOf(node));
  }

  get canonicalId(): string {
    return this.publicKey.canonicalId;
  }

  /** Signs as Notary does: ECDSA r‖s, RSA-PSS with 32 bytes of salt, both over SHA-256; or Ed25519. */
  sign(message: Uint8Array): Pick<Signature, 'method' | 'sig'> {
    const key = this.#node;
    switch (key.asymmetricKeyType) {
      case 'ec':
        return { method: 'ecdsa', sig: base64(signBytes('sha256', message, { key, dsaEncoding: 'ieee-p1363' })) };
      case 'rsa': {
        const padding = constants.RSA_PKCS1_PSS_PADDING;
        return { method: 'rsapss', sig: base64(signBytes('sha256', message, { key, padding, saltLength: 32 })) };
      }
      default:
        return { method: 'eddsa', sig: base64(signBytes(null, message, key)) };
    }
  }

  /** A signature over DER for X.509: ECDSA as a DER pair, RSA as PKCS#1 v1.5. */
  signDer(digest: 'sha256' | 'sha384' | 'sha512', message: Uint8Array): Buffer {
    return signBytes(digest, message, this.#node);
  }

  /** The secret itself, for writing an encrypted key file. */
  exportPkcs8(): Buffer {
    return this.#node.export({ type: 'pkcs8', format: 'der' });
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `PrivateKey ${this.canonicalId}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

export function isEncrypted(block: PemBlock): boolean {
  return block.type === 'ENCRYPTED PRIVATE KEY' || (block.headers.get('Proc-Type')?.includes('ENCRYPTED') ?? false);
}

function readBlock({ type, headers, der }: PemBlock, passphrase: string | undefined): NodeKey {
  switch (type) {
    case 'PRIVATE KEY':
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    case 'ENCRYPTED PRIVATE KEY':
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8', passphrase });
    case 'RSA PRIVATE KEY':
    case 'EC PRIVATE KEY': {
      if (passphrase === undefined) {
        return createPrivateKey({ key: der, format: 'der', type: type === 'RSA PRIVATE KEY' ? 'pkcs1' : 'sec1' });
      }
      // The old encryption lives in the headers, so it has to be PEM again; other headers are not OpenSSL's.
      const own = { 'Proc-Type': headers.get('Proc-Type') ?? '', 'DEK-Info': headers.get('DEK-Info') ?? '' };
      const sorted = encodePem(type, der, own);
      // OpenSSL wants Proc-Type first.
      const pem = sorted.replace(/(DEK-Info: .*\n)(Proc-Type: .*\n)/, '$2$1');
      return createPrivateKey({ key: pem, format: 'pem', passphrase });
    }
    default:
      throw new RangeError('unknown type');
  }
}

function publicKeyOf(node: NodeKey): PublicKey {
  // By way of JWK, so that an EC point comes out uncompressed whatever the file had.
  const jwk = createPublicKey(node).export({ format: 'jwk' });
  if (node.asymmetricKeyType === 'ed25519')
    return PublicKey.fromBytes('ed25519', Buffer.from(jwk.x ?? '', 'base64url'));
  const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  return PublicKey.fromBytes(node.asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa', spki);
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
