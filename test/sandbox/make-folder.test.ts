import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../src/sandbox';
import { makeFolder } from '../../src/sandbox/make-folder';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dct-folder-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test('makes a folder and those above it, for its owner only', async () => {
  const folder = join(directory, 'a/b/c');
  await makeFolder(folder);
  await makeFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

describe('when a sandbox cannot have its directory', () => {
  const refused = (path: string): Promise<unknown> => startSandbox({ directory: path, clusters: 1 });

  test('a file in the way is named', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(refused(file)).rejects.toMatchObject({
      code: 'unusable_directory',
      message: `a sandbox cannot keep its state there: ${file} is a file`,
    });
    await expect(refused(join(file, 'below'))).rejects.toMatchObject({
      message: `a sandbox cannot keep its state there: ${join(file, 'below')} cannot be made (ENOTDIR)`,
    });
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('a file system that takes no folders is an error, not an endless loop', async () => {
    await expect(refused('/proc/sandbox')).rejects.toMatchObject({
      message: 'a sandbox cannot keep its state there: /proc/sandbox cannot be made in /proc (ENOENT)',
    });
  });
});
