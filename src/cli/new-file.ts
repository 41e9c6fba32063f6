import { open, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { DctError, systemCode } from '../error';

/**
 * Writes a secret file: mode 0600, whole or not at all, on disk when it returns, and read back. An existing one is left alone
 * unless `replace`. Throws `file_exists`, `unwritable_file`.
 */
export async function writeNewFile(
  file: string,
  text: string,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const path = resolve(file);
  if (!replace && (await exists(path))) throw fileExists(path);
  try {
    await writeFileAtomic(path, text, { mode: 0o600, fsync: true });
    await sync(dirname(path));
    if ((await readFile(path, 'utf8')) !== text) throw new Error('it reads back as something else');
  } catch (cause) {
    throw new DctError('unwritable_file', `could not write ${path}: ${reason(cause)}`, {
      cause,
      cure: 'give a file in a folder that is there and that you may write to',
    });
  }
}

/** For whoever asks before doing what would be in vain. Throws `file_exists`, `unwritable_file` for a folder. */
export async function checkNewFile(file: string, { replace }: { readonly replace: boolean }): Promise<void> {
  const path = resolve(file);
  if (await isFolder(path)) {
    throw new DctError('unwritable_file', `${path} is a folder`, { cure: 'give the name of a file in it' });
  }
  if (!replace && (await exists(path))) throw fileExists(path);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** So that the new name, too, outlives a power cut. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function fileExists(path: string): DctError {
  return new DctError('file_exists', `${path} is there already`, {
    cure: 'give another name, or --force to replace it',
  });
}

function reason(cause: unknown): string {
  return systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
}
