import { X509Certificate } from 'node:crypto';
import { type DerElement, oid, readElement, readElements } from './der';

/** What Notary asks of a certificate. Dates and name are read from the DER, because Node gives them as text to be parsed. */
export interface Certificate {
  /** The last CN of the subject, as Go has it; empty without one. */
  readonly commonName: string;
  /** Human-readable: `O=Orca: …, OU=Client, CN=alice`. */
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa: boolean;
  /** Signed with SHA-1 or MD5. */
  readonly hasWeakSignature: boolean;
  readonly der: Buffer;
}

const COMMON_NAME = oid('2.5.4.3');
const WEAK_SIGNATURES = [
  '1.2.840.113549.1.1.2', // md2WithRSA
  '1.2.840.113549.1.1.4', // md5WithRSA
  '1.2.840.113549.1.1.5', // sha1WithRSA
  '1.3.14.3.2.29', // sha1WithRSA, ISO
  '1.2.840.10040.4.3', // dsaWithSHA1
  '1.2.840.10045.4.1', // ecdsaWithSHA1
].map((dotted) => oid(dotted).toString('hex'));

/** Throws (RangeError or Node's own) if `der` is not one certificate. */
export function readCertificate(der: Buffer): { readonly certificate: Certificate; readonly x509: X509Certificate } {
  const x509 = new X509Certificate(der);
  const outer = readElement(der);
  if (outer.whole.length !== der.length) throw new RangeError('bytes after the certificate');
  const [tbs, signatureAlgorithm] = readElements(outer.content);
  const fields = readElements(must(tbs).content);
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [, innerAlgorithm, , validity, subject] = fields;
  // RFC 5280, 4.1.1.2; docker refuses it
  if (!must(innerAlgorithm).whole.equals(must(signatureAlgorithm).whole)) {
    throw new RangeError('two signature algorithms');
  }
  const [notBefore, notAfter] = readElements(must(validity).content).map(readTime);
  return {
    x509,
    certificate: {
      commonName: commonNameOf(must(subject)),
      subject: x509.subject ? x509.subject.split('\n').join(', ') : '(no subject)',
      notBefore: must(notBefore),
      notAfter: must(notAfter),
      isCa: x509.ca,
      hasWeakSignature: WEAK_SIGNATURES.includes(algorithmOf(must(signatureAlgorithm))),
      der,
    },
  };
}

function algorithmOf(algorithm: DerElement): string {
  return readElement(algorithm.content).whole.toString('hex');
}

function commonNameOf(subject: DerElement): string {
  let name = '';
  for (const relative of readElements(subject.content)) {
    for (const attribute of readElements(relative.content)) {
      const [type, value] = readElements(attribute.content);
      if (type && value && type.whole.equals(COMMON_NAME)) name = directoryString(value);
    }
  }
  return name;
}

function directoryString(value: DerElement): string {
  if (value.tag !== 0x1e) return value.content.toString('utf8');
  return Buffer.from(value.content.subarray(0, value.content.length & ~1))
    .swap16()
    .toString('utf16le');
}

function readTime(element: DerElement): Date {
  const digits = element.content.toString('latin1');
  const short = /^(\d\d)(\d{10})Z$/.exec(digits);
  const full = element.tag === 0x17 && short ? `${Number(short[1]) >= 50 ? '19' : '20'}${digits}` : digits;
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  const date = new Date(`${y ?? ''}-${mo ?? ''}-${d ?? ''}T${h ?? ''}:${mi ?? ''}:${s ?? ''}Z`);
  if (Number.isNaN(date.getTime())) throw new RangeError('not a certificate time');
  return date;
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('not a certificate');
  return value;
}
