import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';

/**
 * Notary's canonical key ID of a public key: sha256 of the canonical JSON of the bare key, whatever certificate it
 * came in (notary tuf/utils/x509.go, `CanonicalKeyID`). Written here again on purpose: the sandbox's admission shares no
 * code with the provider's, so that one can be tested against the other.
 *
 * @returns lower-case hex, or undefined for a key type Notary has no ID for
 */
export function canonicalKeyId(key: KeyObject): string | undefined {
  const type = new Map<string | undefined, string>([
    ['ec', 'ecdsa'],
    ['rsa', 'rsa'],
    ['ed25519', 'ed25519'],
  ]).get(key.asymmetricKeyType);
  if (type === undefined) return undefined;
  const der = key.export({ type: 'spki', format: 'der' });
  const bytes = type === 'ed25519' ? der.subarray(-32) : der;
  const text = `{"keytype":"${type}","keyval":{"private":null,"public":"${bytes.toString('base64')}"}}`;
  return createHash('sha256').update(text).digest('hex');
}

/** eNZi's ID of a public key: "the hash of the public key's DER bytes" (UCP API, accounts/publicKeys). */
export function derHash(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The public key of a PEM text that is a certificate or a public key; undefined when it is neither. */
export function publicKeyOf(pem: string): KeyObject | undefined {
  try {
    return pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  } catch {
    return undefined;
  }
}
