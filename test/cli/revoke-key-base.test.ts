import { createPrivateKey } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaseRole, PublicKey, type TrustData, TrustRepository, TrustStore } from '../../src/notary';
import type { HandmadeKey, Json } from '../contract/handmade';
import { HandmadeRepository } from '../contract/repository';
import { of, type Report, reportOf, revokeKey, sign } from './a-revocation';
import { type Person, person, sha256Of, startWorld, type World } from './a-world';

let world: World;
let [alice, mallory, spare]: Person[] = [];

beforeAll(async () => {
  [alice, mallory, spare] = await Promise.all(['alice', 'mallory', 'spare'].map(person));
  world = await startWorld([alice!, mallory!, spare!]);
  for (const name of ['admin/one', 'admin/two', 'admin/snapshot', 'admin/own', 'admin/closed']) {
    await world.repository(name, async (draft) => {
      draft.addSigner('alice', [alice!.key]);
      await sign(draft, 'alice', '1', 1);
    });
  }
  world.publishes();
});

afterAll(() => world.close());

const where = (...names: string[]): string[] => [
  ...names.flatMap((name) => ['--repository', world.gun(name)]),
  ...['--ca', world.caFile, '--trust-store', world.storeDirectory],
];

function keyOf({ trust }: TrustData, role: BaseRole): string {
  const { keys, roles } = trust.root.signed;
  const object = keys.get(roles.get(role)?.keyids?.[0] ?? '');
  return object === undefined ? '' : PublicKey.fromDocument(object).canonicalId;
}

/** Seen, and vouched for where that is wanted. */
async function vouched(id: string, ...args: string[]): Promise<Report> {
  const shown = await reportOf(world, id, args);
  const hashes = shown.repositories.flatMap(({ vouch }) => (vouch ? ['--vouch', vouch] : []));
  expect(world.publishes()).toBe(0);
  return reportOf(world, id, [...args, ...hashes, '--yes']);
}

const filesOfStore = (): Promise<string[]> => readdir(join(world.storeDirectory, 'private'));

describe('when the key is in a base role', () => {
  it('a targets key: the list of signers is signed with a new one, once somebody has looked at it', async () => {
    const { targetsKeyId } = await world.read('admin/one');
    const shown = await reportOf(world, targetsKeyId, where('admin/one', 'admin/two'));
    expect([shown.code, of(world, shown, 'admin/two').status]).toEqual([1, 'absent']);
    expect(of(world, shown, 'admin/one')).toMatchObject({
      status: 'blocked',
      rotates: ['targets'],
      problem: { code: 'not_vouched_for' },
      signedAgain: [
        {
          role: 'targets',
          names: { 'targets/alice': [alice!.key.canonicalId], 'targets/releases': [alice!.key.canonicalId] },
        },
      ],
    });
    const { out } = await revokeKey(world, targetsKeyId, where('admin/one'));
    expect(out).toContain('it is the targets key: a new one would take its place');
    expect(out).toContain(`    targets/alice with the key ${alice!.key.canonicalId}  ONLY THIS KEY HAD SIGNED IT`);

    const done = await vouched(targetsKeyId, ...where('admin/one'));
    expect([done.code, world.publishes()]).toEqual([0, 1]);
    const after = await world.read('admin/one');
    expect(of(world, done, 'admin/one')).toMatchObject({ status: 'removed', newKeys: { targets: after.targetsKeyId } });
    expect(after.targetsKeyId).not.toBe(targetsKeyId);
    expect(await filesOfStore()).toContain(`${after.targetsKeyId}.key`);
    expect(after.signature('1', 'alice')?.isReleased).toBe(true);
    expect((await reportOf(world, targetsKeyId, where('admin/one'))).repositories[0]?.status).toBe('absent');
  });

  it('a snapshot key of a client goes to the server, or to another of the client’s', async () => {
    const store = new TrustStore({ directory: world.storeDirectory, passphrase: () => 'a repository passphrase' });
    for (const name of ['admin/snapshot', 'admin/own']) {
      await new TrustRepository(world.gun(name), world.options).takeOverSnapshot(store);
      const before = await world.read(name);
      world.publishes();
      const args = [...where(name), ...(name === 'admin/own' ? ['--own-snapshot-key'] : [])];
      const done = await vouched(keyOf(before, 'snapshot'), ...args);
      // The server makes its key first.
      expect([done.code, world.publishes()]).toEqual([0, name === 'admin/own' ? 1 : 2]);
      const after = await world.read(name);
      expect(after.snapshotManagedBy).toBe(name === 'admin/own' ? 'client' : 'server');
      expect(keyOf(after, 'snapshot')).not.toBe(keyOf(before, 'snapshot'));
      expect(after.signature('1', 'alice')?.isReleased).toBe(true);
    }
  });

  it('a timestamp key, which is the server’s, is made anew by the server', async () => {
    const before = await world.read('admin/two');
    const done = await vouched(keyOf(before, 'timestamp'), ...where('admin/two'));
    expect([done.code, world.publishes()]).toEqual([0, 2]);
    expect(keyOf(await world.read('admin/two'), 'timestamp')).not.toBe(keyOf(before, 'timestamp'));
  });

  it('without the key to sign that, or a passphrase for what has to be made, nothing is sent', async () => {
    const { targetsKeyId } = await world.read('admin/closed');
    const elsewhere = [
      '--repository',
      world.gun('admin/closed'),
      '--ca',
      world.caFile,
      '--trust-store',
      world.directory,
    ];
    const one = await reportOf(world, targetsKeyId, [...elsewhere, '--yes']);
    expect(of(world, one, 'admin/closed')).toMatchObject({ status: 'blocked', problem: { code: 'key_not_at_hand' } });
    const environment = { DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: '' };
    const other = await reportOf(world, targetsKeyId, [...where('admin/closed'), '--yes'], { environment });
    expect(of(world, other, 'admin/closed').problem).toMatchObject({ code: 'passphrase_missing' });
    expect([one.code, other.code, world.publishes()]).toEqual([1, 1, 0]);
  });

  it('a root key of several repositories: all go to one other, and each is one publish', async () => {
    const { rootKeyIds } = await world.read('admin/one');
    const [id] = rootKeyIds;
    const both = where('admin/one', 'admin/two');
    const none = await reportOf(world, id!, both);
    expect(none.repositories.map(({ problem }) => problem?.code)).toEqual(['no_next_root_key', 'no_next_root_key']);

    const done = await vouched(id!, ...both, '--create-root-key');
    expect([done.code, world.publishes()]).toEqual([0, 2]);
    const [one, two] = [await world.read('admin/one'), await world.read('admin/two')];
    expect(one.rootKeyIds).not.toEqual(rootKeyIds);
    expect(two.rootKeyIds).toEqual(one.rootKeyIds);
    expect([one, two].map((data) => data.signature('1', 'alice')?.isReleased)).toEqual([true, true]);
    // Whoever knows the old one follows; the next repository goes to what is there by now.
    const pinned = new TrustRepository(world.gun('admin/one'), world.options);
    expect((await pinned.read({ expectedRootKeyIds: rootKeyIds }))?.rootKeyIds).toEqual(one.rootKeyIds);
    const last = await vouched(id!, ...where('admin/own'));
    expect(of(world, last, 'admin/own').newKeys).toEqual({ root: one.rootKeyIds[0] });
  });
});

