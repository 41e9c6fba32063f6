import { X509Certificate, createHash } from 'node:crypto';

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/**
 * The certificates of a PEM text, in its order. Text between the blocks (comments, bag attributes) is allowed.
 * @throws Error saying what is wrong, without quoting the text, when there is none, when one cannot be read, or when
 *   something else (a private key) is among them
 */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = [...pem.matchAll(block)];
  if (blocks.length === 0) throw new Error(whyNoBlock(pem));
  return blocks.map(([text, label], index) => {
    const where = blocks.length === 1 ? 'its block' : `block ${index + 1} of ${blocks.length}`;
    if (label !== 'CERTIFICATE') throw new Error(`${where} is a ${label ?? ''}, not a CERTIFICATE`);
    try {
      return new X509Certificate(text);
    } catch (cause) {
      throw new Error(`${where} is not a certificate that can be read`, { cause });
    }
  });
}

function whyNoBlock(pem: string): string {
  if (pem.trim() === '') return 'it is empty';
  if (pem.includes('-----BEGIN ')) return 'its PEM block is cut off: there is a BEGIN line without its END line';
  return 'it has no "-----BEGIN CERTIFICATE-----" line (a path where the PEM text itself belongs?)';
}

/** SHA-256 of the certificate's DER bytes, 64 lower-case hexadecimal digits. */
export function certificateFingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

/** A certificate in a few words: its common name, or all of its subject where it has none. */
export function certificateName(certificate: X509Certificate): string {
  return shortName(certificate.subject);
}

export function issuerName(certificate: X509Certificate): string {
  return shortName(certificate.issuer);
}

function shortName(distinguishedName: string | undefined): string {
  const lines = (distinguishedName ?? '').split('\n');
  const commonName = lines.find((line) => line.startsWith('CN='));
  return commonName ?? (lines.join(', ') || '(no name)');
}
