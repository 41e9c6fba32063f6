import type { SandboxRequest } from '../route';
import { envelopeOf, readCommon } from './documents';
import { NotaryError } from './errors';
import { GoJsonError, parseFirstJson } from './go-json';
import { isRole } from './structure';
import type { Update } from './update';

/**
 * The files of a `multipart/form-data` upload: the file name is the role, with or without `.json`. Only version and
 * signatures are read here. @throws NotaryError
 */
export function readUpload(request: SandboxRequest): Update[] {
  const boundary = /^multipart\/(?:form-data|mixed)\s*;.*\bboundary="?([^";]+)"?/i.exec(
    request.headers['content-type'] ?? '',
  )?.[1];
  if (boundary === undefined) throw new NotaryError('MALFORMED_UPLOAD');
  return parts(request.body, boundary).map(({ fileName, content }) => {
    const role = fileName.replace(/\.json$/, '');
    if (role === '') throw new NotaryError('NO_FILENAME');
    if (!isRole(role)) throw new NotaryError('INVALID_ROLE', role);
    return { role, version: versionOf(content), bytes: content };
  });
}

function versionOf(content: Buffer): number {
  try {
    return readCommon(envelopeOf(parseFirstJson(content.toString('utf8'))).signed).version;
  } catch (error) {
    if (error instanceof GoJsonError) throw new NotaryError('MALFORMED_JSON');
    throw error;
  }
}

interface Part {
  readonly fileName: string;
  readonly content: Buffer;
}

/** A multipart body byte for byte: no library gives back the bytes of a text part untouched. */
function parts(body: Buffer, boundary: string): Part[] {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  const found: Part[] = [];
  let start = whole.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length;
    if (whole.subarray(from, from + 2).toString() === '--') return found;
    const end = whole.indexOf(delimiter, from);
    if (end < 0) break;
    found.push(part(whole.subarray(whole.indexOf('\r\n', from) + 2, end)));
    start = end;
  }
  throw new NotaryError('MALFORMED_UPLOAD');
}

function part(bytes: Buffer): Part {
  const blank = bytes.indexOf('\r\n\r\n');
  if (blank < 0) throw new NotaryError('MALFORMED_UPLOAD');
  const head = bytes.subarray(0, blank).toString('utf8');
  const fileName = /^content-disposition:.*\bfilename="([^"]*)"/im.exec(head)?.[1] ?? '';
  return { fileName, content: Buffer.from(bytes.subarray(blank + 4)) };
}
