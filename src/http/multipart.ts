import { randomBytes } from 'node:crypto';
import type { BodyPart } from './types';

/**
 * A `multipart/form-data` body (RFC 7578) laid out as Go's mime/multipart writes it; no part at all is the closing
 * boundary alone, which Notary takes as an empty update.
 */
export function multipart(parts: readonly BodyPart[]): { readonly contentType: string; readonly bytes: Buffer } {
  const boundary = randomBytes(30).toString('hex');
  const pieces: Uint8Array[] = [];
  parts.forEach((part, index) => {
    pieces.push(
      Buffer.from(
        `${index === 0 ? '' : '\r\n'}--${boundary}\r\n` +
          `Content-Disposition: form-data; name="${quoted(part.name)}"; filename="${quoted(part.filename)}"\r\n` +
          `Content-Type: ${part.contentType}\r\n\r\n`,
      ),
      part.bytes,
    );
  });
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(pieces) };
}

/** As Go: backslash and quote are escaped. A line break would start a header of its own, so it is refused. */
function quoted(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new RangeError('a line break in the name of a multipart part');
  return text.replace(/[\\"]/g, '\\$&');
}
