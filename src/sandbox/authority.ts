import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and the private key that belongs to it, both PEM (the key PKCS#8). */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** When a certificate is valid. @default from an hour ago, for ten years */
export interface Validity {
  readonly from?: Date;
  readonly until?: Date;
}

const day = 24 * 60 * 60 * 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
x509.cryptoProvider.set(webcrypto);

/**
 * A certificate authority of the sandbox: one signs the servers' certificates, and each UCP has one for its client
 * bundles. Everything is ECDSA P-256, as UCP makes it.
 */
export class Authority implements KeyPair {
  private constructor(
    readonly certificate: string,
    readonly privateKey: string,
    private readonly subject: string,
    private readonly key: webcrypto.CryptoKey,
  ) {}

  static async create(commonName: string, validity: Validity = {}): Promise<Authority> {
    const keys = await newKeys();
    const name = distinguishedName({ CN: commonName });
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: newSerial(),
        name,
        ...period(validity),
        signingAlgorithm: algorithm,
        keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      },
      webcrypto,
    );
    return new Authority(pem(certificate), await exportKey(keys.privateKey), certificate.subject, keys.privateKey);
  }

  /** The authority kept as PEM by an earlier run. */
  static async load(pair: KeyPair): Promise<Authority> {
    const der = x509.PemConverter.decodeFirst(pair.privateKey);
    const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
    const certificate = new x509.X509Certificate(pair.certificate);
    return new Authority(pair.certificate, pair.privateKey, certificate.subject, key);
  }

  /** A server's certificate for these DNS names and IP addresses. */
  issueServer(hosts: readonly string[] = ['localhost', '127.0.0.1'], validity: Validity = {}): Promise<KeyPair> {
    const names = hosts.map((host) => ({
      type: /^[\d.]+$|:/.test(host) ? ('ip' as const) : ('dns' as const),
      value: host,
    }));
    return this.issue({ CN: hosts[0] ?? 'localhost' }, validity, [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
    ]);
  }

  /** For a server on this machine that is the client of another one, too. */
  issueService(): Promise<KeyPair> {
    return this.issue({ CN: 'localhost' }, {}, [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ]);
  }

  /**
   * A client bundle's certificate with the fields of a real one: `O=Orca: <instance ID>, OU=Client, CN=<user>`,
   * clientAuth, no SAN (reference: UCP client bundles).
   */
  issueClient(user: string, instanceId: string, validity: Validity = {}): Promise<KeyPair> {
    return this.issue({ O: `Orca: ${instanceId}`, OU: 'Client', CN: user }, validity, [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.BasicConstraintsExtension(false, undefined, true),
    ]);
  }

  private async issue(name: Names, validity: Validity, extensions: x509.Extension[]): Promise<KeyPair> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: newSerial(),
        subject: distinguishedName(name),
        issuer: this.subject,
        ...period(validity),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: this.key,
        extensions,
      },
      webcrypto,
    );
    return { certificate: pem(certificate), privateKey: await exportKey(keys.privateKey) };
  }
}

/** Attribute names to values, in the order they stand in the certificate. */
type Names = Readonly<Record<string, string>>;

function distinguishedName(names: Names): string {
  const relative = Object.entries(names).map(([type, value]) => ({ [type]: [{ utf8String: value }] }));
  return new x509.Name(relative).toString();
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function newSerial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex');
}

function period(validity: Validity): { notBefore: Date; notAfter: Date } {
  const notBefore = validity.from ?? new Date(Date.now() - 60 * 60 * 1000);
  return { notBefore, notAfter: validity.until ?? new Date(notBefore.getTime() + 3650 * day) };
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
