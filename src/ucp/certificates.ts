import { certificateFingerprint, certificatesOf } from '../http';

/** Whether two PEM texts hold the same certificates, by their DER bytes: line breaks, comments and order do not count. */
export function sameCertificates(a: string, b: string): boolean {
  if (a === b) return true;
  const left = fingerprints(a);
  const right = fingerprints(b);
  return left !== undefined && right !== undefined && left === right;
}

function fingerprints(pem: string): string | undefined {
  try {
    return [...new Set(certificatesOf(pem).map(certificateFingerprint))].sort().join(' ');
  } catch {
    return undefined;
  }
}

/**
 * The certificates as UCP keeps them: blocks only, LF, a final line break. JSON with other line breaks is what breaks
 * registrations by hand.
 * @throws Error as certificatesOf
 */
export function plainPem(pem: string): string {
  return certificatesOf(pem)
    .map((certificate) => certificate.toString())
    .join('');
}
