import type { Entry, ZipFile } from 'yauzl';
import { DctError } from '../error';

/** Far above any real bundle (about ten files, 20 KB), far below what would hurt. */
const limits = { entries: 200, fileBytes: 1024 * 1024, totalBytes: 8 * 1024 * 1024 };
export const largestZip = 8 * 1024 * 1024;

const symbolicLink = 0o120000;
const fileType = 0o170000;

/**
 * Reads the wanted files of a zip into memory; nothing is written to disk. Every entry is checked, wanted or not.
 * @throws DctError `bundle_refused` for a zip that is no honest bundle: damaged or cut off, paths that lead out of it, links,
 *   the same name twice, encrypted, too many or too large files
 */
export async function readZip(
  bytes: Buffer,
  wanted: (name: string) => boolean,
  path: string,
): Promise<Map<string, Buffer>> {
  const { fromBufferPromise } = await import('yauzl');
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(bytes, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (cause) {
    throw refused(path, `it is not a whole zip file (${textOf(cause)})`, cause);
  }
  if (zip.entryCount > limits.entries) throw refused(path, `it has ${zip.entryCount} entries`);
  try {
    const entries = await readEntries(zip, path);
    const files = new Map<string, Buffer>();
    for (const entry of entries) {
      if (wanted(entry.fileName)) files.set(entry.fileName, await readEntry(zip, entry, path));
    }
    return files;
  } catch (cause) {
    if (cause instanceof DctError) throw cause;
    throw refused(path, textOf(cause), cause);
  } finally {
    zip.close();
  }
}

async function readEntries(zip: ZipFile, path: string): Promise<Entry[]> {
  const names = new Set<string>();
  const entries: Entry[] = [];
  let total = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      try {
        total += entry.uncompressedSize;
        checkEntry(entry, names, total, path);
        if (!entry.fileName.endsWith('/')) entries.push(entry);
        zip.readEntry();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(textOf(error)));
      }
    });
    zip.once('end', resolve);
    zip.once('error', reject);
    zip.readEntry();
  });
  return entries;
}

/** yauzl has already refused `..`, absolute paths and drive letters, and turned backslashes into slashes. */
function checkEntry(entry: Entry, names: Set<string>, total: number, path: string): void {
  const name = JSON.stringify(entry.fileName);
  if (entry.fileName === '' || entry.fileName.includes('\0')) throw refused(path, `an entry is named ${name}`);
  // Names that differ only in case or in "./" would be one file on some systems.
  const plain = entry.fileName
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
    .toLowerCase();
  if (names.has(plain)) throw refused(path, `it has ${name} twice`);
  names.add(plain);
  if (((entry.externalFileAttributes >>> 16) & fileType) === symbolicLink)
    throw refused(path, `${name} is a symbolic link`);
  if ((entry.generalPurposeBitFlag & 1) !== 0) throw refused(path, `${name} is encrypted`);
  if (entry.uncompressedSize > limits.fileBytes) throw refused(path, `${name} is ${entry.uncompressedSize} bytes long`);
  if (total > limits.totalBytes) throw refused(path, `its files are more than ${limits.totalBytes} bytes together`);
}

async function readEntry(zip: ZipFile, entry: Entry, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    // The size in the directory is only what the zip says of itself.
    if (length > limits.fileBytes)
      throw refused(path, `${JSON.stringify(entry.fileName)} is longer than ${limits.fileBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

function refused(path: string, why: string, cause?: unknown): DctError {
  return new DctError('bundle_refused', `The client bundle ${path} is refused: ${why}.`, {
    cure: 'Download the bundle again from the UCP web interface (My Profile, New Client Bundle).',
    cause,
  });
}

function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
