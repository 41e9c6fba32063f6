import { readFileSync } from 'node:fs';
import { testAuthority } from '../support/certificates';
import { provider, resource, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_trusted_registry.it';

describe('dct_trusted_registry', () => {
  let world: World;
  let untouched: string;
  let otherCa: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    untouched = world.sandbox.ucp('cluster2').config;
    otherCa = (await testAuthority('Another CA')).certificate;
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await world.terraform.must(world.terraform.destroy());
    expect(world.sandbox.ucp('cluster2').config).toBe(untouched);
  });

  const configure = (settings: Settings = {}): Promise<void> =>
    world.terraform.configure(
      provider(world) + resource('trusted_registry', 'it', { cluster: 'cluster2', ...settings }),
    );
  const apply = async (settings?: Settings): Promise<void> => {
    await configure(settings);
    await world.terraform.must(world.terraform.apply());
    await world.terraform.expectNoChanges();
  };
  const ca = (): Promise<string> => world.pem('cluster2', 'ca.pem');

  it('registers the provider’s registry with its CA by default', async () => {
    await apply();
    const { hostAddress } = world.sandbox.registry;
    expect((await world.terraform.state()).get(ADDRESS)?.values).toEqual({
      cluster: 'cluster2',
      host_address: hostAddress,
      ca_bundle: readFileSync(world.sandbox.registry.caFile, 'utf8'),
      service_id: '',
      id: `cluster2/${hostAddress}`,
    });
    expect(world.sandbox.ucp('cluster2').config).toContain(`host_address = "${hostAddress}"`);
  });

  it('is known before it is applied, ID and CA', async () => {
    await configure();
    const { terraform, sandbox } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.after).toMatchObject({
      id: `cluster2/${sandbox.registry.hostAddress}`,
      host_address: sandbox.registry.hostAddress,
    });
    expect(change.unknown).toEqual({ service_id: true });
  });

  it('updates the CA in place', async () => {
    await apply();
    await configure({ ca_bundle: otherCa });
    const { terraform } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.actions).toEqual(['update']);
    expect(changed(change)).toEqual(['ca_bundle']);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(world.sandbox.ucp('cluster2').config).toContain(otherCa.split('\n')[1]);
  });

  it.each([
    ['cluster', { cluster: 'cluster3' }],
    ['host_address', { host_address: 'other.example.com' }],
  ])('is replaced when %s changes', async (attribute, settings) => {
    await apply();
    await configure(settings);
    const { terraform } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change).toMatchObject({
      actions: ['delete', 'create'],
      reason: 'replace_because_cannot_update',
      replacePaths: [[attribute]],
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('is registered beside others', async () => {
    const { terraform } = world;
    await terraform.configure(
      provider(world) +
        ['a', 'b', 'c']
          .map((name) =>
            resource('trusted_registry', name, { cluster: 'cluster2', host_address: `${name}.example.com` }),
          )
          .join(''),
    );
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    expect(world.sandbox.ucp('cluster2').config.match(/\[\[registries\]\]/g)).toHaveLength(3);
  });

  it('shows a CA that was changed behind its back, and repairs it', async () => {
    await apply();
    const ucp = world.sandbox.ucp('cluster2');
    await ucp.setConfig(ucp.config.replace(/ca_bundle = ".*"/, `ca_bundle = ${JSON.stringify(otherCa)}`));
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(plan.drift.map(changed)).toEqual([['ca_bundle']]);
    expect(actions(plan)).toEqual([`${ADDRESS} update`]);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  it('shows a service ID that was given behind its back, and leaves the entry standing on destroy', async () => {
    await apply();
    const ucp = world.sandbox.ucp('cluster2');
    const ours = ucp.config;
    await ucp.setConfig(ours.replace('service_id = ""', 'service_id = "sso"'));
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(plan.drift.map(changed)).toEqual([['service_id']]);
    expect(actions(plan)).toEqual([]);
    const destroyed = await terraform.must(terraform.destroy());
    expect(warningsOf(destroyed)).toContain(`${world.sandbox.registry.hostAddress} stays registered in cluster2`);
    expect(ucp.config).toContain('service_id = "sso"');
    await ucp.setConfig(untouched);
  });

  it('is made again when it was deleted behind its back', async () => {
    await apply();
    await world.sandbox.ucp('cluster2').setConfig(untouched);
    const { terraform } = world;
    expect(actions(await terraform.must(terraform.plan()))).toEqual([`${ADDRESS} create`]);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  it('can be destroyed when it is gone already', async () => {
    await apply();
    await world.sandbox.ucp('cluster2').setConfig(untouched);
    await world.terraform.must(world.terraform.destroy('-refresh=false'));
  });

  it.each([
    ['as it is', (pem: string) => pem],
    ['with CRLF', (pem: string) => pem.replaceAll('\n', '\r\n')],
    ['with a comment and bag attributes', (pem: string) => `# the CA\nBag Attributes\n    localKeyID: 01\n${pem}\n\n`],
    ['indented by empty lines', (pem: string) => `\n\n${pem.trim()}`],
  ])('takes the same CA written differently for the same: %s', async (_, write) => {
    await apply({ ca_bundle: await ca() });
    await configure({ ca_bundle: write(await ca()) });
    await world.terraform.expectNoChanges();
  });

  it('keeps a CA as the user wrote it', async () => {
    const written = `# ours\r\n${(await ca()).replaceAll('\n', '\r\n')}`;
    await apply({ ca_bundle: written });
    expect((await world.terraform.state()).get(ADDRESS)?.values['ca_bundle']).toBe(written);
  });

  it('imports to the same state', async () => {
    await apply();
    const { terraform, sandbox } = world;
    const before = (await terraform.state()).get(ADDRESS)?.values;
    await terraform.run('state', 'rm', ADDRESS);
    expect(await terraform.import(ADDRESS, `cluster2/${sandbox.registry.hostAddress}`)).toMatchObject({ ok: true });
    const { ca_bundle, ...rest } = (await terraform.state()).get(ADDRESS)?.values ?? {};
    expect(before).toMatchObject(rest);
    expect(ca_bundle).toContain('BEGIN CERTIFICATE');
    await terraform.expectNoChanges();
  });

  it('says that there is nothing to import', async () => {
    await configure();
    const { exitCode, stderr } = await world.terraform.import(ADDRESS, 'cluster2/nowhere.example.com');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot import non-existent remote object');
  });

  it('takes an identical registration for its own, as after a killed apply, and sends nothing', async () => {
    await apply();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    forget(world);
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
  });

  it('refuses a registration that exists with another CA, and shows how to import it', async () => {
    await apply({ ca_bundle: otherCa });
    const { terraform, sandbox } = world;
    await terraform.run('state', 'rm', ADDRESS);
    await configure();
    forget(world);
    const outcome = await terraform.apply();
    expect(outcome.ok).toBe(false);
    expect(complaints(outcome)).toContain(
      `${sandbox.registry.hostAddress} is registered in cluster2 already, with another CA`,
    );
    expect(complaints(outcome)).toContain(
      `import {\n  to = dct_trusted_registry.NAME\n  id = "cluster2/${sandbox.registry.hostAddress}"\n}`,
    );
    expect(writes(world)).toEqual([]);
    await terraform.import(ADDRESS, `cluster2/${sandbox.registry.hostAddress}`);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  it('never removes the registration of the cluster’s own DTR', async () => {
    const { terraform, sandbox } = world;
    const before = sandbox.ucp('cluster1').config;
    await terraform.configure(provider(world) + resource('trusted_registry', 'own', { cluster: 'cluster1' }));
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    expect((await terraform.state()).get('dct_trusted_registry.own')?.values['service_id']).not.toBe('');
    const destroyed = await terraform.must(terraform.destroy());
    expect(warningsOf(destroyed)).toContain('stays registered in cluster1');
    expect(sandbox.ucp('cluster1').config).toBe(before);
  });
});
