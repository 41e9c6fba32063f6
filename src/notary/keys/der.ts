/**
 * As much DER as root certificates, docker's key files and the dates of a certificate need. Own code because an X.509
 * library costs the provider more at start-up than everything else in it together (measured).
 */
const encode = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = body.length < 128 ? [body.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
};

export const sequence = (...items: readonly Uint8Array[]): Buffer => encode(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => encode(0x31, ...items);
export const octets = (bytes: Uint8Array): Buffer => encode(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Buffer => encode(0x03, Buffer.from([unused]), bytes);
export const explicit = (tag: number, content: Uint8Array): Buffer => encode(0xa0 | tag, content);
export const nothing = encode(0x05);
export const yes = encode(0x01, Buffer.from([0xff]));

/** A non-negative integer given as big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  return encode(0x02, (trimmed[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

export function smallInteger(value: number): Buffer {
  return integer(Buffer.from(value.toString(16).padStart(8, '0'), 'hex'));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const septets = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift(0x80 | (left % 128));
    bytes.push(...septets);
  }
  return encode(0x06, Buffer.from(bytes));
}

/** A directory string as Go's x509 chooses its type. */
export function text(value: string): Buffer {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  return encode(printable ? 0x13 : 0x0c, Buffer.from(value, 'utf8'));
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). Seconds, UTC. */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  const year = date.getUTCFullYear();
  const utc = year >= 1950 && year < 2050;
  return encode(utc ? 0x17 : 0x18, Buffer.from(utc ? digits.slice(2) : digits));
}

/** One element of DER read from outside. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content. */
  readonly whole: Buffer;
}

/** The element at the start of `bytes`. Throws RangeError for what is not DER. */
export function readElement(bytes: Buffer): DerElement {
  const tag = bytes[0];
  const first = bytes[1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new RangeError('not DER');
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || extra > 4) throw new RangeError('not DER');
  const start = 2 + extra;
  const length = extra === 0 ? first : bytes.readUIntBE(2, extra);
  if (start + length > bytes.length) throw new RangeError('not DER');
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

/** The elements of a constructed one. Throws RangeError. */
export function readElements(content: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < content.length;) {
    const element = readElement(content.subarray(at));
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}
