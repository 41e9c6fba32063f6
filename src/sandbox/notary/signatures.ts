import { createPublicKey, type KeyObject, verify, X509Certificate, constants } from 'node:crypto';
import type { Envelope, Key, RoleKeys } from './documents';
import { type GoSignature, signedMessage } from './go-encoding';
import { keyId } from './reserialise';

/** A role with the keys themselves. */
export interface SigningRole {
  readonly name: string;
  readonly threshold: number;
  readonly keys: ReadonlyMap<string, Key>;
}

/** The file breaks a rule; the message is notary's own. */
export class InvalidMetadata extends Error {}

/** Keys of a role as the file that names it lists them. @throws InvalidMetadata for an ID without key */
export function signingRole(name: string, role: RoleKeys, keys: ReadonlyMap<string, Key> | null): SigningRole {
  const found = new Map<string, Key>();
  for (const id of role.keyIds ?? []) {
    const key = keys?.get(id);
    if (key === undefined) throw new InvalidMetadata(`tuf: invalid role ${name}. key with ID ${id} was not found`);
    found.set(id, key);
  }
  return { name, threshold: role.threshold, keys: found };
}

/**
 * Enough valid signatures of the role's keys (notary: signed.VerifySignatures). @throws InvalidMetadata, GoJsonError
 */
export function verifySignatures(envelope: Envelope, role: SigningRole): void {
  if (envelope.signatures.length === 0) throw new InvalidMetadata('tuf: data has no signatures');
  if (role.threshold < 1) throw new InvalidMetadata('valid signatures did not meet threshold');
  if (envelope.signed === undefined) throw new InvalidMetadata('nothing is signed');
  const message = signedMessage(envelope.signed);
  const valid = new Set<string>();
  for (const signature of envelope.signatures) {
    const key = role.keys.get(signature.keyId);
    if (key === undefined) continue;
    if (keyId(key) !== signature.keyId) throw new InvalidMetadata('key ID does not match public key content');
    if (verifies(key, signature, message)) valid.add(signature.keyId);
  }
  if (valid.size < role.threshold) {
    throw new InvalidMetadata(`valid signatures did not meet threshold for ${role.name}`);
  }
}

/** The ID of the bare key, which for a certificate is not the TUF ID. */
export function canonicalKeyId(key: Key): string {
  if (!key.type.endsWith('-x509')) return keyId(key);
  const spki = publicKeyOf(key).export({ format: 'der', type: 'spki' });
  return keyId({ type: key.type.slice(0, -'-x509'.length), publicBytes: spki, privateBytes: null });
}

function verifies(key: Key, { method, signature }: GoSignature, message: Buffer): boolean {
  if (signature === null) return false;
  try {
    const publicKey = publicKeyOf(key);
    const family = key.type.replace(/-x509$/, '');
    if (method === 'eddsa') return family === 'ed25519' && verify(null, message, publicKey, signature);
    if (method === 'ecdsa') return family === 'ecdsa' && verifiesEcdsa(publicKey, signature, message);
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (family !== 'rsa' || bits < 2048 || signature.length !== Math.ceil(bits / 8)) return false;
    if (method === 'rsapkcs1v15') return verify('sha256', message, publicKey, signature);
    const pss = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    return method === 'rsapss' && verify('sha256', message, pss, signature);
  } catch {
    return false; // what Go cannot parse does not verify either
  }
}

/** ASN.1 and the bare pair of numbers both count. */
function verifiesEcdsa(key: KeyObject, signature: Buffer, message: Buffer): boolean {
  if (key.asymmetricKeyType !== 'ec') return false;
  return (['ieee-p1363', 'der'] as const).some((dsaEncoding) =>
    verify('sha256', message, { key, dsaEncoding }, signature),
  );
}

function publicKeyOf(key: Key): KeyObject {
  const bytes = key.publicBytes ?? Buffer.alloc(0);
  if (key.type.endsWith('-x509')) return new X509Certificate(bytes).publicKey;
  if (key.type === 'ed25519') {
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') } });
  }
  return createPublicKey({ key: bytes, format: 'der', type: 'spki' });
}
