import { type KeyObject as NodeKey, constants, createHash, createPublicKey, verify as verifyBytes } from 'node:crypto';
import { type KeyObject, type Signature, canonicalJson } from '../documents';
import { type Certificate, readCertificate } from './certificate';
import { Kept } from './kept';
import { encodePem, pemBlocks } from './pem';
import { type PublicPemOptions, readPublicPem } from './public-pem';
import { curveBytes, isPlain, weakness } from './strength';

/** The same few keys stand in every file of a repository, and opening one costs more than verifying with it. */
const ofDocuments = new Kept<PublicKey>();
/** Terraform has a configuration checked, planned and applied in calls of their own. */
const ofPem = new Kept<PublicKey>();

/** A public key of trust data: a bare key or a certificate, with both of its IDs. Immutable. */
export class PublicKey {
  /** SHA-256 hex of the canonical key object; roles and signatures name keys by it. A renewed certificate has a new one. */
  readonly tufId: string;
  /** The ID of the bare key inside a certificate, else the TUF ID. Key files and docker's output name keys by it. */
  readonly canonicalId: string;
  readonly certificate: Certificate | undefined;
  private readonly node: NodeKey | undefined;

  private constructor(
    /** `ecdsa`, `ecdsa-x509`, `rsa`, `rsa-x509`, `ed25519`, or a type this client does not know (then nothing verifies). */
    readonly keyType: string,
    private readonly publicBytes: Buffer,
  ) {
    this.tufId = keyId(keyType, publicBytes);
    const { node, certificate } = open(keyType, publicBytes);
    this.node = node;
    this.certificate = certificate;
    this.canonicalId =
      certificate && node
        ? keyId(keyType.replace('-x509', ''), node.export({ type: 'spki', format: 'der' }))
        : this.tufId;
  }

  /** Any key object of a document; one that cannot be read keeps its ID and verifies nothing. */
  static fromDocument(key: KeyObject): PublicKey {
    const { keytype, keyval } = key;
    return ofDocuments.of(
      `${keytype} ${keyval.public}`,
      () => new PublicKey(keytype, Buffer.from(keyval.public, 'base64')),
    );
  }

  /**
   * The one certificate or public key of a PEM text, by docker's rules. Throws `malformed_pem`, `private_key_given`,
   * `several_keys`, `ca_first`, `unsupported_key`, `weak_key`, `weak_certificate`, and with `now` also `expired_certificate`
   * and `certificate_not_yet_valid`; never quotes the text.
   */
  static fromPem(text: string, options: PublicPemOptions): PublicKey {
    const read = () => {
      const { keyType, der } = readPublicPem(text, options);
      if (keyType === 'ecdsa-x509') return PublicKey.fromCertificate('ecdsa', der);
      if (keyType === 'rsa-x509') return PublicKey.fromCertificate('rsa', der);
      return PublicKey.fromBytes(keyType, der);
    };
    // with a time, it is the time that may have changed
    return options.now === undefined ? ofPem.of(text, read) : read();
  }

  static fromCertificate(keyType: 'ecdsa' | 'rsa', der: Uint8Array): PublicKey {
    return new PublicKey(`${keyType}-x509`, Buffer.from(encodePem('CERTIFICATE', der), 'latin1'));
  }

  /** `bytes`: SubjectPublicKeyInfo DER, for ed25519 the raw 32 bytes. */
  static fromBytes(keyType: 'ecdsa' | 'rsa' | 'ed25519', bytes: Uint8Array): PublicKey {
    return new PublicKey(keyType, Buffer.from(bytes));
  }

  toDocument(): KeyObject {
    return { keytype: this.keyType, keyval: { private: null, public: this.publicBytes.toString('base64') } };
  }

  /** PEM as docker would write it. ed25519 keys of a Notary server have none and give undefined. */
  toPem(): string | undefined {
    if (this.keyType.endsWith('-x509')) return this.publicBytes.toString('latin1');
    return this.keyType === 'ed25519' ? undefined : encodePem('PUBLIC KEY', this.publicBytes);
  }

  /** Whether this key can verify anything: its bytes could be read and it is not weak. */
  get isUsable(): boolean {
    return this.node !== undefined;
  }

  /** Verifies as docker does (notary, tuf/signed/verifiers.go). False for anything wrong; never throws. */
  verify(message: Uint8Array, signature: Pick<Signature, 'method' | 'sig'>): boolean {
    const sig = Buffer.from(signature.sig, 'base64');
    const node = this.node;
    if (!node) return false;
    try {
      switch (`${signature.method}/${this.keyType.replace('-x509', '')}`) {
        case 'ecdsa/ecdsa':
          return (
            sig.length === 2 * (curveBytes(node) ?? 0) &&
            verifyBytes('sha256', message, { key: node, dsaEncoding: 'ieee-p1363' }, sig)
          );
        case 'rsapss/rsa':
          return (
            // OpenSSL takes one without its leading zeros, Go does not
            sig.length === Math.ceil((node.asymmetricKeyDetails?.modulusLength ?? 0) / 8) &&
            verifyBytes('sha256', message, { key: node, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, sig)
          );
        case 'rsapkcs1v15/rsa':
          return verifyBytes('sha256', message, { key: node, padding: constants.RSA_PKCS1_PADDING }, sig);
        case 'eddsa/ed25519':
          return verifyBytes(null, message, node, sig);
        default:
          return false;
      }
    } catch {
      return false;
    }
  }
}

/** SHA-256 hex of the canonical key object (notary, tuf/data/keys.go). */
function keyId(keytype: string, publicBytes: Uint8Array): string {
  const object = { keytype, keyval: { private: null, public: Buffer.from(publicBytes).toString('base64') } };
  return createHash('sha256').update(canonicalJson(object)).digest('hex');
}

function open(keyType: string, bytes: Buffer): { node?: NodeKey; certificate?: Certificate } {
  try {
    switch (keyType) {
      case 'ecdsa':
      case 'rsa': {
        const node = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
        return fits(node, keyType) ? { node } : {};
      }
      case 'ecdsa-x509':
      case 'rsa-x509': {
        const block = pemBlocks(bytes.toString('latin1'), 'certificate')[0];
        if (block?.type !== 'CERTIFICATE') return {};
        const { certificate, x509 } = readCertificate(block.der);
        return fits(x509.publicKey, keyType.replace('-x509', ''))
          ? { node: x509.publicKey, certificate }
          : { certificate };
      }
      case 'ed25519': {
        if (bytes.length !== 32) return {};
        const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
        return { node: createPublicKey({ key: jwk, format: 'jwk' }) };
      }
      default:
        return {};
    }
  } catch {
    return {};
  }
}

function fits(node: NodeKey, keyType: string): boolean {
  return (
    node.asymmetricKeyType === (keyType === 'ecdsa' ? 'ec' : 'rsa') && weakness(node) === undefined && isPlain(node)
  );
}
