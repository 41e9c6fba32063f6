import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

// The files Go looks at, so that what docker and other providers trust is what we trust.
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The root certificates this machine trusts: `SSL_CERT_FILE`, else the operating system's bundle, else the ones built
 * into Node; and `NODE_EXTRA_CA_CERTS` with them.
 * @throws Error naming the file when `SSL_CERT_FILE` cannot be read
 */
export function systemRoots(environment: NodeJS.ProcessEnv = process.env): string[] {
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  const more = extra ? readIfThere(extra) : undefined;
  return [...systemBundle(environment['SSL_CERT_FILE']), ...(more === undefined ? [] : [more])];
}

function systemBundle(named: string | undefined): readonly string[] {
  if (named) return [readFileSync(named, 'utf8')];
  for (const path of bundles) {
    const text = readIfThere(path);
    if (text?.includes('-----BEGIN CERTIFICATE-----')) return [text];
  }
  return rootCertificates;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
