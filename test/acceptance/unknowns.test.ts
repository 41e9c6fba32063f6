import { rename } from 'node:fs/promises';
import { block, provider, resource } from './configuration';
import { actions, changeOf, forget, writes } from './observed';
import { makeCertificate } from '../notary/certificates';
import { World } from './world';

describe('when something is not known at plan', () => {
  let world: World;
  let certificate: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    ({ certificate } = await makeCertificate());
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await world.terraform.must(world.terraform.destroy());
  });

  const later = (input: string): string => block('resource "terraform_data" "later"', { input });
  const applied = async (text: string) => {
    const { terraform } = world;
    await terraform.configure(text);
    const plan = await terraform.must(terraform.plan());
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    return plan;
  };

  it.each([
    ['a whole name', 'admin/trustdemo', '${terraform_data.later.output}'],
    ['a part of a name', 'trustdemo', 'admin/${terraform_data.later.output}'],
    ['a GUN', 'GUN', '${terraform_data.later.output}'],
  ])('plans %s as unknown, and keeps what it becomes', async (_, input, name) => {
    const known = input === 'GUN' ? world.gun : input;
    const plan = await applied(
      [
        provider(world),
        later(known),
        block('resource "terraform_data" "signer"', { input: 'alice' }),
        resource('repository', 'it', { name, on_destroy: 'delete' }),
        resource('signer_delegation', 'it', {
          repository: '${dct_repository.it.gun}',
          signer: '${terraform_data.signer.output}',
          public_keys: [certificate],
        }),
      ].join('\n'),
    );
    expect(changeOf(plan, 'dct_repository.it').unknown).toMatchObject({ name: true, gun: true, id: true });
    expect(changeOf(plan, 'dct_signer_delegation.it').unknown).toMatchObject({
      repository: true,
      signer: true,
      role: true,
    });
    expect((await world.terraform.state()).get('dct_repository.it')?.values['gun']).toBe(world.gun);
  });

  it('replaces what may become another repository', async () => {
    const { terraform, sandbox } = world;
    const named = (input: string): string =>
      [
        provider(world),
        later(input),
        resource('repository', 'it', { name: '${terraform_data.later.output}', on_destroy: 'delete' }),
        resource('signer_delegation', 'it', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: [certificate],
        }),
      ].join('\n');
    await applied(named('admin/trustdemo'));
    const plan = await applied(named('admin/unsigned'));
    expect(changeOf(plan, 'dct_repository.it').replacePaths).toEqual([['name']]);
    expect(changeOf(plan, 'dct_signer_delegation.it').replacePaths).toEqual([['repository']]);
    expect(await sandbox.dtr.notary.current(world.gun, 'root')).toBeUndefined();
    expect((await terraform.state()).get('dct_signer_delegation.it')?.values['id']).toBe(
      `${sandbox.registry.hostAddress}/admin/unsigned#alice`,
    );
  });

  it('plans a digest, keys and teams as unknown', async () => {
    const plan = await applied(
      [
        provider(world, { keys: { cluster2: await world.pem('cluster2', 'key.pem') } }),
        later(await world.digest('1')),
        block('resource "terraform_data" "pem"', { input: await world.pem('cluster2', 'cert.pem') }),
        block('resource "terraform_data" "team"', { input: 'release' }),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
        resource('signer_delegation', 'it', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: ['${terraform_data.pem.output}'],
        }),
        resource('signed_tag', 'it', {
          repository: '${dct_repository.it.gun}',
          tag: '1',
          signer: '${dct_signer_delegation.it.signer}',
          digest: '${terraform_data.later.output}',
        }),
        resource('enforcement', 'it', {
          cluster: 'cluster2',
          require_signature_from: ['docker-datacenter/${terraform_data.team.output}'],
        }),
      ].join('\n'),
    );
    expect(changeOf(plan, 'dct_signer_delegation.it').unknown).toMatchObject({ key_ids: true });
    expect(changeOf(plan, 'dct_signed_tag.it').unknown).toMatchObject({ digest: true });
    expect(changeOf(plan, 'dct_enforcement.it').after).toMatchObject({ id: 'cluster2' });
  });

  it.each([
    ['the registry’s address', { registry: { host_address: '${terraform_data.later.output}' } }],
    ['the registry’s CA', { registry: { ca_bundle: '${file(terraform_data.ca.output)}' } }],
    ['the registry’s user', { registry: { username: '${terraform_data.user.output}' } }],
    ['a cluster’s bundle', { clusters: { cluster2: { client_bundle_path: '${terraform_data.bundle.output}' } } }],
    ['the trust store', { trustStore: { directory: '${terraform_data.store.output}' } }],
  ])('keeps the state and replaces nothing while the provider does not know %s', async (_, changes) => {
    const { terraform, sandbox } = world;
    const rest = [
      resource('trusted_registry', 'it', { cluster: 'cluster2' }),
      resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      resource('signer_delegation', 'it', {
        repository: '${dct_repository.it.gun}',
        signer: 'alice',
        public_keys: [certificate],
      }),
      resource('enforcement', 'it', { cluster: 'cluster2' }, { after: ['dct_trusted_registry.it'] }),
      block('resource "terraform_data" "ca"', { input: sandbox.registry.caFile }),
      block('resource "terraform_data" "bundle"', { input: world.bundle('cluster2') }),
      block('resource "terraform_data" "user"', { input: 'admin' }),
      block('resource "terraform_data" "store"', { input: world.trustStore }),
    ].join('\n');
    await applied(provider(world) + rest + later(sandbox.registry.hostAddress));
    const before = [...(await terraform.state()).values()].filter(({ type }) => type.startsWith('dct_'));
    // Everything is made anew: its output is unknown in the plan.
    const replaced = ['later', 'ca', 'user', 'bundle', 'store'].map((name) => `-replace=terraform_data.${name}`);
    await terraform.configure(provider(world, changes) + rest + later(sandbox.registry.hostAddress));
    const plan = await terraform.must(terraform.plan(...replaced));
    expect(actions(plan).filter((action) => action.startsWith('dct_'))).toEqual([]);
    forget(world);
    await terraform.must(terraform.applyPlan());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
    expect([...(await terraform.state()).values()].filter(({ type }) => type.startsWith('dct_'))).toEqual(before);
  });

  it('makes new resources with a provider that is known only at apply', async () => {
    const { sandbox, terraform } = world;
    const changes = {
      registry: { host_address: '${terraform_data.later.output}' },
      clusters: { cluster2: { client_bundle_path: '${terraform_data.bundle.output}' } },
    };
    const plan = await applied(
      [
        provider(world, changes),
        later(sandbox.registry.hostAddress),
        block('resource "terraform_data" "bundle"', { input: world.bundle('cluster2') }),
        resource('trusted_registry', 'it', { cluster: 'cluster2' }),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      ].join('\n'),
    );
    expect(changeOf(plan, 'dct_trusted_registry.it').unknown).toMatchObject({ host_address: true, id: true });
    expect((await terraform.state()).get('dct_trusted_registry.it')?.values['id']).toBe(
      `cluster2/${sandbox.registry.hostAddress}`,
    );
  });

  it('plans new resources without servers, bundle files or keys', async () => {
    const { terraform } = world;
    const nowhere = provider(world, {
      registry: { host_address: '127.0.0.1:1' },
      clusters: { cluster2: { client_bundle_path: `${world.directory}/not-there-yet` } },
      trustStore: { directory: `${world.directory}/no-store`, create_root_key: false },
    });
    await terraform.configure(
      [
        nowhere,
        resource('trusted_registry', 'it', { cluster: 'cluster2' }),
        resource('repository', 'it', { name: 'admin/trustdemo' }),
        resource('signer_delegation', 'it', {
          repository: 'admin/trustdemo',
          signer: 'alice',
          public_keys: [certificate],
        }),
        resource('signed_tag', 'it', {
          repository: 'admin/trustdemo',
          tag: '1',
          signer: 'alice',
          digest: `sha256:${'ab'.repeat(32)}`,
        }),
        resource('enforcement', 'it', { cluster: 'cluster2' }),
      ].join('\n'),
    );
    const plan = await terraform.must(terraform.plan());
    expect(actions(plan)).toHaveLength(5);
    expect(changeOf(plan, 'dct_signed_tag.it').after).toMatchObject({ id: '127.0.0.1:1/admin/trustdemo:1#alice' });
  });

  it('says what is missing once a bundle that was there is needed', async () => {
    const { terraform } = world;
    await applied(provider(world) + resource('trusted_registry', 'it', { cluster: 'cluster2' }));
    const aside = `${world.bundle('cluster2')}-aside`;
    await rename(world.bundle('cluster2'), aside);
    const plan = await terraform.plan();
    await rename(aside, world.bundle('cluster2'));
    expect(plan.errors[0]?.summary).toContain(world.bundle('cluster2'));
  });
});
