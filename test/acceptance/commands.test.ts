import { cp } from 'node:fs/promises';
import { PrivateKey, PublicKey } from '../../src/notary';
import { testAuthority } from '../support/certificates';
import { makeCertificate, type Made } from '../notary/certificates';
import { type AllKinds, allKinds, KINDS } from './all-kinds';
import { byHand, changeTrust } from './by-hand';
import { block, provider, providerSettings, resource } from './configuration';
import { complaints, forget, warningsOf, writes } from './observed';
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

  it('a saved plan is applied later, unless the state has changed; it replaces nothing that somebody else has made', async () => {
    const { terraform } = world;
    await terraform.configure(
      usual() + resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
    );
    await terraform.must(terraform.apply());
    await terraform.configure(usual() + all());
    await terraform.must(terraform.outline());
    await changeTrust(world, (draft) => draft.addSigner('alice', [bob]));
    expect(complaints(await terraform.applyPlan())).toContain('has a signer alice already, with the keys');
    await changeTrust(world, (draft) => draft.removeSigner('alice'));
    expect(complaints(await terraform.applyPlan())).toContain('Saved plan is stale');

    await terraform.must(terraform.destroy('-target=dct_trusted_registry.it'));
    await terraform.must(terraform.outline());
    // Somebody else adds a signer, and registers the same DTR.
    await changeTrust(world, (draft) => draft.addSigner('bob', [bob]));
    const other = await world.anotherTerraform();
    await other.configure(usual() + resource('trusted_registry', 'it', { cluster: 'cluster2' }));
    await other.must(other.apply());
    await other.close();
    await terraform.must(terraform.applyPlan());
    await world.expectNothingLeft();
  });

  it('a saved plan that has gone stale changes nothing that somebody else has changed meanwhile', async () => {
    const { terraform } = world;
    const wanted = (teams: readonly string[], of = digest): string => {
      const require_signature_from = teams.map((team) => `docker-datacenter/${team}`);
      return usual() + all({ digest: of, settings: { enforcement: { require_signature_from } } });
    };
    await terraform.configure(wanted(['release']));
    await terraform.must(terraform.apply());
    const stale = async (text: string, happen: () => Promise<void>, code: string): Promise<void> => {
      await terraform.configure(text);
      await terraform.must(terraform.outline());
      await happen();
      const theirs = cluster2().config;
      forget(world);
      expect(complaints(await terraform.applyPlan())).toContain(`(${code})`);
      expect(writes(world)).toEqual([]);
      expect(cluster2().config).toBe(theirs);
    };
    const theirs = (): Promise<void> => cluster2().setConfig(cluster2().config.replace('/release', '/qa'));
    await stale(wanted(['release', 'qa']), theirs, 'policy_changed');
    await terraform.must(terraform.apply());

    const third = { sha256: '3'.repeat(64), length: 3 };
    const replaces = [digest.slice('sha256:'.length)];
    const signed = (): Promise<void> =>
      changeTrust(world, (draft) => draft.signTag('alice', '1', third, { replaces }), { keys: [alice.privateKey] });
    await stale(wanted(['release', 'qa'], await world.digest('2')), signed, 'conflicting_digest');
    await terraform.must(terraform.apply());
    await world.expectNothingLeft();
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
