import type * as promises from 'node:fs/promises';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFolder } from '../../../src/notary/trust-store/key-folder';
import { rejecting } from '../failing';

type Files = typeof promises;

/** A file system without hard links, which is full from a moment on. */
let crash: 'never' | 'before the name' = 'never';
jest.mock('node:fs/promises', (): Files => {
  const actual: Files = jest.requireActual('node:fs/promises');
  const failing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  return {
    ...actual,
    link: () => failing('EPERM'),
    rename: (from, to) => (crash === 'never' ? actual.rename(from, to) : failing('EIO')),
  };
});

const id = 'a'.repeat(64);
const text = 'k'.repeat(100_000);

let directory: string;
let folder: KeyFolder;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dct-folder-'));
  folder = new KeyFolder(directory);
  crash = 'never';
});
afterEach(() => rm(directory, { recursive: true }));

describe('when a key is kept where there are no hard links', () => {
  it('is whole, under its name, and nothing else is left', async () => {
    expect(await folder.create(id, text)).toBe(true);
    expect(await readdir(folder.path)).toEqual([`${id}.key`]);
    expect(await readFile(folder.file(id), 'latin1')).toBe(text);
  });

  it('leaves the file that is there', async () => {
    await folder.create(id, text);
    expect(await folder.create(id, 'other')).toBe(false);
    expect(await readFile(folder.file(id), 'latin1')).toBe(text);
    expect(await readdir(folder.path)).toEqual([`${id}.key`]);
  });

  it('has no name before it is whole', async () => {
    crash = 'before the name';
    expect((await rejecting(folder.create(id, text)))?.code).toBe('trust_store_failed');
    expect(await readdir(folder.path)).toEqual([]);
  });
});
