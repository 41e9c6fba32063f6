import fc from 'fast-check';
import { options, Rig } from './random/rig';
import { shortSequences } from './random/sequence';

// CI plays 20 of them (DCT_REAL_SEQUENCES).
const RUNS = Number(process.env['DCT_REAL_SEQUENCES'] ?? 10);

// What keeps the stand-in of `randomised.test.ts` honest: the same sequences by both.
describe('whatever happens with real Terraform', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterAll(() => rig.close());

  it('ends, after each apply, as with its stand-in, which plans the same', async () => {
    const { terraform, core } = await rig.realTerraform();
    try {
      const property = fc.asyncProperty(shortSequences, async (sequence) => {
        const one = await rig.play(core, sequence);
        if (!one.toTheEnd) await terraform.run('state', 'rm', ...(await terraform.state()).keys());
        const other = await rig.play(rig.standIn(), sequence);
        const isAlike = one.toTheEnd && other.toTheEnd && sequence.steps.every((step) => step.do !== 'fail');
        if (isAlike) expect(other.player.planned).toEqual(one.player.planned);
      });
      await fc.assert(property, { ...options, numRuns: RUNS });
    } finally {
      await terraform.close();
    }
  }, 1_200_000);
});
