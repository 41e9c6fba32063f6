import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustStore } from '../../src/notary';
import { dct, type Run } from './a-terminal';

describe('when a root key is made', () => {
  const environment = { DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'a root passphrase' };
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dct-init-'));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  const folder = (name: string): string => join(directory, name);
  const files = (store: string): Promise<string[]> => readdir(join(folder(store), 'private')).catch(() => []);
  const init = (store: string, answers?: string[], env: Record<string, string> = {}, ...more: string[]): Promise<Run> =>
    dct(['keys', 'init', '--trust-store', folder(store), ...more], { environment: env, ...(answers && { answers }) });

  it('it is in docker’s format, once; a second one is made only when that is said', async () => {
    const made = await init('first', undefined, environment, '--json');
    const { id, file } = JSON.parse(made.out) as { id: string; file: string };
    expect(file).toBe(join(folder('first'), 'private', `${id}.key`));
    expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\nrole: root\n\n/);
    const again = await init('first', undefined, environment);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining(`already has a root key: ${id}`) as string]);
    const another = await init('first', undefined, environment, '--another');
    expect([another.code, another.out]).toEqual([
      0,
      expect.stringContaining('The store has 2 root keys now') as string,
    ]);
    expect(await files('first')).toHaveLength(2);
  });

  it('its passphrase is asked for twice where there is none', async () => {
    const { code, asked, out } = await init('asked', ['long enough', 'long enough']);
    expect([code, asked]).toEqual([0, ['Enter passphrase for new root key: ', 'Repeat passphrase for new root key: ']]);
    expect(out).toContain('Back it up now');
    const store = new TrustStore({ directory: folder('asked'), passphrase: () => 'long enough' });
    await expect(store.rootKey()).resolves.toBeDefined();
  });

  it.each([
    ['nobody to ask', undefined, 'there is no passphrase for new root key\n  set DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE'],
    ['a short one', ['short'], 'the passphrase for new root key is too short'],
    ['two that differ', ['long enough', 'long enouhg'], 'the two passphrases for new root key are not the same'],
  ])('%s is refused, and nothing is made', async (_, answers, message) => {
    const { code, err } = await init('none', answers);
    expect([code, err]).toEqual([1, expect.stringContaining(message) as string]);
    expect(await files('none')).toEqual([]);
  });
});

test.each([
  ['keys', 'Commands:'],
  ['keys list', 'Exit code 1'],
  ['keys init', 'DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE'],
  ['keys backup', 'DCT_BACKUP_PASSPHRASE'],
  ['keys restore', 'Can be run again'],
  ['revoke-key', 'puts a new one in its place'],
])('dct %s has a help text with examples', async (words, says) => {
  const { code, out } = await dct([...words.split(' '), '--help']);
  expect([code, out]).toEqual([0, expect.stringContaining(says) as string]);
  expect(out).toContain('Examples:\n');
});

test.each([
  [['keys', 'backup'], "error: missing required argument 'file'\nTry: dct keys backup --help\n"],
  [['keys', 'backup', 'x', '--with-signing-keys'], 'error: --with-signing-keys is for use with --topology'],
  [['revoke-key', 'abc', '--topology', 'x'], 'A key ID is 64 hex digits'],
  [
    ['revoke-key', 'a'.repeat(64)],
    'error: give --topology, or --repository once or more\nTry: dct revoke-key --help\n',
  ],
  [['revoke-key', 'a'.repeat(64), '-t', 'x', '--ca', 'y'], 'error: --ca is for use without --topology'],
  [['revoke-key', 'a'.repeat(64), '-r', 'Bad Name'], 'error: "Bad Name" is not a GUN: it has no registry'],
  [['revoke-key', 'a'.repeat(64), '-r', 'admin/x'], "error: 'admin/x' does not say which registry: give host/admin/x"],
])('%j is a wrong command line', async (args, says) => {
  const { code, err } = await dct(args);
  expect([code, err]).toEqual([2, expect.stringContaining(says) as string]);
});
