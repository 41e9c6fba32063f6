import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate, type Made } from '../notary/certificates';
import { allKinds, KINDS } from './all-kinds';
import { block, type Changes, provider as providerOf, type Value } from './configuration';
import { changeOf, complaints, forget, writes } from './observed';
import { steps } from './steps';
import { World } from './world';

describe('when the provider’s configuration is not known at plan', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    alice = await makeCertificate();
    digest = await world.digest('1');
  });
  afterAll(() => world.close());

  const provider = (changes: Changes = {}): string =>
    providerOf(world, { keys: { alice: alice.privateKey }, ...changes });
  const all = (): string => allKinds({ alice, digest });
  /** `terraform_data` whose outputs are known only once it is made; anew by another `round`. */
  const later = (round: number, values: Readonly<Record<string, Value>>): string =>
    Object.entries(values)
      .map(([name, input]) => block(`resource "terraform_data" "${name}"`, { input, triggers_replace: round }))
      .join('');
  const known = (name: string): string => `\${terraform_data.${name}.output}`;

  it('keeps the state and replaces nothing while the provider does not know what it knew', async () => {
    const { hostAddress, caFile } = world.sandbox.registry;
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
        resources: all(),
        check: (state) => void (root = String(state.get('dct_repository.it')?.values['root_key_ids'])),
      },
      ...unknown.map((changes, round) => ({
        provider: provider(changes),
        resources: () => all() + later(round, values()),
        planned: [],
        changed: {},
        sent: [],
      })),
    ]);
  });

  describe('at the beginning, or at the end', () => {
    const where: Changes = {
      registry: { host_address: known('host') },
      clusters: { cluster2: { client_bundle_path: known('bundle') } },
    };
    const keys: Changes = {
      trustStore: { directory: known('store'), create_root_key: known('yes') },
      keys: { alice: '${file(terraform_data.key.output)}' },
    };
    const sources = (round: number): string => {
      const key = join(world.directory, 'alice.pem');
      writeFileSync(key, alice.privateKey);
      const { hostAddress } = world.sandbox.registry;
      return later(round, {
        ...{ host: hostAddress, bundle: world.bundle('cluster2') },
        ...{ store: world.trustStore, yes: true, key },
      });
    };
    const planned = (action: string): string[] => KINDS.map((kind) => `${kind}.it ${action}`);

    it.each([
      ['registry and cluster', where],
      ['trust store and signing keys', keys],
    ])('makes and deletes every kind where nothing is known of %s', async (_, changes) => {
      await steps(world, [
        {
          provider: provider(changes),
          resources: sources(1) + all(),
          plan: (plan) =>
            expect(changeOf(plan, 'dct_trusted_registry.it').unknown).toMatchObject(
              changes === where ? { host_address: true, id: true } : { service_id: true },
            ),
          planned: planned('create'),
        },
        {
          provider: provider(changes),
          resources: sources(2),
          planned: planned('delete delete_because_no_resource_config'),
        },
      ]);
    });

    it('destroys nothing while it is still not known, and says what is missing', async () => {
      const { terraform } = world;
      const policy = 'cluster2 PUT /api/ucp/config-toml';
      const destroyed = async (without: string, of: string, sent: string[], left: readonly string[]): Promise<void> => {
        await terraform.run('state', 'rm', `terraform_data.${without}`);
        forget(world);
        const outcome = await terraform.destroy(`-target=${of}`);
        expect(complaints(outcome)).toMatch(/is not known before apply[^]*\(unknown_configuration\)/);
        expect(writes(world)).toEqual(sent);
        expect([...(await terraform.state()).keys()].filter((each) => each.startsWith('dct_')).sort()).toEqual(left);
        await terraform.must(terraform.apply());
      };
      const every = KINDS.map((kind) => `${kind}.it`);
      await steps(world, [
        {
          provider: provider({ ...where, ...keys }),
          resources: sources(1) + all(),
          check: async () => {
            await destroyed('bundle', 'dct_trusted_registry.it', [], every);
            // The policy, which relies on it, goes first, and needs no key.
            await destroyed('key', 'dct_signed_tag.it', [policy], every.slice(1));
          },
        },
      ]);
    });
  });
});
