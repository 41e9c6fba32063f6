import { rm } from 'node:fs/promises';
import { byHand, changeTrust } from './by-hand';
import { PublicKey } from '../../src/notary';
import { provider, resource, type Changes, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_repository.it';

describe('dct_repository', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 2 })));
  afterAll(() => world.close());
  // Whatever a test leaves: no state, no trust data, and a trust store of its own for the next one.
  afterEach(async () => {
    await world.terraform.run('state', 'rm', ADDRESS);
    await byHand(world, (repository) => repository.deleteTrustData());
    await rm(world.trustStore, { recursive: true, force: true });
  });

  const configure = (settings: Settings = {}, changes: Changes = {}): Promise<void> =>
    world.terraform.configure(
      provider(world, changes) + resource('repository', 'it', { name: 'admin/trustdemo', ...settings }),
    );
  const apply = async (settings?: Settings): Promise<void> => {
    await configure(settings);
    await world.terraform.must(world.terraform.apply());
    await world.terraform.expectNoChanges();
  };
  const values = async () => (await world.terraform.state()).get(ADDRESS)?.values;
  const trustData = (name = 'admin/trustdemo') => byHand(world, (repository) => repository.read(), { name });

  it('is known by its GUN before it is applied, and makes trust data with the root key of the store', async () => {
    await configure();
    const { terraform, gun } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.after).toMatchObject({ gun, id: gun, on_destroy: 'keep', snapshot_managed_by: 'server' });
    expect(change.unknown).toEqual({ renewal_due: true, root_key_ids: true, targets_key_id: true });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    const data = await trustData();
    expect(await values()).toEqual({
      name: 'admin/trustdemo',
      gun,
      id: gun,
      on_destroy: 'keep',
      adopt_existing: false,
      expected_root_key_ids: null,
      when_lost: 'error',
      min_validity_days: 30,
      renewal_due: false,
      rotate: null,
      snapshot_managed_by: 'server',
      root_key_ids: data?.rootKeyIds,
      targets_key_id: data?.targetsKeyId,
    });
  });

  it('takes name and GUN for the same, and keeps what the state has', async () => {
    await apply();
    await configure({ name: world.gun });
    await world.terraform.expectNoChanges();
    expect(await values()).toMatchObject({ name: 'admin/trustdemo' });
  });

  it('changes on_destroy in the state only', async () => {
    await apply();
    await configure({ on_destroy: 'delete' });
    const { terraform } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect([change.actions, changed(change)]).toEqual([['update'], ['on_destroy']]);
    forget(world);
    await terraform.must(terraform.applyPlan());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
  });

  it('is replaced by another name, which keeps the trust data of the old one', async () => {
    await apply();
    await configure({ name: 'admin/unsigned', on_destroy: 'delete' });
    const { terraform } = world;
    expect(changeOf(await terraform.must(terraform.plan()), ADDRESS)).toMatchObject({
      actions: ['delete', 'create'],
      reason: 'replace_because_cannot_update',
      replacePaths: [['name']],
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(await trustData()).toBeDefined();
    await terraform.must(terraform.destroy());
    expect(await trustData('admin/unsigned')).toBeUndefined();
  });

  it.each([
    ['new', false, 'A new repository has its snapshot signed by the server'],
    ['existing', true, 'is managed by the server'],
  ])('refuses at plan to manage the snapshot of a %s repository here', async (_, exists, why) => {
    if (exists) await apply();
    await configure({ snapshot_managed_by: 'client' });
    const plan = await world.terraform.plan();
    expect(complaints(plan)).toContain(why);
    expect(plan.errors[0]?.snippet?.code).toContain('snapshot_managed_by');
  });

  it('says that trust data which is gone is lost, instead of making new', async () => {
    await apply();
    await byHand(world, (repository) => repository.deleteTrustData());
    const plan = await world.terraform.plan();
    expect(complaints(plan)).toMatch(/has no trust data any more, but the state knows it rooted in [0-9a-f]{64}/);
    expect(complaints(plan)).toContain('terraform state rm');
    forget(world);
    expect(await world.terraform.apply()).toMatchObject({ ok: false });
    expect(writes(world)).toEqual([]);
    await world.terraform.run('state', 'rm', ADDRESS);
    await apply();
  });

  it('says that trust data under another root is another’s', async () => {
    await apply();
    await rm(world.trustStore, { recursive: true });
    await byHand(world, async (repository, store) => {
      await repository.deleteTrustData();
      await repository.initialise({
        rootKey: () => store.rootKey({ create: true }),
        add: (key, about) => store.add(key, about),
      });
    });
    const plan = await world.terraform.plan();
    expect(complaints(plan)).toContain('(unpinned_root)');
  });

  it.each([
    ['GUN', () => world.gun],
    ['name', () => 'admin/trustdemo'],
  ])('imports by %s to the same state', async (_, id) => {
    await apply();
    const before = await values();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    expect(await terraform.import(ADDRESS, id())).toMatchObject({ ok: true });
    expect(await values()).toEqual(before);
    await terraform.expectNoChanges();
  });

  it('is made out of a blank one of ours, as after a killed apply, without sending anything', async () => {
    await apply();
    const { terraform } = world;
    const before = await values();
    await terraform.run('state', 'rm', ADDRESS);
    forget(world);
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    expect(await values()).toEqual(before);
    await terraform.expectNoChanges();
  });

  it.each([
    [
      'of ours that is in use',
      async () => {
        const keys = [PublicKey.fromPem(await world.pem('cluster2', 'cert.pem'), { label: 'cert' })];
        await changeTrust(world, (draft) => draft.addSigner('alice', keys));
      },
    ],
    ['of somebody else', () => rm(world.trustStore, { recursive: true })],
  ])('refuses trust data %s, with the import block', async (_, happen) => {
    await apply();
    const { terraform, gun } = world;
    await happen();
    await terraform.run('state', 'rm', ADDRESS);
    forget(world);
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toMatch(/has trust data already, rooted in [0-9a-f]{64}/);
    expect(complaints(outcome)).toContain(`import {\n  to = dct_repository.NAME\n  id = "${gun}"\n}`);
    expect(writes(world)).toEqual([]);
    await terraform.configure(
      `${provider(world)}${resource('repository', 'it', { name: 'admin/trustdemo' })}
       import {
         to = ${ADDRESS}
         id = "${gun}"
       }`,
    );
    const plan = await terraform.must(terraform.plan());
    expect(changeOf(plan, ADDRESS)).toMatchObject({ importing: true });
    expect(actions(plan)).toEqual([]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('leaves the keys in the store when the trust data is deleted', async () => {
    await apply({ on_destroy: 'delete' });
    const ids = async () => byHand(world, async (_, store) => (await store.list()).map(({ id }) => id).sort());
    const before = await ids();
    await world.terraform.must(world.terraform.destroy());
    expect(await trustData()).toBeUndefined();
    expect(await ids()).toEqual(before);
  });
});
