import { rm } from 'node:fs/promises';
import { PrivateKey, PublicKey } from '../../src/notary';
import { rootCertificate } from '../../src/notary/keys';
import { allKinds } from './all-kinds';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { changeOf, complaints, forget, writes } from './observed';
import { type Step, steps } from './steps';
import { World } from './world';

const ADDRESS = 'dct_repository.it';

describe('dct_repository', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 2 })));
  afterAll(() => world.close());

  const repository = (settings: Settings = {}): string =>
    resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete', ...settings });
  const importing = (): string => `import {\n  to = ${ADDRESS}\n  id = "${world.gun}"\n}\n`;
  const forgotten = () => world.terraform.run('state', 'rm', ADDRESS);
  const trustData = (name = 'admin/trustdemo') => byHand(world, (each) => each.read(), { name });
  const deleted = (name = 'admin/trustdemo') => byHand(world, (each) => each.deleteTrustData(), { name });
  const storeKeys = () => byHand(world, async (_, store) => (await store.list()).map(({ id }) => id).sort());
  const applied = async (resources: string) => {
    await world.terraform.configure(provider(world) + resources);
    return world.terraform.apply();
  };

  it('is known by its GUN before it is applied, and makes trust data with the root key of the store', async () => {
    const { gun } = world;
    const usual = { on_destroy: 'keep', when_lost: 'error', min_validity_days: 30 };
    await steps(world, [
      {
        resources: repository({ on_destroy: null }),
        plan: (plan) => {
          const { after, unknown } = changeOf(plan, ADDRESS);
          expect(after).toMatchObject({ gun, id: gun, on_destroy: 'keep', snapshot_managed_by: 'server' });
          expect(unknown).toEqual({ renewal_due: true, root_key_ids: true, targets_key_id: true });
        },
        check: async (state) => {
          const data = await trustData();
          expect(state.get(ADDRESS)?.values).toEqual({
            name: 'admin/trustdemo',
            gun,
            id: gun,
            ...usual,
            adopt_existing: false,
            expected_root_key_ids: null,
            renewal_due: false,
            rotate: null,
            snapshot_managed_by: 'server',
            root_key_ids: data?.rootKeyIds,
            targets_key_id: data?.targetsKeyId,
          });
        },
      },
      { resources: repository({ on_destroy: null, name: gun }), same: true },
      { resources: repository({ on_destroy: null, snapshot_managed_by: 'server' }), same: true },
      {
        resources: repository({ snapshot_managed_by: 'client' }),
        error: { text: /is managed by the server/, at: `${ADDRESS} snapshot_managed_by` },
      },
      { resources: repository() },
    ]);
  });

  it('has settings that stand in the state only: changing them sends nothing', async () => {
    let settings: Settings = {};
    const more = (name: string, value: () => Promise<Settings[string]> | Settings[string]): Step => ({
      before: async () => void (settings = { ...settings, [name]: await value() }),
      resources: () => repository(settings),
      planned: [`${ADDRESS} update`],
      changed: { [ADDRESS]: [name] },
      sent: [],
    });
    await steps(world, [
      { resources: repository() },
      more('adopt_existing', () => true),
      more('expected_root_key_ids', async () => (await trustData())?.rootKeyIds ?? []),
      more('when_lost', () => 'recreate'),
      more('min_validity_days', () => 60),
      more('on_destroy', () => 'keep'),
      more('on_destroy', () => 'delete'),
    ]);
  });

  it('is replaced by another name, which keeps the trust data of the old one', async () => {
    await steps(world, [
      { resources: repository({ on_destroy: 'keep' }) },
      {
        resources: repository({ name: 'admin/unsigned' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['name']]),
        planned: [`${ADDRESS} replace cannot_update`],
        check: async () => {
          expect(await trustData()).toBeDefined();
          await deleted();
        },
      },
    ]);
    expect(await trustData('admin/unsigned')).toBeUndefined();
  });

  it('takes what somebody rotated with the root it is known by, and needs nothing for it', async () => {
    const rotated = (): Promise<void> =>
      byHand(world, async (each, store) => {
        const [targets, root] = [PrivateKey.generate(), PrivateKey.generate()];
        await store.add(targets, { role: 'targets', gun: world.gun });
        await each.change((draft) =>
          draft.rotate({
            targets,
            root: { privateKey: root, publicKey: rootCertificate(root, world.gun, new Date()) },
          }),
        );
      });
    const provider = world.provider();
    const resources = allKinds({
      alice: { certificate: await world.pem('cluster2', 'cert.pem') },
      digest: await world.digest('1'),
    });
    const root = ['root_key_ids'];
    await steps(world, [
      { provider, resources },
      {
        before: rotated,
        provider,
        resources,
        drift: {
          [ADDRESS]: ['root_key_ids', 'targets_key_id'],
          'dct_signed_tag.it': root,
          'dct_signer_delegation.it': root,
        },
        planned: [],
        sent: [],
        check: async (state) => {
          const data = await trustData();
          expect(state.get(ADDRESS)?.values).toMatchObject({
            root_key_ids: data?.rootKeyIds,
            targets_key_id: data?.targetsKeyId,
          });
        },
      },
    ]);
  });

  it('takes a snapshot that somebody signs now, and hands it back to the server where that is wanted', async () => {
    const theirs = (): Promise<void> =>
      byHand(world, async (each, store) => {
        const snapshot = PrivateKey.generate();
        await store.add(snapshot, { role: 'snapshot', gun: world.gun });
        await each.change((draft) => draft.rotate({ snapshot: snapshot.publicKey }));
      });
    const manager = async () => (await trustData())?.snapshotManagedBy;
    const drift = { [ADDRESS]: ['snapshot_managed_by'] };
    await steps(world, [
      { resources: repository() },
      {
        before: theirs,
        resources: repository(),
        drift,
        planned: [],
        sent: [],
        check: async () => expect(await manager()).toBe('client'),
      },
      {
        resources: repository({ snapshot_managed_by: 'server' }),
        planned: [`${ADDRESS} update`],
        changed: drift,
        check: async () => expect(await manager()).toBe('server'),
      },
      {
        before: theirs,
        resources: repository({ snapshot_managed_by: 'server' }),
        drift,
        planned: [`${ADDRESS} update`],
        check: async () => expect(await manager()).toBe('server'),
      },
    ]);
  });

  it('says that trust data which is gone is lost, and that what is under another root is another’s', async () => {
    const { terraform } = world;
    await steps(world, [
      { resources: repository() },
      {
        before: () => deleted(),
        resources: repository(),
        error: {
          text: /has no trust data any more, but the state knows it rooted in [0-9a-f]{64}[^]*terraform state rm/,
          at: ADDRESS,
        },
      },
      { before: forgotten, resources: repository(), planned: [`${ADDRESS} create`] },
      {
        before: async () => {
          await rm(world.trustStore, { recursive: true });
          await byHand(world, async (each, store) => {
            await each.deleteTrustData();
            await each.initialise({
              rootKey: () => store.rootKey({ create: true }),
              add: (key, about) => store.add(key, about),
            });
          });
        },
        resources: repository(),
        error: { text: /\(unpinned_root\)/, at: ADDRESS },
      },
      // As a registry that was set up anew: it is told of, and taken over by an import.
      {
        before: forgotten,
        resources: repository() + importing(),
        planned: [`${ADDRESS} update`],
        changed: {},
      },
    ]);
    expect((await terraform.state()).size).toBe(0);
  });

  it('imports by GUN and by name to the same state; a blank one of ours is taken, as after a killed apply', async () => {
    const { terraform } = world;
    await steps(world, [
      {
        resources: repository(),
        check: async (state) => {
          const before = state.get(ADDRESS)?.values;
          for (const id of [world.gun, 'admin/trustdemo']) {
            await forgotten();
            expect(await terraform.import(ADDRESS, id)).toMatchObject({ ok: true });
            expect((await terraform.state()).get(ADDRESS)?.values).toEqual({ ...before, on_destroy: 'keep' });
          }
          await forgotten();
          forget(world);
          await terraform.must(terraform.apply());
          expect(writes(world)).toEqual([]);
          expect((await terraform.state()).get(ADDRESS)?.values).toEqual(before);
        },
      },
    ]);
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
    await steps(world, [
      { resources: repository() },
      {
        before: async () => {
          await happen();
          await forgotten();
          forget(world);
          const said = complaints(await applied(repository()));
          expect(said).toMatch(/has trust data already, rooted in [0-9a-f]{64}/);
          expect(said).toContain(importing().trim().replace(ADDRESS, 'dct_repository.NAME'));
          expect(writes(world)).toEqual([]);
        },
        resources: repository({ on_destroy: 'keep' }) + importing(),
        planned: [`${ADDRESS} import`],
        sent: [],
      },
      { resources: repository() },
    ]);
  });

  it('refuses at plan to manage the snapshot of a new repository here', async () => {
    await world.terraform.configure(provider(world) + repository({ snapshot_managed_by: 'client' }));
    const plan = await world.terraform.plan();
    expect(complaints(plan)).toContain('A new repository has its snapshot signed by the server');
    expect(plan.errors[0]?.snippet?.code).toContain('snapshot_managed_by');
  });

  it('leaves the keys in the store when the trust data is deleted', async () => {
    let before: readonly string[] = [];
    await steps(world, [{ resources: repository(), check: async () => void (before = await storeKeys()) }]);
    expect(await trustData()).toBeUndefined();
    expect(await storeKeys()).toEqual(before);
  });
});
