import { DctError } from '../../error';

export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`, `PUBLIC KEY` … */
  readonly type: string;
  /** RFC 1421 headers, e.g. `role` of docker's files. */
  readonly headers: ReadonlyMap<string, string>;
  readonly der: Buffer;
}

const BEGIN = /^-----BEGIN ([A-Z0-9 .]+)-----$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** A key or certificate has a few KB; whoever gives megabytes has mixed up files. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Every PEM block of a text. Takes CRLF, indentation, comments and bag attributes around blocks, headers inside them.
 * Throws `malformed_pem` naming `label`; never quotes the text, which may be a private key.
 */
export function pemBlocks(text: string, label: string): PemBlock[] {
  if (text.length > MAX_CHARACTERS) throw malformed(label, 'is far too big for a key or certificate');
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(/^[ \t]+|[ \t]+$/g, ''));
  const blocks: PemBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const type = BEGIN.exec(lines[at] ?? '')?.[1];
    if (type === undefined) continue;
    const end = lines.indexOf(`-----END ${type}-----`, at + 1);
    if (end < 0) throw malformed(label, `has a ${type} block without an end`);
    blocks.push(readBlock(type, lines.slice(at + 1, end), label));
    at = end;
  }
  if (blocks.length === 0) {
    if (/-----BEGIN [^\n]*\\n/.test(text)) {
      throw malformed(label, 'has "\\n" as two characters instead of line breaks');
    }
    throw malformed(label, text.trim() === '' ? 'is empty' : 'has no PEM block (-----BEGIN …-----)');
  }
  return blocks;
}

/** The text Go's pem.Encode writes: 64 columns, `\n`, headers sorted. */
export function encodePem(type: string, der: Uint8Array, headers: Readonly<Record<string, string>> = {}): string {
  const head = Object.keys(headers)
    .sort()
    .map((name) => `${name}: ${headers[name] ?? ''}\n`);
  const body = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${type}-----\n${head.join('')}${head.length ? '\n' : ''}${body}-----END ${type}-----\n`;
}

function readBlock(type: string, lines: readonly string[], label: string): PemBlock {
  const headers = new Map<string, string>();
  let at = 0;
  for (; at < lines.length; at++) {
    const [, name, value] = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined || value === undefined) break;
    headers.set(name, value);
  }
  // as Go: other white space is damage
  const body = lines.slice(at).join('').replace(/[ \t]/g, '');
  if (!BASE64.test(body) || body.length % 4 !== 0) {
    throw malformed(label, `has a ${type} block that is not base64 (cut or changed on its way?)`);
  }
  return { type, headers, der: Buffer.from(body, 'base64') };
}

function malformed(label: string, reason: string): DctError {
  return new DctError('malformed_pem', `${label} ${reason}`, {
    cure: 'give the whole text of the file, from the line -----BEGIN …----- to the line -----END …-----',
  });
}
