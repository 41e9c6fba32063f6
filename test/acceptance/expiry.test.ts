import { PrivateKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const DAY = 86_400_000;

describe('as time goes by', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  let now = new Date();
  const start = new Date();
  const travel = (days: number): void => {
    now = new Date(start.getTime() + days * DAY);
  };
  beforeAll(async () => {
    world = await World.start({ clusters: 1, clock: () => now });
    alice = await makeCertificate({ notAfter: new Date('2060-01-01T00:00:00Z') });
    digest = await world.digest('1');
  });
  afterAll(() => world.close());
  beforeEach(() => {
    travel(0);
  });
  afterEach(async () => {
    await configure();
    await world.expectNothingLeft();
  });

  const configure = (
    settings: Settings = {},
    { keys = true, tag = {} }: { readonly keys?: boolean; readonly tag?: Settings | null } = {},
  ): Promise<void> =>
    world.terraform.configure(
      [
        provider(world, keys ? { keys: { alice: alice.privateKey } } : {}),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete', ...settings }),
        resource('signer_delegation', 'alice', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: [alice.certificate],
        }),
        tag === null
          ? ''
          : resource(
              'signed_tag',
              'it',
              { repository: '${dct_repository.it.gun}', tag: '1', signer: 'alice', digest, ...tag },
              { after: ['dct_signer_delegation.alice'] },
            ),
      ].join('\n'),
    );
  const apply = async () => {
    const done = await world.terraform.must(world.terraform.apply());
    await world.terraform.expectNoChanges();
    return done;
  };
  const read = () =>
    byHand(world, (repository) => repository.read({ allowExpired: true }), { clock: () => now }).then((data) => data!);
  const days = async (role: 'root' | 'targets' | 'targets/alice' | 'targets/releases'): Promise<number> =>
    Math.round(((await read()).expiries.get(role)!.getTime() - start.getTime()) / DAY);

  it.each([
    ['a month before the end', 1095 - 20],
    ['when it is over', 1095 + 20],
  ])('targets, the signer’s file and the released tags are renewed %s', async (_, at) => {
    await configure();
    await apply();
    travel(at);
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(actions(plan)).toEqual(['dct_repository.it update', 'dct_signed_tag.it update']);
    expect(changed(changeOf(plan, 'dct_repository.it'))).toEqual(['renewal_due']);
    expect(changeOf(plan, 'dct_signed_tag.it')).toMatchObject({
      before: { renewal_due: true },
      after: { renewal_due: false, digest },
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(await Promise.all([days('targets'), days('targets/alice'), days('targets/releases')])).toEqual(
      Array<number>(3).fill(at + 1095),
    );
    expect((await read()).signature('1', 'alice')).toMatchObject({ isReleased: true });
  });

  it('the root and its certificate are renewed long before their end, over the same key', async () => {
    await configure();
    await apply();
    const before = (await read()).trust.rootKeys[0];
    for (const at of [1080, 2160, 3240]) {
      travel(at);
      await apply();
    }
    travel(3650 - 20);
    expect(actions(await world.terraform.must(world.terraform.plan()))).toContain('dct_repository.it update');
    await apply();
    const [after] = (await read()).trust.rootKeys;
    expect([after?.canonicalId, after?.tufId === before?.tufId]).toEqual([before?.canonicalId, false]);
    expect(await days('root')).toBe(3630 + 3650);
    // whoever knew the old certificate only follows to the new one
    await byHand(world, (repository) => repository.read({ expectedRootKeyIds: [before!.tufId] }), { clock: () => now });
  });

  it('says what remains once the root certificate has expired, and that way works', async () => {
    await configure({ when_lost: 'recreate' });
    await apply();
    travel(3700);
    const plan = await world.terraform.plan();
    expect(complaints(plan)).toMatch(/the certificate of root key [0-9a-f]{64} expired on /);
    expect(complaints(plan)).toContain('Make its trust data anew');
    expect(complaints(plan)).toContain('when_lost = "recreate"');
    await byHand(world, (repository) => repository.deleteTrustData());
    await apply();
  });

  it('nothing is due while everything is good for longer than asked for, and only what is not is signed again', async () => {
    const longer = () => configure({ min_validity_days: 700 }, { tag: { min_validity_days: 700 } });
    await configure();
    await apply();
    travel(1095 - 31);
    await world.terraform.expectNoChanges();
    travel(0);
    await longer();
    forget(world);
    await apply();
    expect(writes(world)).toEqual([]);
    travel(500);
    await configure();
    await apply();
    await longer();
    await apply();
    expect(await Promise.all([days('targets'), days('targets/alice')])).toEqual([1595, 1595]);
  });

  describe('when keys are not at hand', () => {
    it('half a year before the end that is a warning for each, and no plan', async () => {
      await configure();
      await apply();
      const { gun, terraform } = world;
      const { canonicalId } = PrivateKey.fromPem(alice.privateKey, { label: 'alice' }).publicKey;
      const targets = (await read()).targetsKeyId;
      await configure({}, { keys: false });
      await terraform.must(terraform.apply());
      travel(1095 - 170);
      const day = new Date(start.getTime() + 1095 * DAY).toISOString().slice(0, 10);
      // somebody else’s store
      await terraform.configure(
        provider(world, { trustStore: { directory: `${world.directory}/empty` } }) +
          resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      );
      const plan = await terraform.plan('-target=dct_repository.it');
      const said = warningsOf(plan);
      expect(said).toContain(`The list of signers (targets) of ${gun} expires on ${day}`);
      expect(said).toContain(`whoever has ${targets} has to, or lend the key`);
      expect(said).toContain(`The file of the signer alice (targets/alice) of ${gun} expires on ${day}`);
      expect(said).toContain(`The released tags (targets/releases) of ${gun} expire on ${day}`);
      expect(said).toContain(`No key of targets/alice is at hand that could sign again: whoever has ${canonicalId}`);
      expect(actions(plan)).toEqual([]);
    });

    it('a delegation that has a key here but no signature of ours is reported by its repository', async () => {
      await configure();
      await apply();
      await world.terraform.run('state', 'rm', 'dct_signed_tag.it');
      await configure({}, { tag: null });
      travel(1095 - 20);
      const plan = await world.terraform.must(world.terraform.plan());
      expect(actions(plan)).toEqual(['dct_repository.it update']);
      expect(warningsOf(plan)).toContain('The file of the signer alice (targets/alice)');
      expect(warningsOf(plan)).toContain('without one, signing any tag again does');
      travel(0);
      await configure();
      await apply();
    });
  });
});
