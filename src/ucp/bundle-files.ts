import { open, stat } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { DctError, systemCode } from '../error';
import { largestZip, readZip } from './bundle-zip';

/** The files of a bundle that say something to us, by their name in it. */
export type BundleFiles = ReadonlyMap<string, Buffer>;

const nestedZip = 'ucp-docker-bundle.zip';
const wanted = [
  ...['ca.pem', 'cert.pem', 'key.pem', 'env.sh', 'kube.yml', 'meta.json', nestedZip],
  ...['tls/docker/ca.pem', 'tls/docker/cert.pem', 'tls/docker/key.pem'],
];

/**
 * Reads a client bundle from a folder or a zip, of any age: files at the top (UCP 1.x to 3.1), also under `tls/docker` (3.2),
 * in a zip in the zip (MKE 3.x), or all of it in one folder of the zip.
 * @throws DctError `bundle_not_found`, `bundle_refused`
 */
export async function readBundleFiles(path: string): Promise<BundleFiles> {
  const full = resolve(path);
  const found = await stat(full).catch((cause: unknown) => {
    throw notFound(path, full, cause);
  });
  const files = await (found.isDirectory() ? fromFolder(full) : fromFile(full)).catch((cause: unknown) => {
    throw cause instanceof DctError ? cause : notFound(path, full, cause);
  });
  const inner = files.get(nestedZip);
  if (inner === undefined) return files;
  // The nested zip is the docker part alone; what the outer one has itself comes first.
  return new Map([...atTop(await fromZip(inner, `${full}/${nestedZip}`)), ...files]);
}

async function fromFolder(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of wanted) {
    const path = join(folder, name);
    const bytes = await readWhole(path, largestZip).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (bytes) files.set(name, bytes);
  }
  return files;
}

async function fromFile(path: string): Promise<Map<string, Buffer>> {
  return atTop(await fromZip(await readWhole(path, largestZip), path));
}

function fromZip(bytes: Buffer, path: string): Promise<Map<string, Buffer>> {
  return readZip(bytes, (name) => wanted.some((one) => name === one || name.endsWith(`/${one}`)), path);
}

/** The files as if the folder that `cert.pem` is in were the top; folders of the same names elsewhere do not count. */
function atTop(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const tops = [...files.keys()]
    .filter((name) => [`cert.pem`, nestedZip, 'meta.json'].includes(posix.basename(name)))
    .map((name) => posix.dirname(name));
  const top = tops.sort((a, b) => a.split('/').length - b.split('/').length || a.length - b.length)[0] ?? '.';
  const prefix = top === '.' ? '' : `${top}/`;
  return new Map(
    [...files].filter(([name]) => name.startsWith(prefix)).map(([name, bytes]) => [name.slice(prefix.length), bytes]),
  );
}

async function readWhole(path: string, most: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const found = await file.stat();
    const why = found.isFile() ? `it is ${found.size} bytes long` : 'it is not a file';
    if (!found.isFile() || found.size > most) {
      throw new DctError('bundle_refused', `The client bundle ${path} is refused: ${why}.`, {
        cure: 'Give the folder or the zip file of a client bundle.',
      });
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function notFound(path: string, full: string, cause: unknown): DctError {
  const why = isMissing(cause) ? 'there is nothing there' : `it cannot be read (${systemCode(cause) ?? String(cause)})`;
  return new DctError(
    'bundle_not_found',
    `The client bundle ${JSON.stringify(path)} was looked for at ${full}: ${why}.`,
    {
      cure: 'Give the folder or the zip file of a client bundle; relative paths start at the current folder.',
      cause,
    },
  );
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
}
