import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PrivateKey, TrustStore } from '../../src/notary';
import type { World } from './world';

/** Client bundles and trust stores of a test’s own, each in a folder of its own. */
export class LocalFiles {
  private count = 0;

  private constructor(
    private readonly world: World,
    private readonly directory: string,
  ) {}

  static async of(world: World): Promise<LocalFiles> {
    return new LocalFiles(world, await mkdtemp(join(tmpdir(), 'dct-local-')));
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  /** A path where nothing is yet, in a folder that is there. */
  async path(name: string): Promise<string> {
    const path = join(this.directory, `${++this.count}`, name);
    await mkdir(dirname(path));
    return path;
  }

  /** A client bundle of cluster3, with some of its files another way; null: not there. */
  async bundle(files: Readonly<Record<string, string | null>> = {}): Promise<string> {
    const path = await this.path('cluster3');
    await mkdir(path);
    for (const name of ['ca.pem', 'cert.pem', 'key.pem', 'env.sh']) {
      const text = files[name] === undefined ? await this.world.pem('cluster3', name) : files[name];
      if (text !== null) await writeFile(join(path, name), text);
    }
    return path;
  }

  /** A trust store with so many root keys. */
  async store(roots: number, passphrase = 'the root passphrase'): Promise<string> {
    const path = await this.path('trust');
    await mkdir(path);
    const store = new TrustStore({ directory: path, passphrase: () => passphrase });
    for (let root = 0; root < roots; root++) await store.add(PrivateKey.generate(), { role: 'root' });
    return path;
  }
}

/** The key files of a trust store. */
export async function keyFiles(store: string): Promise<string[]> {
  const folder = join(store, 'private');
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}
