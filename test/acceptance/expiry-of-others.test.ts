import { PrivateKey, PublicKey } from '../../src/notary';
import { makeCertificate } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { provider, resource } from './configuration';
import { actions, forget, warningsOf, writes } from './observed';
import { World } from './world';

const DAY = 86_400_000;
/** How long docker’s files are good for, days. */
const GOOD = 1095;

// Only the repository is ours: nothing else of it stands in any state.
describe('as time goes by, what another client has made in a repository of ours', () => {
  let world: World;
  const start = new Date();
  const day = (days: number): Date => new Date(start.getTime() + days * DAY);
  let now = start;
  beforeAll(async () => {
    world = await World.start({ clusters: 1, clock: () => now });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.terraform.configure(
      provider(world) + resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
    );
    await world.terraform.must(world.terraform.apply());
  });
  afterEach(async () => {
    now = start;
    await world.expectNothingLeft();
  });

  const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
  const planned = async (at: number) => {
    now = day(at);
    return world.terraform.must(world.terraform.plan());
  };
  const ends = () =>
    byHand(
      world,
      async (repository) => {
        const { expiries } = (await repository.read())!;
        return { snapshot: dayOf(expiries.get('snapshot')!), targets: dayOf(expiries.get('targets')!) };
      },
      { clock: () => now },
    );

  it('is reported where it is a delegation and nears its end', async () => {
    const bob = await makeCertificate({ notAfter: new Date('2060-01-01T00:00:00Z') });
    await changeTrust(
      world,
      async (draft) => {
        draft.addSigner('bob', [PublicKey.fromPem(bob.certificate, { label: 'bob' })]);
        await draft.signTag('bob', '1', { sha256: '1'.repeat(64), length: 1 });
      },
      { keys: [bob.privateKey], clock: () => now },
    );
    const { gun } = world;
    const subjects = [
      `The file of the signer bob (targets/bob) of ${gun} expires on`,
      `The released tags (targets/releases) of ${gun} expire on`,
    ];
    const early = warningsOf(await planned(GOOD - 181));
    for (const subject of subjects) expect(early).not.toContain(subject);
    const plan = await planned(GOOD - 179);
    expect(actions(plan)).toEqual([]);
    for (const subject of subjects) expect(warningsOf(plan)).toContain(`${subject} ${dayOf(day(GOOD))}\n`);
    expect(warningsOf(plan)).toContain('No key of targets/bob is at hand that could sign again');
    forget(world);
    await world.terraform.must(world.terraform.apply());
    expect(writes(world)).toEqual([]);
  });

  it('is signed again where it is a snapshot that ends before all else, and its key is here', async () => {
    const [key, bob] = [PrivateKey.generate(), PrivateKey.generate()];
    await byHand(world, (_, store) => store.add(key, { role: 'snapshot', gun: world.gun }));
    // The list of signers is of a later day.
    await changeTrust(world, (draft) => draft.addSigner('bob', [bob.publicKey]), { clock: () => day(10) });
    await changeTrust(world, (draft) => draft.rotate({ snapshot: key.publicKey }), { clock: () => start });
    expect(await planned(GOOD - 31)).toMatchObject({ empty: true, warnings: [] });
    const at = GOOD - 29;
    const plan = await planned(at);
    expect(actions(plan)).toEqual(['dct_repository.it update']);
    expect(warningsOf(plan)).toContain(
      `The snapshot of ${world.gun}, which a client signs, expires on ${dayOf(day(GOOD))}, and is signed again by this apply`,
    );
    await world.terraform.must(world.terraform.applyPlan());
    expect(await ends()).toEqual({ snapshot: dayOf(day(at + GOOD)), targets: dayOf(day(10 + GOOD)) });
  });
});
