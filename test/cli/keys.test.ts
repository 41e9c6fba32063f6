import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as backupFile from '../../src/cli/keys/backup-file';
import { dockerPassphrases, PrivateKey, TrustStore } from '../../src/notary';
import { encodeKeyFile } from '../../src/notary/keys';
import { makeCertificate } from '../notary/certificates';
import { dct, type Run } from './a-terminal';
import { type Person, person, sha256Of, startWorld, type World } from './a-world';

/** Dozens of guesses that cost what they shall would take most of the time here. */
jest.mock('../../src/cli/keys/backup-file', () => {
  const actual = jest.requireActual<typeof backupFile>('../../src/cli/keys/backup-file');
  const sealBackup: typeof backupFile.sealBackup = (backup, passphrase) =>
    actual.sealBackup(backup, passphrase, { N: 2 ** 10, r: 8, p: 1 });
  return { ...actual, sealBackup };
});

interface Listed {
  readonly keys: readonly {
    readonly id: string;
    readonly role: string;
    readonly gun: string | null;
    readonly path: string | null;
    readonly encrypted: boolean;
    readonly algorithm: string | null;
    readonly opens: boolean | null;
  }[];
  readonly needs: readonly { readonly repository: string; readonly role: string; readonly at: string | null }[];
  readonly withoutTrustData: readonly string[];
  readonly unread: readonly { readonly repository: string; readonly error: string }[];
  readonly ifLost: readonly { readonly repository: string; readonly effect: string }[];
}

let world: World;
let [alice, bob]: Person[] = [];
let topology: string;

const repositories = `
[repositories."admin/demo"]
signers = ["c2/alice", "c2/bob"]
[repositories."admin/demo".tags."1"]
digest = "sha256:${sha256Of(1)}"
signed_by = ["c2/alice", "c2/bob"]
[repositories."admin/new"]
signers = ["c2/alice"]
`;

beforeAll(async () => {
  [alice, bob] = [await person('alice'), await person('bob')];
  world = await startWorld([alice, bob]);
  await world.file('alice.pem', alice.certificate);
  await world.file('alice.key', alice.privateKey);
  await world.file('bob.pem', bob.certificate);
  topology = await world.topology(
    'topology.toml',
    `[clusters.c2]\nendpoint = "https://c2.example.com"\n` +
      `[clusters.c2.signers.alice]\npublic_keys = ["alice.pem"]\nprivate_key_path = "alice.key"\n` +
      `[clusters.c2.signers.bob]\npublic_keys = ["bob.pem"]\n${repositories}`,
  );
  await world.repository('admin/demo', async (draft) => {
    draft.addSigner('alice', [alice!.key]);
    draft.addSigner('bob', [bob!.key]);
    await draft.signTag('alice', '1', { sha256: sha256Of(1), length: 1 });
  });
});

afterAll(() => world.close());

function keys(...args: string[]): Promise<Run> {
  return dct(['keys', ...args], { environment: world.environment });
}

async function list(...args: string[]): Promise<Listed & { readonly code: number }> {
  const { code, out, err } = await keys('list', ...args, '--json');
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as Listed) };
}

async function files(store: string): Promise<Record<string, string>> {
  const names = await readdir(join(store, 'private')).catch(() => []);
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await readFile(join(store, 'private', name), 'utf8')])),
  ) as Record<string, string>;
}

const folder = (name: string): string => join(world.directory, name);

test('a trust store that is named and is not there is no empty one', async () => {
  const nowhere = join(world.directory, 'nowhere');
  const { code, err } = await dct(['keys', 'list', '--trust-store', nowhere]);
  expect(code).toBe(1);
  expect(err).toContain(`there is no folder ${nowhere}`);
});

