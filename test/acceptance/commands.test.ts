import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { PrivateKey, PublicKey } from '../../src/notary';
import { testAuthority } from '../support/certificates';
import { makeCertificate, type Made } from '../notary/certificates';
import { type AllKinds, allKinds, KINDS } from './all-kinds';
import { byHand, changeTrust } from './by-hand';
import { block, provider, providerSettings, resource } from './configuration';
import { forget, warningsOf, writes } from './observed';
import { type Step, steps } from './steps';
import { driftIn, plannedIn } from './terraform-json';
import { World } from './world';

const each = (text: (kind: string) => string): string[] => KINDS.map(text);

// Each command and option of Terraform, with one resource of every kind.
describe('when Terraform is told to do it otherwise', () => {
  let world: World;
  let alice: Made;
  let bob: PublicKey;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    alice = await makeCertificate();
    bob = PublicKey.fromPem((await makeCertificate()).certificate, { label: 'bob' });
    digest = await world.digest('1');
  });
  afterAll(() => world.close());

  const usual = (): string => provider(world, { keys: { alice: alice.privateKey } });
  const all = (wanted: Partial<AllKinds> = {}): string => allKinds({ alice, digest, ...wanted });
  const step = (wanted: Partial<Step> = {}): Step => ({ provider: usual(), resources: all(), ...wanted });
  const cluster2 = () => world.sandbox.ucp('cluster2');

  describe('-target', () => {
    const targeted = (kind: string, resources: string, ...planned: string[]): Step =>
      step({ resources, options: [`-target=dct_${kind}.it`], planned: planned.map((each) => `dct_${each}`) });

    it('makes and destroys what it names with what that relies on or what relies on it, and nothing else', async () => {
      const left = async (gone: string, stay: readonly string[]): Promise<void> => {
        await world.terraform.must(world.terraform.destroy(`-target=${gone}`));
        expect([...(await world.terraform.state()).keys()].sort()).toEqual(stay);
      };
      await steps(world, [
        targeted('trusted_registry', all(), 'trusted_registry.it create'),
        targeted('repository', all(), 'repository.it create'),
        targeted('signed_tag', all(), 'signed_tag.it create', 'signer_delegation.it create'),
        {
          ...targeted('enforcement', all(), 'enforcement.it create'),
          check: async () => {
            await left('dct_signed_tag.it', [
              'dct_repository.it',
              'dct_signer_delegation.it',
              'dct_trusted_registry.it',
            ]);
            await left('dct_repository.it', ['dct_trusted_registry.it']);
          },
        },
      ]);
    });

    it('updates what it names', async () => {
      const ca = readFileSync(world.sandbox.registry.caFile, 'utf8') + (await testAuthority('Another CA')).certificate;
      const changed = all({
        digest: await world.digest('2'),
        settings: {
          registration: { ca_bundle: ca },
          repository: { min_validity_days: 40 },
          signer: { public_keys: [alice.certificate, bob.toPem() ?? ''] },
          enforcement: { require_signature_from: ['docker-datacenter/release'] },
        },
      });
      await steps(world, [
        step(),
        ...['trusted_registry', 'repository', 'signer_delegation', 'signed_tag', 'enforcement'].map((kind) =>
          targeted(kind, changed, `${kind}.it update`),
        ),
        step({ resources: changed, planned: [] }),
      ]);
    });
  });

  it('goes on with what -target left out; moved blocks send nothing; -replace makes again what it names', async () => {
    const moved = each((kind) => `moved {\n  from = ${kind}.it\n  to = ${kind}.moved\n}`);
    await steps(world, [
      step({
        options: ['-target=dct_signer_delegation.it'],
        check: (state) => expect([...state.keys()].sort()).toEqual(['dct_repository.it', 'dct_signer_delegation.it']),
      }),
      step({ planned: ['enforcement', 'signed_tag', 'trusted_registry'].map((kind) => `dct_${kind}.it create`) }),
      step({
        resources: [all({ name: 'moved' }), ...moved].join('\n'),
        planned: [],
        sent: [],
        check: (state) => expect([...state.keys()].sort()).toEqual(each((kind) => `${kind}.moved`)),
      }),
      step({
        resources: all({ name: 'moved' }),
        options: ['-replace=dct_signed_tag.moved', '-replace=dct_trusted_registry.moved'],
        planned: ['signed_tag', 'trusted_registry'].map((kind) => `dct_${kind}.moved replace requested`),
      }),
      step({
        resources: all({ name: 'moved' }),
        options: each((kind) => `-replace=${kind}.moved`),
        planned: each((kind) => `${kind}.moved replace requested`),
      }),
    ]);
  });

  it('create_before_destroy with -replace: what stays the same object is made, and not deleted after', async () => {
    const untouched = cluster2().config;
    let adopting: NonNullable<AllKinds['settings']> = {};
    const resources = (): string => all({ more: 'lifecycle {\n  create_before_destroy = true\n}', settings: adopting });
    const run = [
      step({
        resources,
        check: (state) => {
          const expected_root_key_ids = [String(state.get('dct_repository.it')?.values['root_key_ids'])];
          adopting = { repository: { adopt_existing: true, expected_root_key_ids } };
        },
      }),
      step({
        resources,
        options: each((kind) => `-replace=${kind}.it`),
        planned: each((kind) => `${kind}.it replace requested`),
        check: (_, applied) => {
          for (const kept of [`${world.gun}:1#alice`, `${world.gun}#alice`, 'cluster2'])
            expect(warningsOf(applied)).toContain(`${kept} stays`);
        },
      }),
    ];
    // The new one finds the policy of the old one: that is what a destroy restores.
    await steps(world, run, { left: ['cluster2'] });
    await cluster2().setConfig(untouched);
  });

  it('-refresh=false: what happened outside is not looked at; -refresh-only: it is only looked at', async () => {
    const { terraform } = world;
    const otherCa = (await testAuthority('Another CA')).certificate;
    const other = (await world.digest('2')).slice('sha256:'.length);
    const drift = async (): Promise<void> => {
      const changed = cluster2()
        .config.replace('content_trust = true', 'content_trust = false')
        .replace(/ca_bundle = ".*"/, `ca_bundle = ${JSON.stringify(otherCa)}`);
      await cluster2().setConfig(changed);
      const replaces = [digest.slice('sha256:'.length)];
      const targets = PrivateKey.generate();
      await byHand(world, (_, store) => store.add(targets, { role: 'targets', gun: world.gun }));
      const keys = [PublicKey.fromPem(alice.certificate, { label: 'alice' }), bob];
      const change = { keys: [alice.privateKey] };
      await changeTrust(world, (draft) => draft.rotate({ targets }), change);
      await changeTrust(world, (draft) => draft.setSignerKeys('alice', keys), change);
      await changeTrust(
        world,
        (draft) => draft.signTag('alice', '1', { sha256: other, length: 1 }, { replaces }),
        change,
      );
    };
    await steps(world, [
      step(),
      step({
        before: async () => {
          await drift();
          expect(plannedIn((await terraform.must(terraform.outline('-refresh=false'))).stdout)).toEqual([]);
          const { stdout } = await terraform.must(terraform.outline('-refresh-only'));
          expect(
            driftIn(stdout)
              .map(({ address }) => address)
              .sort(),
          ).toEqual(each((kind) => `${kind}.it`));
          forget(world);
          await terraform.must(terraform.leaving('it only looks at what is to be done').applyPlan());
          expect(writes(world)).toEqual([]);
          const state = await terraform.state();
          expect(state.get('dct_enforcement.it')?.values).toMatchObject({ require_content_trust: false });
          expect(state.get('dct_signed_tag.it')?.values).toMatchObject({ digest: `sha256:${other}` });
        },
        options: ['-refresh=false'],
        planned: each((kind) => `${kind}.it update`).filter((action) => !action.includes('repository')),
      }),
    ]);
  });

  it('imports everything by command, by import blocks, and with the configuration that Terraform writes', async () => {
    const { terraform } = world;
    const ids: Readonly<Record<string, string>> = {
      dct_trusted_registry: `cluster2/${world.sandbox.registry.hostAddress}`,
      dct_repository: 'admin/trustdemo',
      dct_signer_delegation: `${world.gun}#alice`,
      dct_signed_tag: `${world.gun}:1#alice`,
      dct_enforcement: 'cluster2',
    };
    const blocks = KINDS.map((kind) => `import {\n  to = ${kind}.it\n  id = "${ids[kind] ?? ''}"\n}`).join('\n');
    const forgotten = () => terraform.run('state', 'rm', ...each((kind) => `${kind}.it`));
    // What an import finds is what a destroy would restore.
    const resources = all({ settings: { enforcement: { on_destroy: 'disable' } } });
    const state_only = ['dct_enforcement.it update', 'dct_repository.it update'];
    const changed = { 'dct_enforcement.it': ['on_destroy'], 'dct_repository.it': ['on_destroy'] };
    await steps(world, [
      step({ resources }),
      step({
        before: async () => {
          await forgotten();
          for (const kind of KINDS)
            expect(await terraform.import(`${kind}.it`, ids[kind] ?? '')).toMatchObject({ ok: true });
        },
        resources,
        planned: state_only,
        changed,
        sent: [],
      }),
      step({
        before: forgotten,
        resources: `${resources}\n${blocks}`,
        planned: each((kind) => (state_only.join().includes(kind) ? `${kind}.it update` : `${kind}.it import`)),
        sent: [],
      }),
      step({
        before: forgotten,
        resources: blocks,
        options: ['-generate-config-out=generated.tf'],
        drift: {},
        planned: each((kind) => `${kind}.it import`),
        sent: [],
      }),
      step({ resources, planned: state_only, changed, sent: [] }),
    ]);
  });

  it('aliases of the provider are connections of their own', async () => {
    const two = `${usual()}\n${block('provider "dct"', { alias: 'other', ...providerSettings(world, { keys: { alice: alice.privateKey } }) })}`;
    const more = 'provider = dct.other';
    const others = all({
      name: 'other',
      cluster: 'cluster3',
      repository: 'admin/unsigned',
      digest: await world.digest('1', 'admin/unsigned'),
      more,
    });
    const bobs = resource(
      'signer_delegation',
      'bob',
      { repository: 'admin/trustdemo', signer: 'bob', public_keys: [bob.toPem() ?? ''] },
      { after: ['dct_repository.it'], more },
    );
    await steps(world, [step({ provider: two, resources: all() + others + bobs })]);
  });

  it('servers and files that are not there yet are not needed to plan what is new', async () => {
    const { terraform, sandbox } = world;
    const later = `${world.directory}/later`;
    const there = provider(world, {
      clusters: { cluster2: { client_bundle_path: later } },
      keys: { alice: alice.privateKey },
      trustStore: { directory: `${world.directory}/later-store` },
    });
    const endpoints = [sandbox.dtr.endpoint, cluster2().endpoint];
    for (const { faults } of endpoints) faults.add({ kind: 'reset', count: 1000 });
    await terraform.configure(there + all());
    const { stdout } = await terraform.must(terraform.outline());
    expect(
      plannedIn(stdout)
        .map(({ address, action }) => `${address} ${action}`)
        .sort(),
    ).toEqual(each((kind) => `${kind}.it create`));
    for (const { faults } of endpoints) faults.clear();
    await cp(world.bundle('cluster2'), later, { recursive: true });
    await terraform.must(terraform.applyPlan());
    await world.expectNothingLeft();
  });
});
