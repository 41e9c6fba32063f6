import fc from 'fast-check';
import { dctProviderWith } from '../../src/provider/provider';
import { provider, providerSettings } from './configuration';
import { certainly } from './random/certain';
import type { Core } from './random/core';
import { Player } from './random/player';
import { RealCore } from './random/real-core';
import { type Sequence, sequences, shortSequences } from './random/sequence';
import { Stage } from './random/stage';
import { StandInCore } from './random/stand-in-core';
import { ALL, Tally } from './random/tally';

// DCT_SEQUENCES, DCT_SEED: more of them, other ones. DCT_SHRINK: look for the shortest that fails.
const RUNS = Number(process.env['DCT_SEQUENCES'] ?? 90);
const REAL_RUNS = Number(process.env['DCT_REAL_SEQUENCES'] ?? 10);
const SEED = Number(process.env['DCT_SEED'] ?? 20_261_124);
// fast-check likes ends of ranges and lists, of which nothing hangs here: each kind is to come as often as it says.
const options = { seed: SEED, endOnFailure: process.env['DCT_SHRINK'] === undefined, unbiased: true };

describe('whatever is configured, breaks and happens behind Terraform’s back', () => {
  let stage: Stage;
  let standIn: () => Core;
  const tally = new Tally();
  beforeAll(async () => {
    stage = await Stage.start();
    const { world, time } = stage;
    const settings = (mustAdmit: readonly string[]) => providerSettings(world, changes(mustAdmit));
    standIn = await StandInCore.maker(dctProviderWith({ clock: () => time.now, patience: 150 }), settings);
  });
  afterAll(() => stage.close());

  /** Both clusters have to be able to run these images. */
  const changes = (mustAdmit: readonly string[]) => ({
    clusters: Object.fromEntries(
      ['cluster2', 'cluster3'].map((name) => [
        name,
        { client_bundle_path: stage.world.bundle(name), must_admit: mustAdmit },
      ]),
    ),
    more: { max_retries: 0 },
  });

  const play = async (core: Core, sequence: Sequence) => {
    const player = new Player(stage.world, core, await stage.place(), stage.time, tally, sequence.first);
    return { player, toTheEnd: await player.play(sequence) };
  };

  it('ends, after each apply, in a state that a second plan leaves as it is', async () => {
    let toTheEnd = 0;
    const property = fc.asyncProperty(sequences, async (sequence) => {
      if ((await play(standIn(), sequence)).toTheEnd) toTheEnd += 1;
    });
    await fc.assert(property, { ...options, numRuns: RUNS, examples: certainly.map((sequence) => [sequence]) });
    expect(toTheEnd / RUNS).toBeGreaterThan(0.7);
    // Fewer sequences than usual need not come to everything.
    expect(tally.missing(RUNS < 90 ? [] : ALL)).toEqual([]);
  }, 1_200_000);

  // What keeps the stand-in honest: the same sequences by both.
  it('does so with real Terraform, which plans the same as its stand-in', async () => {
    const { world } = stage;
    const terraform = await world.anotherTerraform();
    try {
      const real = new RealCore(terraform, (mustAdmit) => provider(world, changes(mustAdmit)));
      const property = fc.asyncProperty(shortSequences, async (sequence) => {
        const one = await play(real, sequence);
        if (!one.toTheEnd) await terraform.run('state', 'rm', ...(await terraform.state()).keys());
        const other = await play(standIn(), sequence);
        const isAlike = one.toTheEnd && other.toTheEnd && sequence.steps.every((step) => step.do !== 'fail');
        if (isAlike) expect(other.player.planned).toEqual(one.player.planned);
      });
      await fc.assert(property, { ...options, numRuns: REAL_RUNS });
    } finally {
      await terraform.close();
    }
  }, 1_200_000);
});
