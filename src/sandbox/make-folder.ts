import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DctError, systemCode } from '../error';

/**
 * Makes a folder and those above it, one at a time: Node's own recursive mkdir spins for ever where the system has a folder
 * that takes no new ones and says so with ENOENT, such as /proc.
 *
 * @throws DctError `unusable_directory`, which names the folder that is in the way
 */
export async function makeFolder(path: string): Promise<void> {
  const code = await tryToMake(path);
  if (code === undefined) return;
  if (code === 'EEXIST') {
    if (await isFolder(path)) return;
    throw unusable(path, 'is a file');
  }
  const above = dirname(path);
  if (code !== 'ENOENT' || above === path) throw unusable(path, `cannot be made (${code})`);
  await makeFolder(above);
  const again = await tryToMake(path);
  if (again !== undefined && !(again === 'EEXIST' && (await isFolder(path)))) {
    throw unusable(path, `cannot be made in ${above} (${again})`);
  }
}

async function tryToMake(path: string): Promise<string | undefined> {
  try {
    await mkdir(path, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unusable(path: string, why: string): DctError {
  return new DctError('unusable_directory', `a sandbox cannot keep its state there: ${path} ${why}`, {
    cure: 'Give a directory that can be made and written to by you.',
  });
}
