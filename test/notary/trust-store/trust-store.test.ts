import { mkdir, mkdtemp, readFile, readdir, rm, rmdir, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, encodeKeyFile } from '../../../src/notary/keys';
import { TrustStore, dockerPassphrases, dockerTrustDirectory, keysAtHand } from '../../../src/notary/trust-store';
import { rejecting, wordsOf } from '../failing';

const GUN = 'dtr.local/admin/demo';
const env = {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'root pass',
  DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'repo pass',
};

let directory: string;
let store: TrustStore;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'dct-store-')), 'trust');
  store = open();
});
afterEach(async () => {
  await rm(join(directory, '..'), { recursive: true, force: true });
});

const key = PrivateKey.generate();
const noRole = { role: '', passphrase: 'root pass' };
const open = (variables: Record<string, string> = env) =>
  new TrustStore({ directory, passphrase: dockerPassphrases(variables) });
const privateFile = (id: string) => join(directory, 'private', `${id}.key`);
async function put(name: string, text: string): Promise<void> {
  await mkdir(join(directory, 'private'), { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'private', name), text, { mode: 0o600 });
}

describe('when a key is added', () => {
  const key = PrivateKey.generate();

  it("is on disk for its owner only, in docker's format", async () => {
    await store.add(key, { role: 'targets', gun: GUN });
    const file = privateFile(key.canonicalId);
    expect(await readFile(file, 'utf8')).toMatch(
      /^-----BEGIN ENCRYPTED PRIVATE KEY-----\ngun: dtr\.local\/admin\/demo\nrole: targets\n\n/,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'private'))).mode & 0o777).toBe(0o700);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await readdir(join(directory, 'private'))).toEqual([`${key.canonicalId}.key`]);
  });

  it('is found by another store', async () => {
    await store.add(key, { role: 'alice' });
    expect(await open().list()).toEqual([
      { id: key.canonicalId, role: 'alice', gun: undefined, file: privateFile(key.canonicalId), isEncrypted: true },
    ]);
    expect((await open().load(key.canonicalId)).canonicalId).toBe(key.canonicalId);
    expect((await open().find(key.canonicalId))?.canonicalId).toBe(key.canonicalId);
  });

  it('leaves a file of the same key as it is', async () => {
    await store.add(key, { role: 'alice' });
    const before = await readFile(privateFile(key.canonicalId));
    await open().add(key, { role: 'bob' });
    expect(await readFile(privateFile(key.canonicalId))).toEqual(before);
  });

  it('does not count as kept when the file that is there does not open', async () => {
    await put(`${key.canonicalId}.key`, encodeKeyFile(key, { role: 'alice', passphrase: 'of someone else' }));
    expect((await rejecting(store.add(key, { role: 'alice' })))?.code).toBe('wrong_passphrase');
  });

  it('never replaces another key under its name', async () => {
    const text = encodeKeyFile(PrivateKey.generate(), { role: 'alice', passphrase: 'repo pass' });
    await put(`${key.canonicalId}.key`, text);
    expect((await rejecting(store.add(key, { role: 'alice' })))?.code).toBe('wrong_key_file');
    expect(await readFile(privateFile(key.canonicalId), 'utf8')).toBe(text);
  });

  it('needs a passphrase, and names the variable', async () => {
    const error = await rejecting(open({}).add(key, { role: 'targets', gun: GUN }));
    expect(error?.code).toBe('passphrase_missing');
    expect(wordsOf(error)).toContain('DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE');
    await expect(stat(directory)).rejects.toThrow();
  });

  it('is refused where nothing can be written, naming the place', async () => {
    await writeFile(join(directory), '');
    const error = await rejecting(store.add(key, { role: 'alice' }));
    expect(error?.code).toBe('trust_store_failed');
    expect(wordsOf(error)).toContain(directory);
  });

  it('may be added by several at once', async () => {
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => open().add(key, { role: 'alice' })));
    expect(await readdir(join(directory, 'private'))).toEqual([`${key.canonicalId}.key`]);
    expect((await open().load(key.canonicalId)).canonicalId).toBe(key.canonicalId);
  });
});

