import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** What a test wants on a certificate. Everything has a default that makes a valid server certificate for 127.0.0.1. */
export interface CertificateRequest {
  commonName?: string;
  organization?: string;
  organizationalUnit?: string;
  /** DNS names. @default ['localhost'] */
  names?: readonly string[];
  /** @default ['127.0.0.1'] */
  addresses?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
  /** @default 'server'; 'client' has no names, as in UCP's client bundles */
  usage?: 'server' | 'client';
  /** @default 'P-256' */
  key?: 'P-256' | 'P-384' | 'RSA-2048' | 'Ed25519';
}

/** A certificate and its key, both PEM (key: PKCS#8). */
export interface IssuedCertificate {
  certificate: string;
  privateKey: string;
}

/** A certificate authority of a test. */
export interface TestAuthority {
  /** PEM, one self-signed certificate. */
  readonly certificate: string;
  issue(request?: CertificateRequest): Promise<IssuedCertificate>;
}

const algorithms = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'RSA-2048': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
  Ed25519: { name: 'Ed25519' },
} as const;

/** Makes a certificate authority. */
export async function testAuthority(
  commonName = 'Test CA',
  { notBefore, notAfter }: Pick<CertificateRequest, 'notBefore' | 'notAfter'> = {},
): Promise<TestAuthority> {
  const keys = await makeKeys('P-256');
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [commonName] }],
    ...validity(notBefore, notAfter),
    keys,
    signingAlgorithm: algorithms['P-256'],
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: pem(root),
    issue: (request = {}) => issue(root, keys.privateKey, request),
  };
}

async function issue(
  root: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  request: CertificateRequest,
): Promise<IssuedCertificate> {
  const keys = await makeKeys(request.key ?? 'P-256');
  const client = request.usage === 'client';
  const names = request.names ?? (client ? [] : ['localhost']);
  const addresses = request.addresses ?? (client ? [] : ['127.0.0.1']);
  const subject: x509.JsonName = [];
  if (request.organization !== undefined) subject.push({ O: [request.organization] });
  if (request.organizationalUnit !== undefined) subject.push({ OU: [request.organizationalUnit] });
  subject.push({ CN: [request.commonName ?? (client ? 'user' : 'localhost')] });
  const alternatives = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: root.subject,
    ...validity(request.notBefore, request.notAfter),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithms['P-256'],
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        client ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
      ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
    ],
  });
  return { certificate: pem(certificate), privateKey: keyPem(keys.privateKey) };
}

async function makeKeys(key: keyof typeof algorithms): Promise<webcrypto.CryptoKeyPair> {
  const made = await webcrypto.subtle.generateKey(algorithms[key], true, ['sign', 'verify']);
  if (!('privateKey' in made)) throw new Error('no key pair was made');
  return made;
}

function keyPem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}

function validity(notBefore = new Date(Date.now() - 3_600_000), notAfter = new Date(Date.now() + 86_400_000)) {
  return { notBefore, notAfter };
}

function serial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(12)))
    .toString('hex')
    .replace(/^./, '1');
}
