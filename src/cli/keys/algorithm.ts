import { createPublicKey, X509Certificate } from 'node:crypto';
import type { PublicKey } from '../../notary';

/** `ECDSA P-256`, `RSA 2048`, `Ed25519`: what kind of key it is, for people. */
export function algorithmOf(key: PublicKey): string {
  const bytes = Buffer.from(key.toDocument().keyval.public, 'base64');
  if (key.keyType === 'ed25519') return 'Ed25519';
  try {
    const node = key.keyType.endsWith('-x509')
      ? new X509Certificate(bytes).publicKey
      : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    const { namedCurve, modulusLength } = node.asymmetricKeyDetails ?? {};
    if (namedCurve !== undefined) return `ECDSA ${curves[namedCurve] ?? namedCurve}`;
    return modulusLength === undefined ? key.keyType : `RSA ${modulusLength}`;
  } catch {
    return key.keyType;
  }
}

/** OpenSSL's names. */
const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