describe('when a key is looked for', () => {
  const key = PrivateKey.generate();
  const file = encodeKeyFile(key, { role: 'root', passphrase: 'root pass' });

  it('is told that it is not there', async () => {
    expect(await store.list()).toEqual([]);
    expect(await store.find(key.canonicalId)).toBeUndefined();
    const error = await rejecting(store.load(key.canonicalId));
    expect(error?.code).toBe('key_not_found');
    expect(wordsOf(error)).toContain(join(directory, 'private'));
  });

  it.each([
    ['no passphrase', {}, 'passphrase_missing'],
    ['an empty one', { DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: '' }, 'passphrase_missing'],
    ['a wrong one', { DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'not it' }, 'wrong_passphrase'],
  ])('is told of %s, with the file and what to set', async (_, variables, code) => {
    await put(`${key.canonicalId}.key`, file);
    const locked = open(variables);
    const error = await rejecting(locked.load(key.canonicalId));
    expect(error?.code).toBe(code);
    expect(wordsOf(error)).toContain(privateFile(key.canonicalId));
    expect(wordsOf(error)).toContain('DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE');
    expect(wordsOf(error)).not.toContain('not it');
    expect(await locked.find(key.canonicalId)).toBeUndefined();
    expect(wordsOf(await locked.whyNot(key.canonicalId))).toContain('DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE');
  });

  it('opens with a passphrase that is too short for a new one', async () => {
    const short = open({ DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'seven77' });
    expect((await rejecting(short.add(key, { role: 'root' })))?.code).toBe('passphrase_too_short');
    expect(await short.list()).toEqual([]);
    await put(`${key.canonicalId}.key`, encodeKeyFile(key, { role: 'root', passphrase: 'seven77' }));
    expect((await short.load(key.canonicalId)).canonicalId).toBe(key.canonicalId);
    await short.add(key, { role: 'root' });
  });

  it("finds docker's older layouts, and leaves out what is no key file", async () => {
    const [old, targets, bare] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
    await mkdir(join(directory, 'private', 'root_keys'), { recursive: true });
    await mkdir(join(directory, 'private', 'tuf_keys', GUN), { recursive: true });
    await put(`root_keys/${old.canonicalId}_root.key`, encodeKeyFile(old, { role: '', passphrase: 'root pass' }));
    const text = encodeKeyFile(targets, { role: '', passphrase: 'repo pass' });
    await put(`tuf_keys/${GUN}/${targets.canonicalId}_targets.key`, text);
    const plain = `-----BEGIN PRIVATE KEY-----\nrole: bob\n\n${bare.exportPkcs8().toString('base64')}\n-----END PRIVATE KEY-----\n`;
    await put(`${bare.canonicalId}.key`, plain);
    await put(`${'0'.repeat(64)}.key`, 'garbage');
    await put('notes.txt', 'x');
    const found = await store.list();
    expect(found.map(({ id, role, gun }) => [id, role, gun]).sort()).toEqual(
      [
        [old.canonicalId, 'root', undefined],
        [targets.canonicalId, 'targets', GUN],
        [bare.canonicalId, 'bob', undefined],
      ].sort(),
    );
    for (const { id } of found) expect((await store.load(id)).canonicalId).toBe(id);
    expect((await rejecting(store.load('0'.repeat(64))))?.code).toBe('malformed_pem');
    expect((await store.rootKey({ create: true })).canonicalId).toBe(old.canonicalId);
  });

  it('is told when the store cannot be read', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'private'), 'not a folder');
    const error = await rejecting(store.load(key.canonicalId));
    expect(error?.code).toBe('trust_store_failed');
    expect(wordsOf(error)).toContain('ENOTDIR');
  });

  it('is found while folders beside it come and go, such as the lock for a new root key', async () => {
    await put(`${key.canonicalId}.key`, file);
    const beside = join(directory, 'private', '.root-key.lock');
    const done = new AbortController();
    const others = (async () => {
      while (!done.signal.aborted) {
        await mkdir(beside);
        await rmdir(beside);
      }
    })();
    const found = new Set<number>();
    for (let round = 0; round < 300; round += 1) found.add((await store.list()).length);
    done.abort();
    await others;
    expect([...found]).toEqual([1]);
  });
});

