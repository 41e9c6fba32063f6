import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PublicKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { testAuthority } from '../support/certificates';
import { type AllKinds, allKinds } from './all-kinds';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { complaints, forget, writes } from './observed';
import { World } from './world';

describe('when a saved plan is applied later', () => {
  let world: World;
  let alice: Made;
  let bob: PublicKey;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    alice = await makeCertificate();
    bob = PublicKey.fromPem((await makeCertificate()).certificate, { label: 'bob' });
    digest = await world.digest('1');
  });
  afterAll(() => world.close());

  const usual = (): string => provider(world, { keys: { alice: alice.privateKey } });
  const all = (wanted: Partial<AllKinds> = {}): string => allKinds({ alice, digest, ...wanted });
  const cluster2 = () => world.sandbox.ucp('cluster2');

  it('does what it says, unless the state has changed, and replaces nothing that somebody else has made', async () => {
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

  it('changes no policy and no signature that somebody else has changed meanwhile', async () => {
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

  describe('with a registration and a repository', () => {
    let untouched: string;
    let otherCa: string;
    let theirCa: string;
    beforeAll(async () => {
      untouched = cluster2().config;
      otherCa = (await testAuthority('Another CA')).certificate;
      theirCa = (await testAuthority('Their CA')).certificate;
    });

    const planned = async (text: string, ...options: string[]): Promise<void> => {
      await world.terraform.configure(usual() + text);
      await world.terraform.must(world.terraform.outline(...options));
    };
    const both = (registration: Settings = {}, repository: Settings = {}): string =>
      resource('trusted_registry', 'it', { cluster: 'cluster2', ...registration }) +
      resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete', ...repository });
    const ca = (): string => readFileSync(world.sandbox.registry.caFile, 'utf8');
    /** Somebody with another root key makes the trust data anew. */
    const theirs = (): Promise<void> =>
      byHand({ sandbox: world.sandbox, trustStore: join(world.directory, 'theirs') }, async (repository, store) => {
        await repository.deleteTrustData();
        await repository.initialise({
          rootKey: () => store.rootKey({ create: true }),
          add: (key, about) => store.add(key, about),
        });
      });
    const registered = (caBundle: string): Promise<void> => {
      const { hostAddress } = world.sandbox.registry;
      const fields = { host_address: hostAddress, ca_bundle: caBundle, service_id: '' };
      const lines = Object.entries(fields).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}\n`);
      return cluster2().setConfig(`${untouched}\n[[registries]]\n${lines.join('')}`);
    };
    const refused = async (...why: readonly RegExp[]): Promise<void> => {
      const before = cluster2().config;
      forget(world);
      const outcome = await world.terraform.applyPlan();
      expect(outcome.errors).toHaveLength(why.length);
      for (const each of why) expect(complaints(outcome)).toMatch(each);
      expect(writes(world)).toEqual([]);
      expect(cluster2().config).toBe(before);
    };

    it('takes over nothing that somebody else has made meanwhile', async () => {
      await planned(both());
      await registered(theirCa);
      await theirs();
      await refused(/is registered in cluster2 already, with another CA/, /has trust data already, rooted in/);
      await byHand(world, (repository) => repository.deleteTrustData());
      await cluster2().setConfig(untouched);
    });

    it('changes and deletes nothing that somebody else has made anew meanwhile', async () => {
      const { terraform } = world;
      const file = (name: string): string => join(terraform.directory, name);
      await planned(both());
      await terraform.must(terraform.applyPlan());
      await planned(both(), '-destroy', '-target=dct_repository.it');
      await rename(file('plan.bin'), file('destroy.bin'));
      await planned(both({ ca_bundle: ca() + otherCa }, { rotate: { targets: 1 } }));
      await registered(ca() + theirCa);
      await theirs();
      await refused(/somebody has given[^]*\(registration_changed\)/, /\(unpinned_root\)/);
      await rename(file('destroy.bin'), file('plan.bin'));
      await refused(/\(unpinned_root\)/);
      await terraform.run('state', 'rm', 'dct_repository.it', 'dct_trusted_registry.it');
      await byHand(world, (repository) => repository.deleteTrustData());
      await cluster2().setConfig(untouched);
    });

    it('has nothing to send where somebody has done meanwhile what it wants', async () => {
      await planned(both());
      await world.terraform.must(world.terraform.applyPlan());
      await planned(both({ ca_bundle: ca() + otherCa }));
      await cluster2().setConfig(
        cluster2().config.replace(/ca_bundle = ".*"/, `ca_bundle = ${JSON.stringify(ca() + otherCa)}`),
      );
      forget(world);
      await world.terraform.must(world.terraform.applyPlan());
      expect(writes(world)).toEqual([]);
      await world.expectNothingLeft();
    });
  });
});
