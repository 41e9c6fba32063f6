import { rm } from 'node:fs/promises';
import { PublicKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_repository.it';

describe('trust data that Terraform did not make, or that is no longer what it was', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    alice = await makeCertificate();
    digest = await world.digest('1');
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await world.terraform.run('state', 'rm', ADDRESS, 'dct_signer_delegation.alice', 'dct_signed_tag.it');
    await byHand(world, (repository) => repository.deleteTrustData());
    await rm(world.trustStore, { recursive: true, force: true });
  });

  const configure = (settings: Settings = {}, more = ''): Promise<void> =>
    world.terraform.configure(
      [
        provider(world, { keys: { alice: alice.privateKey } }),
        resource('repository', 'it', { name: 'admin/trustdemo', ...settings }),
        more,
      ].join('\n'),
    );
  const signer = (): string =>
    resource('signer_delegation', 'alice', {
      repository: '${dct_repository.it.gun}',
      signer: 'alice',
      public_keys: [alice.certificate],
    });
  const signature = (): string =>
    resource(
      'signed_tag',
      'it',
      { repository: '${dct_repository.it.gun}', tag: '1', signer: 'alice', digest },
      { after: ['dct_signer_delegation.alice'] },
    );
  const apply = async () => {
    const done = await world.terraform.must(world.terraform.apply());
    return done;
  };
  const make = (clock?: () => Date) =>
    byHand(
      world,
      (repository, store) =>
        repository.initialise({
          rootKey: () => store.rootKey({ create: true }),
          add: (key, about) => store.add(key, about),
        }),
      clock && { clock },
    );
  /** Somebody made it, and Alice is a signer. The root key is not here. */
  const madeElsewhere = async (): Promise<string> => {
    const { rootKeyIds } = await make();
    const key = PublicKey.fromPem(alice.certificate, { label: 'alice' });
    await changeTrust(world, (draft) => draft.addSigner('alice', [key]));
    await rm(world.trustStore, { recursive: true });
    return rootKeyIds[0] ?? '';
  };
  const values = async () => (await world.terraform.state()).get(ADDRESS)?.values;

  describe('when it is there already', () => {
    it('is adopted with the root key it is known to have, and nothing is sent', async () => {
      const root = await madeElsewhere();
      await configure({ adopt_existing: true, expected_root_key_ids: ['0'.repeat(64), root] });
      forget(world);
      await apply();
      expect(writes(world)).toEqual([]);
      expect(await values()).toMatchObject({ root_key_ids: [root], snapshot_managed_by: 'server' });
    });

    it('is not adopted unseen: the error names the root key found', async () => {
      const root = await madeElsewhere();
      await configure({ adopt_existing: true });
      const outcome = await world.terraform.apply();
      expect(complaints(outcome)).toContain('nothing says which root key it should have');
      expect(complaints(outcome)).toContain(`expected_root_key_ids = ["${root}"]`);
    });

    it('is not adopted under another root', async () => {
      const root = await madeElsewhere();
      await configure({ adopt_existing: true, expected_root_key_ids: ['0'.repeat(64)] });
      const outcome = await world.terraform.apply();
      expect(complaints(outcome)).toContain(`its root key is ${root}, but it has to chain from ${'0'.repeat(64)}`);
      expect(outcome.errors[0]?.snippet?.code).toContain('expected_root_key_ids');
    });

    it('is not adopted without being asked to, but the error says how', async () => {
      const root = await madeElsewhere();
      await configure();
      const { warnings } = await world.terraform.must(world.terraform.outline());
      expect(warnings.map(({ summary }) => summary)).toEqual([
        `${world.gun} has trust data already, rooted in ${root}`,
      ]);
      expect(warnings[0]?.detail).toMatch(/^The apply fails, unless that is gone by then\.\n.*\bimport \{/s);
      expect(warnings[0]?.snippet?.code).toContain('name = ');
      const said = complaints(await world.terraform.apply());
      expect(said).toContain(`  adopt_existing = true\n  expected_root_key_ids = ["${root}"]`);
    });

    it('is not adopted with another manager of the snapshot than it has', async () => {
      const root = await madeElsewhere();
      await configure({ adopt_existing: true, expected_root_key_ids: [root], snapshot_managed_by: 'client' });
      const said = complaints(await world.terraform.apply());
      expect(said).toContain(`The snapshot of ${world.gun} is managed by the server`);
    });

    it('has settings that stand in the state only', async () => {
      const root = await madeElsewhere();
      await configure({ adopt_existing: true, expected_root_key_ids: [root] });
      await apply();
      await configure({ when_lost: 'recreate' });
      expect(actions(await world.terraform.must(world.terraform.plan()))).toEqual([`${ADDRESS} update`]);
      forget(world);
      await apply();
      expect(writes(world)).toEqual([]);
    });
  });

  it('is not made with another root key than expected', async () => {
    await configure({ expected_root_key_ids: ['0'.repeat(64)] });
    forget(world);
    expect(complaints(await world.terraform.apply())).toMatch(/the root key [0-9a-f]{64} of the trust store is not in/);
    expect(writes(world)).toEqual([]);
  });

  describe('when it is lost', () => {
    it('is made again with all that depends on it, where that is wanted', async () => {
      await configure({ when_lost: 'recreate' }, signer() + signature());
      await apply();
      await byHand(world, (repository) => repository.deleteTrustData());
      const plan = await world.terraform.must(world.terraform.plan());
      expect(warningsOf(plan)).toContain(`The trust data of ${world.gun} is gone`);
      expect(actions(plan).sort()).toEqual([
        `${ADDRESS} create`,
        'dct_signed_tag.it create',
        'dct_signer_delegation.alice create',
      ]);
      await apply();
    });
  });

  describe('when the registry has older data than an apply saw', () => {
    it('is an error that says how to accept it, and importing accepts it', async () => {
      const address = 'dct_signer_delegation.alice';
      const bare = signer().replace(JSON.stringify(alice.certificate), JSON.stringify(alice.publicKey));
      await configure({}, bare);
      await apply();
      await configure({}, signer());
      await apply();
      // what a backup would be: earlier versions, from the same root key, and made before
      await byHand(world, (repository) => repository.deleteTrustData());
      await make(() => new Date(Date.now() - 86_400_000));
      const key = PublicKey.fromPem(alice.certificate, { label: 'alice' });
      await changeTrust(world, (draft) => draft.addSigner('alice', [key]));

      const plan = await world.terraform.plan();
      expect(complaints(plan)).toContain(
        `The trust data of ${world.gun} is older than it was: timestamp is at version 2, an apply saw 3; ` +
          'snapshot is at version 2, an apply saw 3; targets is at version 2, an apply saw 3',
      );
      expect(complaints(plan)).toContain(
        'forget each resource of this repository with `terraform state rm` and import',
      );
      await world.terraform.run('state', 'rm', address);
      expect(await world.terraform.import(address, `${world.gun}#alice`)).toMatchObject({ ok: true });
      await world.terraform.must(world.terraform.apply());
    });
  });

  it('may replace a digest that somebody else released, once that is named', async () => {
    await configure({}, signer());
    await apply();
    const other = await world.digest('2');
    const bob = await makeCertificate();
    await changeTrust(
      world,
      async (draft) => {
        draft.addSigner('bob', [PublicKey.fromPem(bob.certificate, { label: 'bob' })]);
        await draft.signTag('bob', '1', { sha256: other.slice('sha256:'.length), length: 1 });
      },
      { keys: [bob.privateKey] },
    );
    await configure({}, signer() + signature());
    const said = complaints(await world.terraform.apply());
    expect(said).toContain(`name it: ${other}`);
    expect(said).toContain('In the configuration: replaces_digest names the one to replace');
    await configure({}, signer() + signature().replace('"1"', '"1"\n  replaces_digest = "' + other + '"'));
    const applied = await apply();
    expect(warningsOf(applied)).toContain('bob signed another digest');
    expect(changeOf(await world.terraform.plan(), 'dct_signed_tag.it').after).toMatchObject({ digest });
    await configure({}, signer() + signature());
    forget(world);
    await apply();
    expect(writes(world)).toEqual([]);
  });
});
