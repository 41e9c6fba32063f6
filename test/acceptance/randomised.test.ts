import fc from 'fast-check';
import { dctProviderWith } from '../../src/provider/provider';
import { provider, providerSettings } from './configuration';
import type { Core } from './random/core';
import { Player } from './random/player';
import { RealCore } from './random/real-core';
import { type Sequence, sequences, shortSequences } from './random/sequence';
import { Stage } from './random/stage';
import { StandInCore } from './random/stand-in-core';

// DCT_SEQUENCES, DCT_SEED: more of them, other ones. DCT_SHRINK: look for the shortest that fails.
const RUNS = Number(process.env['DCT_SEQUENCES'] ?? 180);
const REAL_RUNS = Number(process.env['DCT_REAL_SEQUENCES'] ?? 20);
const SEED = Number(process.env['DCT_SEED'] ?? 20_261_124);
const options = { seed: SEED, endOnFailure: process.env['DCT_SHRINK'] === undefined };

describe('whatever is configured, breaks and happens behind Terraform’s back', () => {
  let stage: Stage;
  let standIn: () => Core;
  beforeAll(async () => {
    stage = await Stage.start();
    const { world, time } = stage;
    const settings = providerSettings(world, { more: { max_retries: 0 } });
    standIn = await StandInCore.maker(dctProviderWith({ clock: () => time.now, patience: 150 }), settings);
  });
  afterAll(() => stage.close());

  const play = async (core: Core, sequence: Sequence, isShort = false) => {
    const player = new Player(stage.world, core, await stage.place(), stage.time, sequence.first);
    return { player, toTheEnd: await player.play(sequence, isShort) };
  };

  it('ends, after each apply, in a state that a second plan leaves as it is', async () => {
    let toTheEnd = 0;
    const property = fc.asyncProperty(sequences, async (sequence) => {
      if ((await play(standIn(), sequence)).toTheEnd) toTheEnd += 1;
    });
    await fc.assert(property, { ...options, numRuns: RUNS });
    expect(toTheEnd / RUNS).toBeGreaterThan(0.7);
  }, 600_000);

  // What keeps the stand-in honest: the same sequences by both.
  it('does so with real Terraform, which plans the same as its stand-in', async () => {
    const { world } = stage;
    const terraform = await world.anotherTerraform();
    try {
      const real = new RealCore(terraform, provider(world, { more: { max_retries: 0 } }));
      const property = fc.asyncProperty(shortSequences, async (sequence) => {
        const one = await play(real, sequence, true);
        if (!one.toTheEnd) await terraform.run('state', 'rm', ...(await terraform.state()).keys());
        const other = await play(standIn(), sequence, true);
        const isAlike = one.toTheEnd && other.toTheEnd && sequence.steps.every((step) => step.do !== 'fail');
        if (isAlike) expect(other.player.planned).toEqual(one.player.planned);
      });
      await fc.assert(property, { ...options, numRuns: REAL_RUNS });
    } finally {
      await terraform.close();
    }
  }, 600_000);
});
