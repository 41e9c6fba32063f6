import { createHash, generateKeyPairSync, KeyObject, sign, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

// Trust data made by hand, on purpose with nothing of src/notary: the contract must not lean on what it judges.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type Signed = Readonly<Record<string, Json>>;

/** A key as documents name it. */
export interface HandmadeKey {
  readonly id: string;
  readonly object: Json;
  readonly privateKey: KeyObject;
}

/** Keys sorted, no spaces. Enough for plain ASCII documents. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value as Signed).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function keyObject(keytype: string, publicPart: string): Json {
  return { keytype, keyval: { private: null, public: publicPart } };
}

export function keyId(object: Json): string {
  return sha256(canonical(object));
}

export function makeKey(): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const object = keyObject('ecdsa', publicKey.export({ format: 'der', type: 'spki' }).toString('base64'));
  return { id: keyId(object), object, privateKey };
}

/** A root key: named by a self-signed certificate whose common name is the GUN. */
export async function makeRootKey(commonName: string, from: { notAfter?: Date } = {}): Promise<HandmadeKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: from.notAfter ?? new Date(Date.now() + 3650 * 86_400_000),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.codeSigning]),
      new x509.BasicConstraintsExtension(false, undefined, true),
    ],
  });
  const pem = `${certificate.toString('pem')}\n`;
  const object = keyObject('ecdsa-x509', Buffer.from(pem).toString('base64'));
  return { id: keyId(object), object, privateKey: KeyObject.from(keys.privateKey) };
}

/** Signs the canonical form and writes the document as Go does, or with `write` in some other form. */
export function envelope(
  signed: Signed,
  keys: readonly HandmadeKey[],
  write: (signed: Signed, signatures: Json) => string = exact,
): string {
  const signatures = keys.map((key) => ({
    keyid: key.id,
    method: 'ecdsa',
    sig: sign('sha256', Buffer.from(canonical(signed)), {
      key: key.privateKey,
      dsaEncoding: 'ieee-p1363',
    }).toString('base64'),
  }));
  return write(signed, signatures);
}

export function exact(signed: Signed, signatures: Json): string {
  return `{"signed":${canonical(signed)},"signatures":${JSON.stringify(signatures)}}`;
}

/** RFC 3339 as Go prints it: no trailing zeros in the fraction. */
export function inDays(days: number): string {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString();
  return iso.replace(/\.?0+Z$/, 'Z');
}