describe('when the keys of a store are listed', () => {
  it('says what is there, and what only a passphrase would tell', async () => {
    const store = folder('mixed');
    const here = new TrustStore({ directory: store, passphrase: dockerPassphrases(world.environment) });
    const foreign = new TrustStore({ directory: store, passphrase: () => 'somebody else’s' });
    const [root, other, targets] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
    await here.add(root, { role: 'root' });
    await foreign.add(other, { role: 'root' });
    await here.add(targets, { role: 'targets', gun: 'dtr.example.com/admin/x' });
    const rsa = await makeCertificate({ kind: 'RSA-2048' });
    const bare = PrivateKey.fromPem(rsa.privateKey, { label: 'rsa' });
    const text = rsa.privateKey.replace('KEY-----\n', 'KEY-----\nrole: carol\npath: old/place\n\n');
    await writeFile(join(store, 'private', `${bare.canonicalId}.key`), text);

    const listed = await list('--trust-store', store);
    expect(listed.code).toBe(0);
    expect(listed.keys.filter(({ role }) => role === 'root')).toHaveLength(2);
    expect(listed.keys).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: root.canonicalId,
          gun: null,
          encrypted: true,
          algorithm: 'ECDSA P-256',
          opens: true,
        }),
        expect.objectContaining({ id: other.canonicalId, algorithm: null, opens: false }),
        expect.objectContaining({ id: targets.canonicalId, role: 'targets', gun: 'dtr.example.com/admin/x' }),
        expect.objectContaining({
          id: bare.canonicalId,
          role: 'carol',
          path: 'old/place',
          encrypted: false,
          algorithm: 'RSA 2048',
        }),
      ]),
    );
    expect(listed.ifLost).toEqual([{ repository: 'dtr.example.com/admin/x', effect: 'unknown_root' }]);
    for (const { canonicalId } of [root, other]) await rm(join(store, 'private', `${canonicalId}.key`));
    const { ifLost } = await list('--trust-store', store);
    expect(ifLost).toEqual([{ repository: 'dtr.example.com/admin/x', effect: 'until_rotated' }]);
  });

  it('several root keys are told, and what is odd about a file', async () => {
    const store = folder('odd');
    const here = new TrustStore({ directory: store, passphrase: dockerPassphrases(world.environment) });
    for (const key of [PrivateKey.generate(), PrivateKey.generate()]) await here.add(key, { role: 'root' });
    const { privateKey } = await makeCertificate({ kind: 'P-256' });
    const bare = PrivateKey.fromPem(privateKey, { label: 'bare' });
    const text = privateKey.replace('KEY-----\n', 'KEY-----\nrole: carol\npath: old/place\n\n');
    await writeFile(join(store, 'private', `${bare.canonicalId}.key`), text);
    const { out } = await keys('list', '--trust-store', store);
    expect(out).toContain('There are 2 root keys. New repositories need one to be named: root_key_id in trust_store.');
    expect(out).toMatch(/carol .* any \(path old\/place\) +ECDSA P-256 +NOT ENCRYPTED/);
  });

  it('says which keys a topology lacks, and what would be lost with the store', async () => {
    const listed = await list('--topology', topology);
    expect(listed.code).toBe(1);
    expect(listed.needs.map(({ role, at }) => [role, at])).toEqual([
      ['root', 'store'],
      ['targets', 'store'],
      ['alice', 'file'],
      ['bob', null],
    ]);
    expect(listed.withoutTrustData).toEqual([world.gun('admin/new')]);
    expect(listed.ifLost).toEqual([{ repository: world.gun('admin/demo'), effect: 'for_good' }]);
    const named = (await readFile(topology, 'utf8')).replace('[trust_store]', `$&\nroot_key_id = "${'a'.repeat(64)}"`);
    const other = await keys('list', '--topology', await world.file('named.toml', named));
    expect(other.out).toContain('there is no root key to make it with');
    const { out } = await keys('list', '--topology', topology);
    expect(out).not.toContain('to make it with');
    expect(out).toMatch(new RegExp(`${world.gun('admin/demo')} +bob +${bob!.key.canonicalId}\n`));
  });

  it('a targets or root key that is elsewhere is missed, and changes what would be lost', async () => {
    const { targetsKeyId, rootKeyIds } = await world.read('admin/demo');
    const key = (id: string): string => join(world.storeDirectory, 'private', `${id}.key`);
    for (const [id, role, effect] of [
      [targetsKeyId, 'targets', 'root_only'],
      [rootKeyIds[0]!, 'root', 'until_rotated'],
    ] as const) {
      await rename(key(id), folder('away'));
      const listed = await list('--topology', topology);
      await rename(folder('away'), key(id));
      expect(listed.needs.find((need) => need.role === role)?.at).toBeNull();
      expect(listed.ifLost).toEqual([{ repository: world.gun('admin/demo'), effect }]);
    }
  });

  it('trust data that cannot be read is said, and the rest is listed', async () => {
    const { code, out } = await dct(['keys', 'list', '--topology', topology], {
      environment: { ...world.environment, DCT_REGISTRY_PASSWORD: 'wrong' },
    });
    expect(code).toBe(1);
    expect(out).toMatch(/could not be read: .*\n/);
    expect(out).toContain('; here: DCT_REGISTRY_USERNAME and DCT_REGISTRY_PASSWORD\n');
    // What key files say is all that is known of it then.
    expect(out).toContain(`${world.gun('admin/demo')}  could not be changed, for good if its root key is here too`);
  });
});

