import { rename, rm, writeFile } from 'node:fs/promises';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand } from './by-hand';
import { type Changes, provider, type Settings } from './configuration';
import { keyFiles, LocalFiles } from './local-files';
import { actions, complaints, forget, warningsOf, writes } from './observed';
import { enforcing, trusted } from './topology';
import { World } from './world';
import { hostileZip } from './zips';

describe('what lies on this machine', () => {
  let world: World;
  let files: LocalFiles;
  let alice: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    files = await LocalFiles.of(world);
    alice = await makeCertificate();
  });
  afterAll(async () => {
    await files.close();
    await world.close();
  });

  const whole = (settings?: Settings): string =>
    trusted(alice.certificate, settings) + enforcing('cluster2', 'cluster3');
  const configure = async (changes: Changes, resources = whole()): Promise<void> => {
    await world.terraform.configure(provider(world, changes) + resources);
    forget(world);
  };
  const bundleOf = (path: string): Changes => ({ clusters: { cluster3: { client_bundle_path: path } } });
  /** Every request, also those that only read. */
  const requests = (): string[] => {
    const { dtr, clusters } = world.sandbox;
    const endpoints = [dtr.endpoint, ...clusters.map(({ name }) => world.sandbox.ucp(name).endpoint)];
    return endpoints.flatMap(({ requests: log }) => log.list().map(({ method, path }) => `${method} ${path}`));
  };

  describe('and has turned bad since the plan', () => {
    it.each([
      [
        'that was there',
        () => files.bundle(),
        async (path: string) => writeFile(`${path}/cert.pem`, 'not a certificate'),
      ],
      ['that was not there yet', () => files.path('cluster3.zip'), hostileZip],
    ])('keeps an apply from sending anything: a bundle %s', async (_, make, spoil) => {
      const path = await make();
      await configure(bundleOf(path));
      const plan = await world.terraform.must(world.terraform.outline());
      expect(warningsOf(plan)).toBe('');
      await spoil(path);
      forget(world);
      const applied = await world.terraform.applyPlan();
      expect(applied.errors.map(({ address }) => address).sort()).toEqual([
        'dct_repository.it',
        'dct_trusted_registry.cluster2',
        'dct_trusted_registry.cluster3',
      ]);
      for (const { summary, detail } of applied.errors) {
        expect(summary).toContain(path);
        expect(detail).toContain('The path is that of clusters.cluster3.client_bundle_path');
      }
      // The plan tries the CA before, and looks for trust data, as it does without any of this.
      const service = encodeURIComponent(world.sandbox.registry.hostAddress);
      const scope = encodeURIComponent(`repository:${world.gun}:pull`);
      const looks = ['root', 'timestamp'].map((role) => `GET /v2/${world.gun}/_trust/tuf/${role}.json`);
      const asked = ['GET /v2/', `GET /auth/token?service=${service}&scope=${scope}&account=admin`, ...looks, ...looks];
      expect(requests().sort()).toEqual(asked.sort());
      expect((await world.terraform.state()).size).toBe(0);
    });
  });

  it('may be made by the same apply: a missing bundle is nothing to a plan, a missing trust store a warning', async () => {
    const directory = await files.path('trust');
    await configure({
      ...bundleOf(await files.path('cluster3')),
      trustStore: { directory, create_root_key: false },
    });
    const plan = await world.terraform.must(world.terraform.outline());
    expect(warningsOf(plan)).toBe(
      `There is no trust store at ${directory}\nNew trust data begins with a root key, which the apply takes from there. ` +
        'Unless something puts it there before: copy the root key of your organisation to ' +
        `${directory}/private (<key ID>.key), or make one on a machine you keep (dct keys init); trust_store.directory names ` +
        'another place.',
    );
    expect(writes(world)).toEqual([]);
  });

  it('is not needed for trust data that is there already', async () => {
    const trustStore = { directory: await files.store(0), create_root_key: false };
    const { rootKeyIds } = await byHand(world, (repository, store) =>
      repository.initialise({
        rootKey: () => store.rootKey({ create: true }),
        add: (key, about) => store.add(key, about),
      }),
    );
    await configure(
      { trustStore },
      trusted(alice.certificate, { adopt_existing: true, expected_root_key_ids: rootKeyIds }),
    );
    await world.terraform.must(world.terraform.outline());
    // What there is of others is said at apply, and is no reason to make a root key.
    await configure({ trustStore }, trusted(alice.certificate));
    await world.terraform.must(world.terraform.outline());
    expect(complaints(await world.terraform.apply())).toContain('(already_exists)');
    expect(writes(world)).toEqual([]);
    await byHand(world, (repository) => repository.deleteTrustData());
  });

  it('has to be there for trust data that is made anew, and not for what is destroyed', async () => {
    const { terraform } = world;
    const directory = await files.store(1);
    const path = await files.bundle();
    const changes = { ...bundleOf(path), trustStore: { directory, create_root_key: false } };
    await configure(changes, trusted(alice.certificate, { when_lost: 'recreate' }) + enforcing('cluster2'));
    await terraform.must(terraform.apply());

    const [root = ''] = await rootFile(directory);
    await rename(root, `${root}-aside`);
    const replaced = await terraform.outline('-replace=dct_repository.it');
    expect(complaints(replaced)).toMatch(/^There is no root key in .*\(no_root_key\)$/s);
    await rename(`${root}-aside`, root);

    // Of cluster3 there is nothing in the state.
    await writeFile(`${path}/cert.pem`, 'not a certificate');
    expect(actions(await terraform.must(terraform.plan()))).toEqual([]);
    await configure(changes, whole({ when_lost: 'recreate' }));
    expect(complaints(await terraform.destroy())).toMatch(/use -refresh=false\n\(bundle_malformed\)$/);
    expect(writes(world)).toEqual([]);
    await terraform.must(terraform.destroy('-refresh=false'));
    expect((await terraform.state()).size).toBe(0);
    await rm(path, { recursive: true });
  });

  const rootFile = async (store: string): Promise<string[]> => {
    const { root_key_ids: ids } = (await world.terraform.state()).get('dct_repository.it')?.values ?? {};
    return (await keyFiles(store)).filter((file) => file.includes(String(ids)));
  };
});
