import { readFileSync } from 'node:fs';
import { changeTrust } from './by-hand';
import { PublicKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { provider, providerSettings, block, resource } from './configuration';
import { actions, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { type Step, steps } from './steps';
import { World } from './world';

const RESOURCES = [
  'dct_enforcement.it',
  'dct_repository.it',
  'dct_signed_tag.it',
  'dct_signer_delegation.it',
  'dct_trusted_registry.it',
];

// Each command and option of Terraform, with one resource of every kind.
describe('when Terraform is told to do it otherwise', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    alice = await makeCertificate();
    digest = await world.digest('1');
  });
  afterAll(() => world.close());

  const usual = (): string => provider(world, { keys: { alice: alice.privateKey } });
  /** One of each, `name`d; `more` stands in each of them. */
  const all = ({ name = 'it', more = '' } = {}): string =>
    [
      resource('trusted_registry', name, { cluster: 'cluster2' }, { more }),
      resource('repository', name, { name: 'admin/trustdemo', on_destroy: 'delete' }, { more }),
      resource(
        'signer_delegation',
        name,
        { repository: `\${dct_repository.${name}.gun}`, signer: 'alice', public_keys: [alice.certificate] },
        { more },
      ),
      resource(
        'signed_tag',
        name,
        {
          repository: `\${dct_repository.${name}.gun}`,
          tag: '1',
          signer: `\${dct_signer_delegation.${name}.signer}`,
          digest,
        },
        { more },
      ),
      resource('enforcement', name, { cluster: 'cluster2' }, { after: [`dct_signed_tag.${name}`], more }),
    ].join('\n');

  it('create_before_destroy with -replace: what stays the same object is made, and not deleted after', async () => {
    const resources = all({ more: 'lifecycle {\n  create_before_destroy = true\n}' });
    const ucp = world.sandbox.ucp('cluster2');
    const untouched = ucp.config;
    const run: Step[] = [
      { provider: usual(), resources },
      {
        provider: usual(),
        resources,
        options: RESOURCES.filter((address) => !address.includes('repository')).map((address) => `-replace=${address}`),
        plan: (plan) => {
          expect(changeOf(plan, 'dct_signed_tag.it')).toMatchObject({
            actions: ['create', 'delete'],
            reason: 'replace_by_request',
            replacePaths: [],
          });
        },
        check: (_, applied) => {
          expect(warningsOf(applied)).toContain(`${world.gun}:1#alice stays`);
          expect(warningsOf(applied)).toContain('cluster2 stays');
        },
      },
    ];
    // The new one finds the policy of the old one: that is what a destroy restores.
    await steps(world, run, { left: ['cluster2'] });
    await ucp.setConfig(untouched);
  });

  it('-replace of one that is deleted first: it is made again, and nothing else is touched', async () => {
    await steps(world, [
      { provider: usual(), resources: all() },
      {
        provider: usual(),
        resources: all(),
        options: ['-replace=dct_signed_tag.it', '-replace=dct_trusted_registry.it'],
        plan: (plan) => {
          expect(actions(plan).sort()).toEqual([
            'dct_signed_tag.it delete create',
            'dct_trusted_registry.it delete create',
          ]);
        },
      },
    ]);
  });

  it('moved blocks: nothing is sent', async () => {
    const moved = RESOURCES.map(
      (address) => `moved {\n  from = ${address}\n  to = ${address.replace('.it', '.moved')}\n}`,
    );
    await steps(world, [
      { provider: usual(), resources: all() },
      {
        before: () => forget(world),
        provider: usual(),
        resources: [all({ name: 'moved' }), ...moved].join('\n'),
        plan: (plan) => {
          expect(actions(plan)).toEqual([]);
        },
        check: (state) => {
          expect(writes(world)).toEqual([]);
          expect([...state.keys()].sort()).toEqual(RESOURCES.map((address) => address.replace('.it', '.moved')));
        },
      },
    ]);
  });

  it('-target: what is not asked for stays out of it', async () => {
    await steps(world, [
      {
        provider: usual(),
        resources: all(),
        options: ['-target=dct_signer_delegation.it'],
        check: (state) => {
          expect([...state.keys()].sort()).toEqual(['dct_repository.it', 'dct_signer_delegation.it']);
        },
      },
      { provider: usual(), resources: all() },
    ]);
  });

  it('-refresh=false: what happened outside is not looked at; -refresh-only: it is only looked at', async () => {
    const ucp = world.sandbox.ucp('cluster2');
    const drift = () => ucp.setConfig(ucp.config.replace('content_trust = true', 'content_trust = false'));
    const { terraform } = world;
    await steps(world, [
      { provider: usual(), resources: all() },
      {
        before: async () => {
          await drift();
          expect((await terraform.must(terraform.plan('-refresh=false'))).empty).toBe(true);
          const refresh = await terraform.must(terraform.plan('-refresh-only'));
          expect(refresh.drift.map(({ address }) => address)).toEqual(['dct_enforcement.it']);
          forget(world);
          await terraform.must(terraform.applyPlan());
          expect(writes(world)).toEqual([]);
          expect((await terraform.state()).get('dct_enforcement.it')?.values).toMatchObject({
            require_content_trust: false,
          });
        },
        provider: usual(),
        resources: all(),
        options: ['-refresh=false'],
        plan: (plan) => {
          expect(actions(plan)).toEqual(['dct_enforcement.it update']);
        },
      },
    ]);
  });

  it('a saved plan is applied later, unless the state has changed; what changed outside is seen to then', async () => {
    const { terraform } = world;
    const bob = PublicKey.fromPem((await makeCertificate()).certificate, { label: 'bob' });
    await terraform.configure(
      usual() + resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
    );
    await terraform.must(terraform.apply());
    await terraform.configure(usual() + all());
    await terraform.must(terraform.plan());
    // Somebody else adds a signer, and registers the same DTR.
    await changeTrust(world, (draft) => draft.addSigner('bob', [bob]));
    const other = await world.anotherTerraform();
    await other.configure(usual() + resource('trusted_registry', 'it', { cluster: 'cluster2' }));
    await other.must(other.apply());
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(complaints(await terraform.applyPlan())).toContain('Saved plan is stale');
    await other.close();
    await terraform.must(terraform.destroy());
    expect(await world.sandbox.dtr.notary.current(world.gun, 'root')).toBeUndefined();
  });

  it('a saved plan does not replace what somebody else has made in the meantime', async () => {
    const { terraform } = world;
    const bob = PublicKey.fromPem((await makeCertificate()).certificate, { label: 'bob' });
    await steps(world, [
      { provider: usual(), resources: resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }) },
      {
        before: async () => {
          await terraform.configure(usual() + all());
          await terraform.must(terraform.plan());
          await changeTrust(world, (draft) => draft.addSigner('alice', [bob]));
          const outcome = await terraform.applyPlan();
          expect(complaints(outcome)).toContain('has a signer alice already, with the keys');
          await changeTrust(world, (draft) => draft.removeSigner('alice'));
        },
        provider: usual(),
        resources: all(),
      },
    ]);
  });

  it('aliases of the provider are connections of their own', async () => {
    const two = `${usual()}\n${block('provider "dct"', { alias: 'other', ...providerSettings(world) })}`;
    await steps(world, [
      {
        provider: two,
        resources: [
          all(),
          resource('trusted_registry', 'other', { cluster: 'cluster3' }, { more: 'provider = dct.other' }),
          resource(
            'repository',
            'other',
            { name: 'admin/unsigned', on_destroy: 'delete' },
            { more: 'provider = dct.other' },
          ),
          resource(
            'signer_delegation',
            'other',
            { repository: 'admin/trustdemo', signer: 'bob', public_keys: [alice.publicKey] },
            { after: ['dct_repository.it'], more: 'provider = dct.other' },
          ),
        ].join('\n'),
      },
    ]);
  });

  it('for_each over 51 registrations and signers, some of which go again', async () => {
    const many = (count: number): string => `
locals { many = { for n in range(${count}) : format("n%03d", n) => n } }
resource "dct_repository" "it" {
  name       = "admin/trustdemo"
  on_destroy = "delete"
}
resource "dct_trusted_registry" "it" {
  for_each     = local.many
  cluster      = "cluster2"
  host_address = "\${each.key}.example.com"
}
resource "dct_signer_delegation" "it" {
  for_each    = local.many
  repository  = dct_repository.it.gun
  signer      = each.key
  public_keys = [file("${world.bundle('cluster2')}/cert.pem")]
}
`;
    await steps(world, [
      {
        resources: many(51),
        check: (state) => {
          expect(state.size).toBe(103);
        },
      },
      {
        resources: many(49),
        plan: (plan) => {
          expect(actions(plan).map((action) => action.split(' ')[1])).toEqual(['delete', 'delete', 'delete', 'delete']);
        },
      },
    ]);
  });

  it('servers and files that are not there yet are not needed to plan what is new', async () => {
    const missing = `${world.directory}/later.pem`;
    expect(() => readFileSync(missing)).toThrow();
    const elsewhere = provider(world, {
      registry: { host_address: 'localhost:1' },
      clusters: { cluster2: { client_bundle_path: `${world.directory}/no-such-bundle` } },
      keys: { alice: alice.privateKey },
    });
    await world.terraform.configure(elsewhere + all());
    expect(actions(await world.terraform.must(world.terraform.plan()))).toHaveLength(5);
    await steps(world, [{ provider: usual(), resources: all() }]);
  });
});
