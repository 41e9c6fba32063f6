import { dctProviderWith } from '../../../src/provider/provider';
import { provider as providerBlock, providerSettings } from '../configuration';
import type { Core } from './core';
import { Player } from './player';
import { RealCore } from './real-core';
import type { Sequence } from './sequence';
import { Stage } from './stage';
import { brief } from '../world';
import { StandInCore } from './stand-in-core';
import { Tally } from './tally';

// DCT_SEED: other sequences. DCT_SHRINK: look for the shortest that fails.
const SEED = Number(process.env['DCT_SEED'] ?? 20_261_124);
/** fast-check likes ends of ranges and lists, of which nothing hangs here: each kind is to come as often as it says. */
export const options = {
  seed: SEED,
  endOnFailure: process.env['DCT_SHRINK'] === undefined,
  unbiased: true,
};

/** A sandbox, and what plays sequences on it. */
export class Rig {
  readonly tally = new Tally();

  private constructor(
    private readonly stage: Stage,
    readonly standIn: () => Core,
  ) {}

  static async start(): Promise<Rig> {
    const stage = await Stage.start();
    const { world, time } = stage;
    const settings = (mustAdmit: readonly string[]) => providerSettings(world, changes(stage, mustAdmit));
    const pace = { clock: () => time.now, patience: 150, sleep: brief, connections: world.connections.open };
    const provider = dctProviderWith(pace);
    const standIn = await StandInCore.maker(provider, settings);
    return new Rig(stage, standIn);
  }

  async play(core: Core, sequence: Sequence): Promise<{ readonly player: Player; readonly toTheEnd: boolean }> {
    const { world, time } = this.stage;
    const player = new Player(world, core, await this.stage.place(), time, this.tally, sequence.first);
    return { player, toTheEnd: await player.play(sequence) };
  }

  async realTerraform() {
    const { world } = this.stage;
    const terraform = await world.anotherTerraform();
    const core = new RealCore(terraform, (mustAdmit) => providerBlock(world, changes(this.stage, mustAdmit)));
    return { terraform, core };
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

/** Both clusters have to be able to run these images. */
function changes({ world }: Stage, mustAdmit: readonly string[]) {
  return {
    clusters: Object.fromEntries(
      ['cluster2', 'cluster3'].map((name) => [name, { client_bundle_path: world.bundle(name), must_admit: mustAdmit }]),
    ),
    more: { max_retries: 0 },
  };
}
