import { type KeyObject as NodeKey, createPublicKey } from 'node:crypto';
import { DctError } from '../../error';
import { type Certificate, readCertificate } from './certificate';
import { readElement } from './der';
import { type PemBlock, pemBlocks } from './pem';
import { isPlain, weakness } from './strength';

/** A key as it will stand in trust data: the DER of the certificate, or of the SubjectPublicKeyInfo. */
export interface PublicPem {
  readonly keyType: 'ecdsa' | 'rsa' | 'ecdsa-x509' | 'rsa-x509';
  readonly der: Buffer;
}

export interface PublicPemOptions {
  /** What errors call the text: an attribute, a file. */
  readonly label: string;
  /**
   * Refuse a certificate that is expired or valid only from more than a day later on, as docker does when a key is added.
   * Left out where only identity matters: an expired certificate in trust data goes on verifying.
   */
  readonly now?: Date;
}

const DAY = 86_400_000;
const AGAIN = 'take it anew from where it came (cert.pem of a client bundle): it was changed or cut on its way';

/**
 * Reads the one certificate or public key of a text by docker's rules (notary, utils.ParsePEMPublicKey and
 * ValidateCertificate), stricter where docker is silently wrong: several blocks, ed25519, a private key.
 * Throws `malformed_pem`, `private_key_given`, `several_keys`, `ca_first`, `unsupported_key`, `weak_key`, `weak_certificate`,
 * `expired_certificate`, `certificate_not_yet_valid`; never quotes the text.
 */
export function readPublicPem(text: string, { label, now }: PublicPemOptions): PublicPem {
  const blocks = pemBlocks(text, label);
  const secret = blocks.find(({ type }) => type.endsWith('PRIVATE KEY'));
  if (secret) {
    throw new DctError('private_key_given', `${label} is to be a public key or certificate, but holds a private key`, {
      cure: 'give the certificate (cert.pem of a client bundle) or the public key; treat the private key as exposed if this text is stored anywhere',
    });
  }
  const [first, ...others] = blocks;
  if (first === undefined) throw new DctError('malformed_pem', `${label} has no PEM block`);
  if (others.length > 0) throw severalBlocks(label, blocks);
  switch (first.type) {
    case 'CERTIFICATE':
      return certificateKey(first, label, now);
    case 'PUBLIC KEY':
      return bareKey(first, label);
    default:
      throw wrongBlock(label, first.type);
  }
}

/** Whether two PEM texts stand for the same key of trust data, whatever their white space and comments. Never throws. */
export function sameKeys(a: string, b: string): boolean {
  if (a.trim() === b.trim()) return true;
  try {
    const [one, other] = [readPublicPem(a, { label: 'a' }), readPublicPem(b, { label: 'b' })];
    return one.keyType === other.keyType && one.der.equals(other.der);
  } catch {
    return false;
  }
}

function certificateKey(block: PemBlock, label: string, now: Date | undefined): PublicPem {
  let certificate: Certificate;
  let node: NodeKey;
  try {
    const read = readCertificate(block.der);
    certificate = read.certificate;
    node = read.x509.publicKey;
  } catch {
    throw new DctError('malformed_pem', `${label} holds a certificate that cannot be read`, { cure: AGAIN });
  }
  const name = `the certificate "${certificate.subject}" in ${label}`;
  checkNode(node, `the key of ${name}`);
  if (certificate.hasWeakSignature) {
    throw new DctError('weak_certificate', `${name} is signed with SHA-1 or MD5, which docker refuses`, {
      cure: 'have it issued again with SHA-256, or give the bare public key: openssl x509 -in cert.pem -noout -pubkey',
    });
  }
  if (certificate.notBefore > certificate.notAfter) {
    throw new DctError('weak_certificate', `${name} is valid from a time after its end`, {
      cure: 'have it issued again, or give the bare public key: openssl x509 -in cert.pem -noout -pubkey',
    });
  }
  if (now && now > certificate.notAfter) {
    throw new DctError('expired_certificate', `${name} expired on ${certificate.notAfter.toISOString()}`, {
      cure: 'give the renewed certificate, or the bare public key: openssl x509 -in cert.pem -noout -pubkey',
    });
  }
  if (now && certificate.notBefore.getTime() > now.getTime() + DAY) {
    throw new DctError(
      'certificate_not_yet_valid',
      `${name} is valid only from ${certificate.notBefore.toISOString()}; docker allows one day`,
      { cure: 'check the clocks of this machine and of the one that issued the certificate' },
    );
  }
  return { keyType: node.asymmetricKeyType === 'rsa' ? 'rsa-x509' : 'ecdsa-x509', der: certificate.der };
}

function bareKey(block: PemBlock, label: string): PublicPem {
  let node: NodeKey;
  try {
    node = createPublicKey({ key: block.der, format: 'der', type: 'spki' });
    // Node leaves them; they would be part of the key's ID, and docker refuses them
    if (readElement(block.der).whole.length !== block.der.length) throw new RangeError('bytes after the key');
  } catch {
    throw new DctError('malformed_pem', `${label} holds a public key that cannot be read`, { cure: AGAIN });
  }
  checkNode(node, `the public key in ${label}`);
  return { keyType: node.asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa', der: block.der };
}

function checkNode(node: NodeKey, name: string): void {
  const type = node.asymmetricKeyType;
  const reason = weakness(node) ?? (isPlain(node) ? undefined : 'has a compressed point, which docker cannot read');
  if (reason === undefined) return;
  throw new DctError(type === 'rsa' ? 'weak_key' : 'unsupported_key', `${name} ${reason}`, {
    cure: 'use an ECDSA key on P-256 or an RSA key of 2048 bits or more',
  });
}

function severalBlocks(label: string, blocks: readonly PemBlock[]): DctError {
  const names = blocks.map((block) => (block.type === 'CERTIFICATE' ? nameOf(block) : block.type));
  const found = `${label} holds ${blocks.length} PEM blocks (${names.join('; ')}); a signer's key is exactly one`;
  const cure = 'give only the block of the signer, each further key as an entry of its own';
  return isCa(blocks[0])
    ? new DctError('ca_first', `${found}. The first is a CA: docker would silently make the CA the signer`, { cure })
    : new DctError('several_keys', `${found}. docker would silently take the first`, { cure });
}

function nameOf(block: PemBlock): string {
  try {
    return `CERTIFICATE ${readCertificate(block.der).certificate.subject}`;
  } catch {
    return 'CERTIFICATE, unreadable';
  }
}

function isCa(block: PemBlock | undefined): boolean {
  try {
    return block?.type === 'CERTIFICATE' && readCertificate(block.der).certificate.isCa;
  } catch {
    return false;
  }
}

function wrongBlock(label: string, type: string): DctError {
  const cures: Readonly<Record<string, string>> = {
    'RSA PUBLIC KEY': 'convert it: openssl rsa -RSAPublicKey_in -in key.pem -pubout -out public.pem',
    'TRUSTED CERTIFICATE': 'convert it: openssl x509 -in cert.pem -out plain.pem',
    'CERTIFICATE REQUEST': 'give the certificate that was issued for this request',
  };
  return new DctError('unsupported_key', `${label} holds a block ${type}; Notary takes CERTIFICATE and PUBLIC KEY`, {
    cure: cures[type] ?? 'give a certificate (-----BEGIN CERTIFICATE-----) or public key (-----BEGIN PUBLIC KEY-----)',
  });
}
