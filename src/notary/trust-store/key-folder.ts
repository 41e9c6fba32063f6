import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { DctError, systemCode } from '../../error';
import type { Gun } from '../documents';

/** The folder `private` of docker's trust store: one file a key, named by its canonical ID. */
export class KeyFolder {
  readonly path: string;

  constructor(trustDirectory: string) {
    this.path = join(trustDirectory, 'private');
  }

  file(id: string): string {
    return join(this.path, `${id}.key`);
  }

  /** Key ID to file. notary before 0.4 had sub-folders and names like `<id>_root.key`; docker still reads those. */
  async files(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const file of await this.filesBelow(this.path)) {
      const id = /^([0-9a-f]{64})(?:_[^/]*)?\.key$/.exec(basename(file))?.[1];
      if (id !== undefined) found.set(id, file);
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * What notary before 0.4 said of a key by the place of its file, not in it: `root_keys/<id>_root.key`,
   * `tuf_keys/<GUN>/<id>_<role>.key` (notary, storage/filestore.go, which takes the role from there).
   */
  placeOf(file: string): { readonly role: string; readonly gun: Gun | undefined } {
    const [folder, ...gun] = relative(this.path, dirname(file)).split(sep);
    const role = /^[0-9a-f]{64}_([^_]*)/.exec(basename(file, '.key'))?.[1] ?? '';
    return { role, gun: folder === 'tuf_keys' && gun.length > 0 ? gun.join('/') : undefined };
  }

  async read(file: string): Promise<string> {
    try {
      return await readFile(file, 'latin1');
    } catch (error) {
      throw this.failed('read', file, error);
    }
  }

  async make(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw this.failed('make', this.path, error);
    }
  }

  /**
   * Writes the file of a key, or gives false if there is one. On disk and synced when it returns. A hard link puts the full
   * file in place in one step and fails where a file is: no reader sees half a key, no process overwrites another's (rename
   * would), and no lock is left behind that docker would not know of anyway.
   */
  async create(id: string, text: string): Promise<boolean> {
    await this.make();
    const target = this.file(id);
    const draft = join(this.path, `.${id}.${randomBytes(6).toString('hex')}`);
    try {
      await writeSynced(draft, text);
      const isOurs = await this.putInPlace(draft, target).finally(() => rm(draft, { force: true }));
      if (isOurs) await sync(this.path);
      return isOurs;
    } catch (error) {
      throw this.failed('write', target, error);
    }
  }

  private async putInPlace(draft: string, target: string): Promise<boolean> {
    try {
      await link(draft, target);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      // A file system without hard links: a rename is whole, too. It would replace a file that comes at this very moment, but
      // only by one of the same key, after which the file is named.
      if ((await readdir(dirname(target))).includes(basename(target))) return false;
      await rename(draft, target);
    }
    return true;
  }

  /**
   * One folder at a time: Node's recursive readdir fails as a whole when a folder goes while it reads, and folders do go,
   * such as the lock that another process holds while it makes a root key.
   */
  private async filesBelow(folder: string): Promise<string[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      const below = entries.map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? this.filesBelow(path) : Promise.resolve([path]);
      });
      return (await Promise.all(below)).flat();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw this.failed('read', folder, error);
    }
  }

  private failed(what: string, path: string, error: unknown): DctError {
    const reason = systemCode(error) ?? 'unknown error';
    return new DctError('trust_store_failed', `could not ${what} ${path}: ${reason}`, {
      cause: error,
      cure: 'the trust store has to be a folder of the user who runs this: folders with mode 0700, files with 0600',
    });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text, 'latin1');
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this the new name may be gone after a power cut though the bytes are on disk. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
