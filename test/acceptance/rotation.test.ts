import { rm } from 'node:fs/promises';
import { PrivateKey, PublicKey } from '../../src/notary';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Changes, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_repository.it';

describe('rotation of keys', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 1 })));
  afterAll(() => world.close());
  afterEach(async () => {
    await world.terraform.run('state', 'rm', ADDRESS);
    await byHand(world, (repository) => repository.deleteTrustData());
    await rm(world.trustStore, { recursive: true, force: true });
  });

  const configure = (settings: Settings = {}, changes: Changes = {}, more = ''): Promise<void> =>
    world.terraform.configure(
      provider(world, changes) + resource('repository', 'it', { name: 'admin/trustdemo', ...settings }) + more,
    );
  const apply = async (settings: Settings = {}): Promise<void> => {
    await configure(settings);
    await world.terraform.must(world.terraform.apply());
  };
  const plan = () => world.terraform.must(world.terraform.plan());
  const values = async () => (await world.terraform.state()).get(ADDRESS)?.values;
  const keys = async (role: string) =>
    byHand(world, async (repository) => (await repository.read())!.trust.root.signed.roles.get(role)?.keyids);
  const storeKeys = () => byHand(world, async (_, store) => (await store.list()).map(({ id }) => id).sort());

  it.each([
    ['targets', ['targets_key_id']],
    ['snapshot', []],
    ['timestamp', []],
    ['root', ['root_key_ids']],
  ])('raising the counter of %s rotates that key, in place', async (role, unknown) => {
    await apply({ rotate: { [role]: 1 } });
    const before = await keys(role);
    await configure({ rotate: { [role]: 2 } });
    const planned = await plan();
    expect(actions(planned)).toEqual([`${ADDRESS} update`]);
    const change = changeOf(planned, ADDRESS);
    expect(changed(change)).toEqual([...unknown, 'rotate'].sort());
    expect(Object.keys(change.unknown).filter((name) => change.unknown[name] === true)).toEqual(unknown);
    const old = await values();
    await world.terraform.must(world.terraform.applyPlan());
    expect(await keys(role)).not.toEqual(before);
    const state = await values();
    for (const name of unknown) expect(state?.[name]).not.toEqual(old?.[name]);
    expect(await byHand(world, (repository) => repository.read())).toMatchObject({
      rootKeyIds: state?.['root_key_ids'],
      targetsKeyId: state?.['targets_key_id'],
    });
  });

  it('what it starts with rotates nothing, and nor does lowering; absent is 0', async () => {
    await apply({ rotate: { targets: 5 } });
    const first = await keys('targets');
    forget(world);
    await configure({ rotate: { targets: 3 } });
    expect(warningsOf(await plan())).toContain('rotate.targets goes down from 5 to 3. Only raising it rotates a key.');
    await apply({ rotate: { targets: 3 } });
    await apply({});
    expect(writes(world)).toEqual([]);
    expect(await keys('targets')).toEqual(first);
    await apply({ rotate: { targets: 1 } });
    expect(await keys('targets')).not.toEqual(first);
  });

  it('several at once are one publish', async () => {
    await apply({ rotate: { targets: 1 } });
    forget(world);
    await apply({ rotate: { root: 1, targets: 2, snapshot: 1, timestamp: 1 } });
    const tuf = `registry POST /v2/${world.gun}/_trust/tuf/`;
    // the first one twice: it is refused until there is a token for the scope *
    expect(writes(world)).toEqual(['snapshot.key', 'snapshot.key', 'timestamp.key', ''].map((name) => tuf + name));
  });

  it('an imported repository starts with what the configuration has', async () => {
    await apply();
    await world.terraform.run('state', 'rm', ADDRESS);
    await world.terraform.import(ADDRESS, world.gun);
    await configure({ rotate: { targets: 4 } });
    forget(world);
    const planned = await plan();
    expect(changed(changeOf(planned, ADDRESS))).toEqual(['rotate']);
    expect(warningsOf(planned)).toContain(`No key of ${world.gun} is rotated`);
    await apply({ rotate: { targets: 4 } });
    expect(writes(world)).toEqual([]);
    await apply({ rotate: { targets: 5 } });
    expect(writes(world)).toHaveLength(1);
  });

  it('a counter that is known only at apply may rotate, and the plan says so', async () => {
    await apply({ rotate: { targets: 1 } });
    const before = await keys('targets');
    const counter = 'resource "terraform_data" "counter" {\n  input = 2\n}\n';
    await configure({ rotate: { targets: '${terraform_data.counter.output}' } }, {}, counter);
    expect(changeOf(await plan(), ADDRESS).unknown).toMatchObject({ targets_key_id: true });
    await world.terraform.must(world.terraform.applyPlan());
    expect(await keys('targets')).not.toEqual(before);
    await world.terraform.run('state', 'rm', 'terraform_data.counter');
  });

  it('refuses counters that count nothing', async () => {
    await configure({ rotate: { targets: 1.5, root: -1 } });
    const outcome = await world.terraform.plan();
    expect(complaints(outcome)).toContain('must be a whole number, 0 or more');
    expect(outcome.errors).toHaveLength(2);
  });

  it('signers and what is signed stay, and are read by who knew the old root', async () => {
    const alice = PrivateKey.generate();
    await apply();
    const keysOf = [PublicKey.fromPem(alice.publicKey.toPem() ?? '', { label: 'alice' })];
    await changeTrust(world, (draft) => draft.addSigner('alice', keysOf));
    const old = (await values())?.['root_key_ids'] as string[];
    await apply({ rotate: { root: 1, targets: 1 } });
    const data = await byHand(world, (repository) => repository.read({ expectedRootKeyIds: old }));
    expect(data?.signers.map(({ name }) => name)).toEqual(['alice']);
  });

  describe('the next root key', () => {
    it('is made where that is allowed, and the user told to keep it and name it', async () => {
      await apply();
      const before = await storeKeys();
      await configure({ rotate: { root: 1 } });
      const said = warningsOf(await world.terraform.must(world.terraform.apply()));
      const [made] = (await storeKeys()).filter((id) => !before.includes(id));
      expect((await values())?.['root_key_ids']).toEqual([made]);
      expect(said).toContain(`A new root key was made: ${made}`);
      expect(said).toContain(`trust_store.root_key_id = "${made}"`);
    });

    it('is the one that is named', async () => {
      await apply();
      const next = PrivateKey.generate();
      await byHand(world, (_, store) => store.add(next, { role: 'root' }));
      await configure({ rotate: { root: 1 } });
      expect(complaints(await world.terraform.plan())).toContain('has several root keys');
      const trustStore = { root_key_id: next.canonicalId, create_root_key: false };
      const before = await storeKeys();
      await configure({ rotate: { root: 1 } }, { trustStore });
      await world.terraform.must(world.terraform.apply());
      expect((await values())?.['root_key_ids']).toEqual([next.canonicalId]);
      expect(await storeKeys()).toEqual(before);
    });

    it('is not made where that is not allowed: the plan says so', async () => {
      await apply();
      await configure({ rotate: { root: 1 } }, { trustStore: { create_root_key: false } });
      const outcome = await world.terraform.plan();
      expect(complaints(outcome)).toContain('no root key in');
      expect(complaints(outcome)).toContain('to rotate to');
      expect(complaints(outcome)).toContain('trust_store.create_root_key = true');
      expect(outcome.errors[0]?.snippet?.code).toContain('rotate');
    });

    it('is one for all repositories of an apply', async () => {
      const two = (rotate: Settings) =>
        resource('repository', 'other', { name: 'admin/unsigned', on_destroy: 'delete', ...rotate });
      await configure({}, {}, two({}));
      await world.terraform.must(world.terraform.apply());
      const before = await storeKeys();
      await configure({ rotate: { root: 1 } }, {}, two({ rotate: { root: 1 } }));
      await world.terraform.must(world.terraform.apply());
      expect((await storeKeys()).length).toBe(before.length + 1);
      await world.terraform.must(world.terraform.destroy('-target=dct_repository.other'));
    });
  });

  describe('when it cannot be', () => {
    it.each(['root', 'targets', 'timestamp'])('%s: without the root key that is an error at plan', async (role) => {
      await apply();
      const [rootKeyId] = (await values())?.['root_key_ids'] as string[];
      await configure({ rotate: { [role]: 1 } }, { trustStore: { directory: `${world.directory}/empty` } });
      const outcome = await world.terraform.plan();
      expect(complaints(outcome)).toMatch(
        new RegExp(`The key of ${role} cannot be rotated: root of .* has to be signed, .*${rootKeyId}`, 'i'),
      );
      expect(outcome.errors[0]?.snippet?.code).toContain('rotate');
    });

    it('the server does not let this user: the error names the role and who may', async () => {
      await apply();
      world.sandbox.dtr.endpoint.faults.add({
        match: { method: 'POST', path: '^.*timestamp\\.key$' },
        kind: 'status',
        status: 403,
        count: 2,
      });
      const before = await storeKeys();
      await configure({ rotate: { timestamp: 1, targets: 1 } });
      const outcome = await world.terraform.apply();
      expect(complaints(outcome)).toContain(`Not allowed to rotate the timestamp key of ${world.gun}`);
      expect(complaints(outcome)).toContain('takes the scope "*"');
      expect(complaints(outcome)).toContain('an administrator of the repository');
      expect(await storeKeys()).toEqual(before);
    });
  });

  describe('a snapshot that a client signs', () => {
    /** As `notary init` makes one; adopted. */
    const adopt = async (): Promise<Settings> => {
      const rootKeyIds = await byHand(world, async (repository, store) => {
        const snapshotKey = PrivateKey.generate();
        const root = {
          rootKey: () => store.rootKey({ create: true }),
          add: (...args: Parameters<typeof store.add>) => store.add(...args),
        };
        await repository.initialise(root);
        await store.add(snapshotKey, { role: 'snapshot', gun: world.gun });
        const data = await repository.change((draft) => draft.rotate({ snapshot: snapshotKey.publicKey }));
        return data.rootKeyIds;
      });
      const settings = { adopt_existing: true, expected_root_key_ids: rootKeyIds };
      await apply(settings);
      expect(await values()).toMatchObject({ snapshot_managed_by: 'client' });
      return settings;
    };

    it('is handed over to the server, in place, and cannot come back', async () => {
      const settings = await adopt();
      await configure({ ...settings, snapshot_managed_by: 'server' });
      const planned = await plan();
      expect(actions(planned)).toEqual([`${ADDRESS} update`]);
      expect(changed(changeOf(planned, ADDRESS))).toEqual(['snapshot_managed_by']);
      await world.terraform.must(world.terraform.applyPlan());
      expect(await values()).toMatchObject({ snapshot_managed_by: 'server' });
      await configure({ ...settings, snapshot_managed_by: 'client' });
      const refused = await world.terraform.plan();
      expect(complaints(refused)).toContain('is managed by the server, and stays so');
      expect(refused.errors[0]?.snippet?.code).toContain('snapshot_managed_by');
    });

    it('is found handed over when somebody else has done that', async () => {
      const settings = await adopt();
      const other = await world.anotherTerraform();
      const theirs = resource('repository', 'it', { name: 'admin/trustdemo', snapshot_managed_by: 'server' });
      await other.configure(`${provider(world)}${theirs}import {\n  to = ${ADDRESS}\n  id = "${world.gun}"\n}\n`);
      await other.must(other.apply());
      await other.close();
      await configure(settings);
      const found = await plan();
      expect(found.drift.map(changed)).toEqual([['snapshot_managed_by']]);
      expect(actions(found)).toEqual([]);
      await world.terraform.must(world.terraform.applyPlan());
    });

    it('is not rotated by a counter, which asks the server for a key', async () => {
      const settings = await adopt();
      await configure({ ...settings, rotate: { snapshot: 1 } });
      const refused = await world.terraform.plan();
      expect(complaints(refused)).toContain(`The snapshot of ${world.gun} is signed with a client’s key`);
      expect(complaints(refused)).toContain('snapshot_managed_by = "server"');
    });

    it('needs the root key for that', async () => {
      const settings = await adopt();
      const directory = `${world.directory}/empty`;
      await configure({ ...settings, snapshot_managed_by: 'server' }, { trustStore: { directory } });
      const refused = await world.terraform.plan();
      expect(complaints(refused)).toContain('key of snapshot cannot be rotated');
      expect(refused.errors[0]?.snippet?.code).toContain('snapshot_managed_by');
    });
  });
});
