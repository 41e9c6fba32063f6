import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { makeCertificate, type Made } from '../notary/certificates';
import { block, type Changes, provider as providerOf, resource, type Value } from './configuration';
import { changeOf, complaints } from './observed';
import { type Step, steps } from './steps';
import { World } from './world';

describe('when something is not known at plan', () => {
  let world: World;
  let alice: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    alice = await makeCertificate();
  });
  afterAll(() => world.close());

  const provider = (changes: Changes = {}): string =>
    providerOf(world, { keys: { alice: alice.privateKey }, ...changes });
  /** `terraform_data` whose outputs are known only once it is made; anew by another `round`. */
  const later = (round: number, values: Readonly<Record<string, Value>>): string =>
    Object.entries(values)
      .map(([name, input]) => block(`resource "terraform_data" "${name}"`, { input, triggers_replace: round }))
      .join('');
  const known = (name: string): string => `\${terraform_data.${name}.output}`;

  /** Every attribute of every kind comes from elsewhere; names are partly known. */
  const everything = async (round: number): Promise<string> =>
    [
      later(round, {
        number: '2',
        port: world.sandbox.registry.hostAddress.replace(/^.*:/, ''),
        ca: await world.pem('cluster2', 'ca.pem'),
        name: 'trustdemo',
        signer: 'lice',
        pem: alice.certificate,
        tag: '1',
        hex: (await world.digest('1')).slice('sha256:'.length),
        team: 'release',
        yes: true,
        no: false,
        days: 40,
        gone: 'delete',
        lost: 'recreate',
        server: 'server',
        revoke: 'revoke',
        disable: 'disable',
      }),
      resource('trusted_registry', 'it', {
        cluster: `cluster${known('number')}`,
        host_address: `localhost:${known('port')}`,
        ca_bundle: known('ca'),
      }),
      resource('repository', 'it', {
        name: `admin/${known('name')}`,
        on_destroy: known('gone'),
        when_lost: known('lost'),
        adopt_existing: known('no'),
        snapshot_managed_by: known('server'),
        min_validity_days: known('days'),
      }),
      resource(
        'signer_delegation',
        'it',
        {
          repository: `admin/${known('name')}`,
          signer: `a${known('signer')}`,
          public_keys: [known('pem')],
          allow_unsigning: known('yes'),
        },
        { after: ['dct_repository.it'] },
      ),
      resource(
        'signed_tag',
        'it',
        {
          repository: '${dct_repository.it.gun}',
          tag: `v${known('tag')}`,
          signer: `a${known('signer')}`,
          digest: `sha256:${known('hex')}`,
          replaces_digest: `sha256:${known('hex')}`,
          on_destroy: known('revoke'),
          min_validity_days: known('days'),
        },
        { after: ['dct_signer_delegation.it'] },
      ),
      resource(
        'enforcement',
        'it',
        {
          cluster: `cluster${known('number')}`,
          on_destroy: known('disable'),
          require_content_trust: known('yes'),
          require_signature_from: [`docker-datacenter/${known('team')}`],
          allow_repositories: [`docker.io/library/${known('name')}`],
        },
        { after: ['dct_trusted_registry.it', 'dct_signed_tag.it'] },
      ),
    ].join('\n');

  it('makes all of every kind of what other resources give, and again when it may be something else', async () => {
    const unknown: Readonly<Record<string, readonly string[]>> = {
      dct_trusted_registry: ['cluster', 'host_address', 'ca_bundle', 'id'],
      dct_repository: ['name', 'gun', 'id', 'min_validity_days', 'on_destroy', 'when_lost', 'adopt_existing'],
      dct_signer_delegation: ['repository', 'signer', 'key_ids', 'role', 'id', 'allow_unsigning'],
      dct_signed_tag: ['repository', 'tag', 'signer', 'digest', 'replaces_digest', 'on_destroy', 'length', 'id'],
      dct_enforcement: ['cluster', 'require_content_trust', 'on_destroy', 'id'],
    };
    const forced: Readonly<Record<string, string>> = {
      dct_trusted_registry: 'cluster',
      dct_repository: 'name',
      dct_signer_delegation: 'repository',
      dct_signed_tag: 'repository',
      dct_enforcement: 'cluster',
    };
    await steps(world, [
      {
        provider: provider(),
        resources: await everything(1),
        plan: (plan) => {
          for (const [kind, names] of Object.entries(unknown))
            for (const name of names)
              expect([kind, name, changeOf(plan, `${kind}.it`).unknown[name]]).toEqual([kind, name, true]);
        },
        check: (state) =>
          expect([...state.values()].map(({ values }) => values['id'])).toEqual(
            expect.arrayContaining([world.gun, `${world.gun}#alice`, `${world.gun}:v1#alice`, 'cluster2']),
          ),
      },
      {
        provider: provider(),
        resources: await everything(2),
        plan: (plan) => {
          for (const [kind, name] of Object.entries(forced))
            expect(changeOf(plan, `${kind}.it`).replacePaths).toContainEqual([name]);
        },
        planned: Object.keys(forced)
          .map((kind) => `${kind}.it replace cannot_update`)
          .sort(),
      },
    ]);
  });

  it('takes an unknown GUN, and replaces what becomes another repository', async () => {
    const named = (round: number, name: string): Step => ({
      provider: provider(),
      resources: [
        later(round, { name }),
        resource('repository', 'it', { name: known('name'), on_destroy: 'delete' }),
        resource('signer_delegation', 'it', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: [alice.certificate],
        }),
      ].join('\n'),
    });
    await steps(world, [
      {
        ...named(1, world.gun),
        check: (state) => expect(state.get('dct_repository.it')?.values['gun']).toBe(world.gun),
      },
      {
        ...named(2, 'admin/unsigned'),
        planned: ['dct_repository.it', 'dct_signer_delegation.it'].map((address) => `${address} replace cannot_update`),
        check: async (state) => {
          expect(await world.sandbox.dtr.notary.current(world.gun, 'root')).toBeUndefined();
          expect(state.get('dct_signer_delegation.it')?.values['id']).toMatch(/\/admin\/unsigned#alice$/);
        },
      },
    ]);
  });

  it('keeps the state and replaces nothing while the provider does not know what it knew', async () => {
    const { sandbox } = world;
    const rest = [
      resource('trusted_registry', 'it', { cluster: 'cluster2' }),
      resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      resource('signer_delegation', 'it', {
        repository: '${dct_repository.it.gun}',
        signer: 'alice',
        public_keys: [alice.certificate],
      }),
      resource('signed_tag', 'it', {
        repository: '${dct_repository.it.gun}',
        tag: '1',
        signer: '${dct_signer_delegation.it.signer}',
        digest: await world.digest('1'),
      }),
      resource(
        'enforcement',
        'it',
        { cluster: 'cluster2' },
        { after: ['dct_trusted_registry.it', 'dct_signed_tag.it'] },
      ),
    ].join('\n');
    const { hostAddress, caFile } = sandbox.registry;
    const { fingerprint256 } = new X509Certificate(readFileSync(caFile));
    let root = '';
    const values = (): Readonly<Record<string, Value>> => ({
      root,
      host: hostAddress,
      ca: caFile,
      sha: fingerprint256,
      url: `https://${hostAddress}`,
      images: [`${world.gun}:1`],
      registry: { host_address: hostAddress, ca_bundle: readFileSync(caFile, 'utf8'), username: 'admin' },
      clusters: { cluster2: { client_bundle_path: world.bundle('cluster2'), must_admit: [`${world.gun}:1`] } },
      user: 'admin',
      bundle: world.bundle('cluster2'),
      store: world.trustStore,
      key: `${world.bundle('cluster2')}/key.pem`,
    });
    const unknown: Changes[] = [
      { registry: { host_address: known('host') } },
      { registry: { ca_bundle: '${file(terraform_data.ca.output)}' } },
      { registry: { username: known('user') } },
      { clusters: { cluster2: { client_bundle_path: known('bundle') } } },
      { trustStore: { directory: known('store') } },
      { keys: { alice: alice.privateKey, other: '${file(terraform_data.key.output)}' } },
      { registry: { ca_bundle: undefined, ca_sha256: known('sha'), notary_url: known('url') } },
      {
        clusters: { cluster2: { client_bundle_path: world.bundle('cluster2'), must_admit: known('images') } },
        more: { root_pins: { [hostAddress]: [known('root')] } },
      },
      { trustStore: { root_key_id: known('root') }, more: { clusters: known('clusters') } },
      { trustStore: { passphrases: { ['ab'.repeat(32)]: known('user') } }, more: { registry: known('registry') } },
    ];
    await steps(world, [
      {
        provider: provider(),
        resources: rest,
        check: (state) => void (root = String(state.get('dct_repository.it')?.values['root_key_ids'])),
      },
      ...unknown.map((changes, round) => ({
        provider: provider(changes),
        resources: () => rest + later(round, values()),
        planned: [],
        changed: {},
        sent: [],
      })),
    ]);
  });

  it('makes new resources with a provider that is known only at apply', async () => {
    const { registry } = world.sandbox;
    const changes = {
      registry: { host_address: known('host') },
      clusters: { cluster2: { client_bundle_path: known('bundle') } },
    };
    await steps(world, [
      {
        provider: provider(changes),
        resources: [
          later(1, { host: registry.hostAddress, bundle: world.bundle('cluster2') }),
          resource('trusted_registry', 'it', { cluster: 'cluster2' }),
          resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
          resource('signer_delegation', 'it', {
            repository: '${dct_repository.it.gun}',
            signer: 'alice',
            public_keys: [alice.certificate],
          }),
          resource('signed_tag', 'it', {
            repository: '${dct_repository.it.gun}',
            tag: '1',
            signer: '${dct_signer_delegation.it.signer}',
            digest: await world.digest('1'),
          }),
          resource('enforcement', 'it', { cluster: 'cluster2' }, { after: ['dct_signed_tag.it'] }),
        ].join('\n'),
        plan: (plan) =>
          expect(changeOf(plan, 'dct_trusted_registry.it').unknown).toMatchObject({ host_address: true, id: true }),
        check: (state) =>
          expect(state.get('dct_trusted_registry.it')?.values['id']).toBe(`cluster2/${registry.hostAddress}`),
      },
    ]);
  });

  it('says what is missing once a bundle that was there is needed', async () => {
    const { terraform } = world;
    const bundle = world.bundle('cluster2');
    const gone = async (): Promise<void> => {
      await rename(bundle, `${bundle}-aside`);
      const plan = await terraform.outline();
      await rename(`${bundle}-aside`, bundle);
      expect(complaints(plan)).toContain(bundle);
    };
    await steps(world, [
      { provider: provider(), resources: resource('trusted_registry', 'it', { cluster: 'cluster2' }), check: gone },
    ]);
  });
});
