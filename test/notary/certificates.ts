import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

export interface Made {
  readonly certificate: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo PEM. */
  readonly publicKey: string;
}

type Hash = 'SHA-1' | 'SHA-256';
type Kind = 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | `RSA-${number}`;

export interface Wish {
  readonly kind?: Kind;
  readonly name?: string;
  readonly hash?: Hash;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly ca?: boolean;
  /** Another certificate over this key pair. */
  readonly keys?: CryptoKeyPair;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** A self-signed certificate of the wanted kind. */
export async function makeCertificate(wish: Wish = {}): Promise<Made & { readonly keys: CryptoKeyPair }> {
  const algorithm = algorithmOf(wish.kind ?? 'P-256', wish.hash ?? 'SHA-256');
  const keys = wish.keys ?? (await makeKeys(algorithm));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: wish.name ?? 'CN=alice',
    notBefore: wish.notBefore ?? new Date('2026-01-01T00:00:00Z'),
    notAfter: wish.notAfter ?? new Date('2036-01-01T00:00:00Z'),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(wish.ca ?? false)],
  });
  const [secret, open] = [
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    await webcrypto.subtle.exportKey('spki', keys.publicKey),
  ];
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: pem('PRIVATE KEY', secret),
    publicKey: pem('PUBLIC KEY', open),
    keys,
  };
}

async function makeKeys(algorithm: ReturnType<typeof algorithmOf>): Promise<CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('not a key pair');
  return keys;
}

function algorithmOf(kind: Kind, hash: Hash) {
  if (kind === 'Ed25519') return { name: 'Ed25519', hash };
  if (kind.startsWith('P-')) return { name: 'ECDSA', namedCurve: kind, hash };
  const modulusLength = Number(kind.slice('RSA-'.length));
  return { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash };
}

function pem(type: string, der: ArrayBuffer): string {
  const body = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${type}-----\n${body}-----END ${type}-----\n`;
}