describe('when keys are backed up', () => {
  const backup = (...args: string[]): Promise<Run> => keys('backup', ...args);
  const restore = (...args: string[]): Promise<Run> => keys('restore', ...args);

  it('a topology’s keys come back on another machine as they were, and only they', async () => {
    const stranger = PrivateKey.generate();
    await world.keep(stranger, { role: 'targets', gun: 'dtr.example.com/somebody/else' });
    const file = folder('topology.backup');
    const made = await backup(file, '--topology', topology);
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).toContain('1 other key of');
    expect(made.out).toContain(`Not in it: c2/alice’s key, ${folder('alice.key')} (--with-signing-keys).`);
    expect(made.out).toContain(`the bob key of ${world.gun('admin/demo')}, ${bob!.key.canonicalId}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    for (const open of ['PRIVATE', world.hostAddress, ...Object.keys(await files(world.storeDirectory))]) {
      expect(text).not.toContain(open.replace('.key', ''));
    }

    const elsewhere = folder('elsewhere');
    expect((await restore(file, '--trust-store', elsewhere)).out).toMatch(/Restored 2 keys of 2 into .*\.\n$/);
    const { [`${stranger.canonicalId}.key`]: leftOut, ...kept } = await files(world.storeDirectory);
    expect(leftOut).toBeDefined();
    expect(await files(elsewhere)).toEqual(kept);
    for (const name of Object.keys(kept))
      expect((await stat(join(elsewhere, 'private', name))).mode & 0o777).toBe(0o600);
    const again = await restore(file, '--trust-store', elsewhere);
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('Restored 0 keys of 2') as string]);
    const stranged = await dct(['keys', 'restore', file, '--trust-store', elsewhere], {
      environment: { ...world.environment, DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'that of this machine' },
    });
    const { rootKeyIds } = await world.read('admin/demo');
    expect(stranged.out).toContain(`Not opened by the passphrase that is set: root key ${rootKeyIds[0]!}.`);
  });

  it('a file that is there is replaced only when that is said', async () => {
    const file = folder('twice.backup');
    await writeFile(file, 'mine');
    const refused = await backup(file, '--trust-store', world.storeDirectory);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('is there already') as string]);
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await backup(file, '--trust-store', world.storeDirectory, '--force')).code).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const [name, says] of [
      ['no/such/folder', 'could not write'],
      ['trust', 'is a folder'],
    ] as const) {
      expect((await backup(folder(name), '--trust-store', world.storeDirectory)).err).toContain(says);
    }
  });

  it('signers’ keys that the topology names come into the store, encrypted as docker has it', async () => {
    const file = folder('signing.backup');
    expect((await backup(file, '--topology', topology, '--with-signing-keys')).code).toBe(0);
    const elsewhere = folder('signing');
    expect((await restore(file, '--trust-store', elsewhere)).code).toBe(0);
    const store = new TrustStore({ directory: elsewhere, passphrase: dockerPassphrases(world.environment) });
    const [found] = (await store.list()).filter(({ role }) => role === 'alice');
    expect(found).toMatchObject({ id: alice!.key.canonicalId, isEncrypted: true });
    await expect(store.load(alice!.key.canonicalId)).resolves.toBeDefined();

    // Now the store has it as well: it goes in once, as it lies there.
    const again = folder('again.backup');
    await backup(again, '--topology', topology, '--trust-store', elsewhere, '--with-signing-keys');
    const without = await backup(again, '--topology', topology, '--trust-store', elsewhere, '--force');
    expect(without.out).not.toContain('--with-signing-keys');
    expect((await restore(again, '--trust-store', folder('third'))).out).toContain('Restored 3 keys of 3');
    expect(await files(folder('third'))).toEqual(await files(elsewhere));
  });

  it('nothing that is there is overwritten, and one key that fails does not stop the others', async () => {
    const file = folder('all.backup');
    await backup(file, '--trust-store', world.storeDirectory);
    const elsewhere = folder('partly');
    await mkdir(join(elsewhere, 'private'), { recursive: true });
    const [first] = Object.keys(await files(world.storeDirectory));
    const other = encodeKeyFile(PrivateKey.generate(), { role: 'root', passphrase: 'another' });
    await writeFile(join(elsewhere, 'private', first!), other);
    const { code, out } = await restore(file, '--trust-store', elsewhere, '--json');
    const { keys: outcomes } = JSON.parse(out) as { keys: { id: string; outcome: string }[] };
    expect(code).toBe(0);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['other_file_there', 'restored', 'restored']);
    expect((await files(elsewhere))[first!]).toBe(other);
  });

  it('a wrong passphrase, or half a file, is refused with nothing written', async () => {
    const file = folder('whole.backup');
    await backup(file, '--trust-store', world.storeDirectory);
    const half = folder('half.backup');
    await writeFile(half, (await readFile(file, 'utf8')).slice(0, -40));
    for (const [from, passphrase, says] of [
      [file, 'not the passphrase', 'does not open: the passphrase is another one, or it was changed'],
      [half, 'a backup passphrase', 'is not a backup of keys, or not the whole of one'],
      [folder('missing.backup'), 'a backup passphrase', '(ENOENT)'],
    ] as const) {
      const { code, err } = await dct(['keys', 'restore', from, '--trust-store', folder('untouched')], {
        environment: { DCT_BACKUP_PASSPHRASE: passphrase },
      });
      expect([code, err]).toEqual([1, expect.stringContaining(says) as string]);
      expect(err).not.toContain(passphrase);
    }
    await expect(stat(folder('untouched'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('without a key there is nothing to back up', async () => {
    const { code, err } = await backup(folder('nothing.backup'), '--trust-store', folder('empty'));
    expect([code, err]).toEqual([1, expect.stringContaining('there is nothing to back up') as string]);
    await expect(stat(folder('nothing.backup'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