describe('when the root key is asked for', () => {
  it.each<[string, string, (file: string) => Promise<void>]>([
    ['does not say what it is for', 'unknown_key_role', (path) => writeFile(path, encodeKeyFile(key, noRole))],
    ['cannot be opened', 'trust_store_failed', (path) => symlink(path, path)],
    ['is damaged', 'malformed_pem', (path) => writeFile(path, '-----BEGIN ENCRYPTED')],
  ])('none is made beside a file that %s: it may be the root key', async (_, code, put) => {
    await mkdir(join(directory, 'private'), { recursive: true });
    await put(privateFile(key.canonicalId));
    expect((await rejecting(store.rootKey({ create: true })))?.code).toBe(code);
    expect(await readdir(join(directory, 'private'))).toEqual([`${key.canonicalId}.key`]);
  });

  it('is never made silently', async () => {
    const error = await rejecting(store.rootKey());
    expect(error?.code).toBe('no_root_key');
    for (const word of [join(directory, 'private'), 'dct keys init', 'dct keys backup']) {
      expect(wordsOf(error)).toContain(word);
    }
  });

  it('is made when allowed, once, and is on disk', async () => {
    const key = await store.rootKey({ create: true });
    expect(await open().rootKey({ create: true })).toMatchObject({ canonicalId: key.canonicalId });
    expect(await open().list()).toMatchObject([{ id: key.canonicalId, role: 'root', gun: undefined }]);
    expect(await readdir(join(directory, 'private'))).toEqual([`${key.canonicalId}.key`]);
  });

  it('is one when several make it at once', async () => {
    const keys = await Promise.all([1, 2, 3, 4, 5, 6].map(() => open().rootKey({ create: true })));
    expect(new Set(keys.map(({ canonicalId }) => canonicalId)).size).toBe(1);
    expect(await open().list()).toHaveLength(1);
  });

  it('is chosen by ID where there are several', async () => {
    const [one, two] = [PrivateKey.generate(), PrivateKey.generate()];
    await store.add(one, { role: 'root' });
    await store.add(two, { role: 'root' });
    const error = await rejecting(store.rootKey());
    expect(error?.code).toBe('several_root_keys');
    for (const word of [one.canonicalId, two.canonicalId, 'name the one to use'])
      expect(wordsOf(error)).toContain(word);
    expect((await rejecting(store.rootKey({ create: true })))?.code).toBe('several_root_keys');
    expect((await store.rootKey({ rootKeyId: two.canonicalId })).canonicalId).toBe(two.canonicalId);
    expect((await rejecting(store.rootKey({ rootKeyId: 'ff' })))?.code).toBe('key_not_found');
  });

  it('leaves nothing behind when there is no passphrase to keep it with', async () => {
    expect((await rejecting(open({}).rootKey({ create: true })))?.code).toBe('passphrase_missing');
    expect(await readdir(join(directory, 'private'))).toEqual([]);
  });
});

describe('when keys come from several places', () => {
  it('finds those of the store and those given', async () => {
    const [stored, given, absent] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
    await store.add(stored, { role: 'alice' });
    const keys = keysAtHand(store, [given]);
    expect(await keys.find(stored.canonicalId)).toBe(stored);
    expect(await keys.find(given.canonicalId)).toBe(given);
    expect(await keys.find(absent.canonicalId)).toBeUndefined();
    expect(await keys.whyNot?.(given.canonicalId)).toBeUndefined();
    expect(wordsOf(await keys.whyNot?.(absent.canonicalId))).toContain(absent.canonicalId);
    expect(await keysAtHand(undefined).find(given.canonicalId)).toBeUndefined();
    expect(wordsOf(await keysAtHand(undefined).whyNot?.(given.canonicalId))).toContain(given.canonicalId);
  });
});

describe("when docker's defaults are asked for", () => {
  it('has its folder and variables', () => {
    expect(dockerTrustDirectory({ DOCKER_CONFIG: '/d' })).toBe('/d/trust');
    expect(dockerTrustDirectory({})).toMatch(/\/\.docker\/trust$/);
    const passphrase = dockerPassphrases(env);
    expect(passphrase({ id: 'x', role: 'root', gun: undefined })).toBe('root pass');
    for (const role of ['targets', 'snapshot', 'alice', ''])
      expect(passphrase({ id: 'x', role, gun: GUN })).toBe('repo pass');
  });
});