describe('when the key is in a delegation below a signer', () => {
  const handmade = ({ key, privateKey }: Person): HandmadeKey => {
    const { keytype, keyval } = key.toDocument();
    const object = { keytype, keyval: { private: null, public: keyval.public } };
    return { id: key.tufId, object, privateKey: createPrivateKey(privateKey) };
  };
  const role = (name: string, ...keys: HandmadeKey[]): Json => ({
    keyids: keys.map(({ id }) => id),
    name,
    paths: [''],
    threshold: 1,
  });
  const delegations = (keys: HandmadeKey[], ...roles: Json[]): Json => ({
    keys: Object.fromEntries(keys.map((key) => [key.id, key.object])),
    roles,
  });
  const tag = (name: string, byte: number) => ({
    targets: { [name]: { hashes: { sha256: Buffer.alloc(32, byte).toString('base64') }, length: byte } },
  });

  it('the file of the signer above is edited, and what was signed with it signed again, with that signer’s key', async () => {
    const [a, m, s] = [handmade(alice!), handmade(mallory!), handmade(spare!)];
    const made = await HandmadeRepository.create(world.wire, 'admin/nested');
    const ci = role('targets/alice/ci', m, s);
    const bot = role('targets/alice/bot', m);
    const reply = await made.publish({
      targets: made.targets(2, {
        change: { delegations: delegations([a], role('targets/alice', a), role('targets/releases', a)) },
      }),
      'targets/alice': made.targets(1, {
        keys: [a],
        change: { ...tag('1', 1), delegations: delegations([m, s], ci, bot) },
      }),
      'targets/releases': made.targets(1, { keys: [a], change: tag('1', 1) }),
      'targets/alice/ci': made.targets(1, { keys: [m], change: tag('deep', 2) }),
      'targets/alice/bot': made.targets(1, { keys: [m], change: tag('bot', 3) }),
    });
    expect([reply.status, reply.body]).toEqual([200, '']);
    world.publishes();
    const args = where('admin/nested');
    const store = new TrustStore({ directory: world.storeDirectory, passphrase: () => 'a repository passphrase' });
    const without = await reportOf(world, mallory!, [...args, '--yes']);
    expect(of(world, without, 'admin/nested')).toMatchObject({
      status: 'blocked',
      nested: [
        { role: 'targets/alice/ci', keysLeft: [spare!.key.canonicalId] },
        { role: 'targets/alice/bot', keysLeft: [] },
      ],
      problem: { code: 'key_not_at_hand', message: expect.stringContaining('targets/alice of') as string },
    });
    await store.add(alice!.secret, { role: 'alice' });
    // Nobody could sign again what ci has signed.
    const unsigned = await reportOf(world, mallory!, [...args, '--yes']);
    expect(of(world, unsigned, 'admin/nested').problem).toMatchObject({
      code: 'would_unsign',
      message: expect.stringContaining('targets/alice/ci: deep') as string,
    });
    expect(world.publishes()).toBe(0);

    await store.add(spare!.secret, { role: 'ci' });
    const done = await vouched(mallory!.key.canonicalId, ...args);
    expect([done.code, world.publishes()]).toEqual([0, 1]);
    expect(of(world, done, 'admin/nested').signedAgain).toMatchObject([
      { role: 'targets/alice', tags: { '1': `sha256:${sha256Of(1)}` }, onlyByTheKey: [] },
      { role: 'targets/alice/ci', tags: { deep: `sha256:${sha256Of(2)}` }, onlyByTheKey: ['deep'] },
    ]);
    const { trust } = await world.read('admin/nested');
    const left = [...trust.delegations.values()].map(({ role: name, keys, failure }) => [
      name,
      [...keys.keys()],
      failure,
    ]);
    expect(left).toEqual([
      ['targets/alice', [a.id], undefined],
      ['targets/releases', [a.id], undefined],
      ['targets/alice/ci', [s.id], undefined],
    ]);
    expect(trust.targets.signed.version).toBe(2);
  });
});
