import { NotaryServer } from '../../src/sandbox/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { allKinds } from './all-kinds';
import { byHand } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

describe('when the registry was restored from a backup', () => {
  let world: World;
  let alice: Made;
  let bob: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    [alice, bob] = [await makeCertificate(), await makeCertificate()];
  });
  afterAll(() => world.close());
  afterEach(() => world.expectNothingLeft());

  /** `tag`: what is signed, by the tag it has in the registry. */
  const configure = async (wanted: {
    repository?: Settings;
    tag: string;
    withBob?: boolean;
    trustStore?: Settings;
  }) => {
    const { repository = {}, tag, withBob = false, trustStore = {} } = wanted;
    const keys = { alice: alice.privateKey };
    const bobs = { repository: '${dct_repository.it.gun}', signer: 'bob', public_keys: [bob.certificate] };
    await world.terraform.configure(
      [
        provider(world, { keys, trustStore }),
        allKinds({ alice, digest: await world.digest(tag), settings: { repository } }),
        withBob ? resource('signer_delegation', 'bob', bobs) : '',
      ].join('\n'),
    );
  };
  const rootKey = () => byHand(world, async (repository) => (await repository.read())?.rootKeyIds[0] ?? '');
  /** The files that Notary has of the repository, to be put back later. */
  const backUp = (): (() => void) => {
    const { notary } = world.sandbox.dtr;
    if (!(notary instanceof NotaryServer)) throw new Error('the sandbox has a real Notary');
    const files = notary['store']['repositories'];
    const copy = [...(files.get(world.gun) ?? [])];
    return () => void files.set(world.gun, copy);
  };

  it.each<[string, boolean, string]>([
    ['with older versions', false, 'version_rollback'],
    ['from before the root key was rotated', true, 'unpinned_root'],
  ])(
    'the error says how to accept one %s, and what it lacks is planned once that is done',
    async (_, rotates, code) => {
      const { terraform, gun } = world;
      await configure({ tag: '1' });
      await terraform.must(terraform.apply());
      const [putBack, before] = [backUp(), await rootKey()];
      const now = { tag: '2', withBob: true };
      await configure({ ...now, ...(rotates && { repository: { rotate: { root: 1 } } }) });
      await terraform.must(terraform.leaving('the new root key is found at the next read').apply());
      await terraform.must(terraform.refresh());
      const after = await rootKey();
      expect(after !== before).toBe(rotates);

      putBack();
      forget(world);
      const said = complaints(await terraform.plan());
      expect(said).toContain(`(${code})`);
      expect(said).toContain('forget each resource of this repository with `terraform state rm` and import it again');
      const ids = {
        'dct_repository.it': gun,
        'dct_signer_delegation.it': `${gun}#alice`,
        'dct_signer_delegation.bob': `${gun}#bob`,
        'dct_signed_tag.it': `${gun}:1#alice`,
      };
      expect(await terraform.run('state', 'rm', ...Object.keys(ids))).toMatchObject({ exitCode: 0 });
      for (const [address, id] of Object.entries(ids)) {
        const { ok, stderr } = await terraform.import(address, id);
        if (address === 'dct_signer_delegation.bob')
          expect(stderr).toContain('Cannot import non-existent remote object');
        else expect(ok).toBe(true);
      }
      const plan = await terraform.must(terraform.plan());
      expect(actions(plan)).toEqual([
        'dct_repository.it update',
        'dct_signed_tag.it update',
        'dct_signer_delegation.bob create',
      ]);
      if (rotates) expect(warningsOf(plan)).toContain(`No key of ${gun} is rotated`);
      expect(writes(world)).toEqual([]);
      await terraform.must(terraform.applyPlan());
      expect(await rootKey()).toBe(before);

      if (!rotates) return;
      await configure({ ...now, repository: { rotate: { root: 2 } }, trustStore: { root_key_id: after } });
      await terraform.must(terraform.leaving('the new root key is found at the next read').apply());
      expect(await rootKey()).toBe(after);
    },
  );
});
