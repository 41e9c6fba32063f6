import fc from 'fast-check';
import { certainly } from './random/certain';
import { options, Rig } from './random/rig';
import { sequences } from './random/sequence';
import { ALL } from './random/tally';

// With those of real Terraform two hundred. DCT_SEQUENCES: more of them.
const RUNS = Number(process.env['DCT_SEQUENCES'] ?? 190);

describe('whatever is configured, breaks and happens behind Terraform’s back', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterAll(() => rig.close());

  it('ends, after each apply, in a state that a second plan leaves as it is', async () => {
    let toTheEnd = 0;
    const property = fc.asyncProperty(sequences, async (sequence) => {
      if ((await rig.play(rig.standIn(), sequence)).toTheEnd) toTheEnd += 1;
    });
    await fc.assert(property, { ...options, numRuns: RUNS, examples: certainly.map((sequence) => [sequence]) });
    expect(toTheEnd / RUNS).toBeGreaterThan(0.7);
    // Fewer sequences than usual need not come to everything.
    expect(rig.tally.missing(RUNS < 90 ? [] : ALL)).toEqual([]);
  }, 1_200_000);
});
