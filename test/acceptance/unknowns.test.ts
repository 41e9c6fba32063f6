import { rename } from 'node:fs/promises';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand } from './by-hand';
import { block, type Changes, provider as providerOf, resource, type Value } from './configuration';
import { changeOf, complaints } from './observed';
import { type Step, steps } from './steps';
import { World } from './world';

const RELEASE = 'docker-datacenter/release';
const NGINX = 'docker.io/library/nginx';

describe('when something is not known at plan', () => {
  let world: World;
  let alice: Made;
  let root: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    alice = await makeCertificate();
    root = await byHand(world, async (_, store) => (await store.rootKey({ create: true })).canonicalId);
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

  type SetOf = (name: string) => Value;
  const inOne: SetOf = (name) => [known(name)];
  const whole: SetOf = (name) => `\${toset(terraform_data.${name}s.output)}`;

  /** Every attribute of every kind comes from elsewhere; names are partly known, and sets as `setOf` says. */
  const everything = async (round: number, setOf: SetOf): Promise<string> =>
    [
      later(round, {
        number: '2',
        port: world.sandbox.registry.hostAddress.replace(/^.*:/, ''),
        ca: await world.pem('cluster2', 'ca.pem'),
        name: 'trustdemo',
        signer: 'lice',
        root,
        roots: [root],
        pem: alice.certificate,
        pems: [alice.certificate],
        tag: '1',
        hex: (await world.digest('1')).slice('sha256:'.length),
        team: RELEASE,
        teams: [RELEASE],
        image: NGINX,
        images: [NGINX],
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
        expected_root_key_ids: setOf('root'),
        min_validity_days: known('days'),
      }),
      resource(
        'signer_delegation',
        'it',
        {
          repository: `admin/${known('name')}`,
          signer: `a${known('signer')}`,
          public_keys: setOf('pem'),
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
          require_signature_from: setOf('team'),
          allow_repositories: setOf('image'),
        },
        { after: ['dct_trusted_registry.it', 'dct_signed_tag.it'] },
      ),
    ].join('\n');

  const given = () => [[root], [alice.certificate], [RELEASE], [NGINX]];

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
    const sets: readonly (readonly [string, string])[] = [
      ['dct_repository.it', 'expected_root_key_ids'],
      ['dct_signer_delegation.it', 'public_keys'],
      ['dct_enforcement.it', 'require_signature_from'],
      ['dct_enforcement.it', 'allow_repositories'],
    ];
    await steps(world, [
      {
        provider: provider(),
        resources: await everything(1, inOne),
        plan: (plan) => {
          for (const [kind, names] of Object.entries(unknown))
            for (const name of names)
              expect([kind, name, changeOf(plan, `${kind}.it`).unknown[name]]).toEqual([kind, name, true]);
          for (const [address, name] of sets) expect(changeOf(plan, address).unknown[name]).toEqual([true]);
        },
        check: (state) => {
          expect([...state.values()].map(({ values }) => values['id'])).toEqual(
            expect.arrayContaining([world.gun, `${world.gun}#alice`, `${world.gun}:v1#alice`, 'cluster2']),
          );
          expect(sets.map(([address, name]) => state.get(address)?.values[name])).toEqual(given());
        },
      },
      {
        provider: provider(),
        resources: await everything(2, whole),
        plan: (plan) => {
          for (const [kind, name] of Object.entries(forced))
            expect(changeOf(plan, `${kind}.it`).replacePaths).toContainEqual([name]);
          for (const [address, name] of sets) expect(changeOf(plan, address).unknown[name]).toBe(true);
        },
        planned: Object.keys(forced)
          .map((kind) => `${kind}.it replace cannot_update`)
          .sort(),
        check: (state) => expect(sets.map(([address, name]) => state.get(address)?.values[name])).toEqual(given()),
      },
    ]);
  });

  it('updates what has a set that is not known, and sends nothing where it comes to what is there', async () => {
    const sets = (round: number, ids: readonly string[], teams: readonly string[]): string =>
      [
        later(round, { roots: ids, pems: [alice.certificate], teams, images: [NGINX] }),
        resource('repository', 'it', {
          name: 'admin/trustdemo',
          on_destroy: 'delete',
          expected_root_key_ids: whole('root'),
        }),
        resource(
          'signer_delegation',
          'it',
          { repository: 'admin/trustdemo', signer: 'alice', public_keys: whole('pem') },
          { after: ['dct_repository.it'] },
        ),
        resource('enforcement', 'it', {
          cluster: 'cluster2',
          require_content_trust: false,
          require_signature_from: whole('team'),
          allow_repositories: whole('image'),
        }),
      ].join('\n');
    const updates = ['enforcement', 'repository', 'signer_delegation'].map((kind) => `dct_${kind}.it update`);
    await steps(world, [
      { provider: provider(), resources: sets(1, [root], [RELEASE]) },
      {
        provider: provider(),
        resources: sets(2, [root], [RELEASE]),
        plan: (plan) => {
          const { unknown, after } = changeOf(plan, 'dct_signer_delegation.it');
          expect(unknown).toMatchObject({ public_keys: true, key_ids: true });
          expect(after).toMatchObject({ id: `${world.gun}#alice`, role: 'targets/alice' });
        },
        planned: updates,
        changed: {},
        sent: [],
      },
      {
        provider: provider(),
        resources: sets(3, [root], []),
        planned: updates,
        changed: { 'dct_enforcement.it': ['require_signature_from'] },
        sent: ['cluster2 PUT /api/ucp/config-toml'],
      },
      {
        provider: provider(),
        resources: sets(4, ['0'.repeat(64)], []),
        error: { text: /\(unpinned_root\)/, at: 'dct_repository.it expected_root_key_ids' },
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
