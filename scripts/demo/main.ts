// `npm run demo`: a sandbox of one DTR and its clusters, deployed, tried, drifted, repaired and destroyed with the real
// cdktf CLI. Exit code 0 only if every step showed what it should. `-- --keep` stops before the destroy.
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { once } from 'node:events';
import { runningIn, startSandbox } from '../../src/sandbox';
import { Cdktf } from './cdktf';
import { howToGoOn } from './go-on';
import { Progress } from './progress';
import { Interrupted, stopAtSignals } from './stop';
import { loosenPolicy, showAdmission } from './workloads';

const folder = resolve(__dirname, '../../.sandbox');

async function demo(keep: boolean, stop: AbortSignal): Promise<void> {
  await removeLeftOver();
  const progress = new Progress();
  const sandbox = await progress.step(
    'Sandbox: a DTR (with its cluster1) and three more clusters, one of them left out',
    () => startSandbox({ directory: folder, clusters: 4 }),
  );
  try {
    const terraform = new Cdktf(folder, sandbox, stop);
    const stacks = ['central', 'remote-cluster2', 'remote-cluster3'];

    await progress.step(`cdktf deploy '*'`, () => terraform.deploy());
    await progress.step('Workloads, through the API of each cluster', () => showAdmission(sandbox));
    await progress.step('Behind Terraform’s back: cluster2 no longer requires a team’s signature', () =>
      loosenPolicy(sandbox),
    );
    await progress.step('cdktf diff remote-cluster2 finds it', () =>
      terraform.expectChange('remote-cluster2', 'require_signature_from'),
    );
    await progress.step("cdktf deploy '*' repairs it", () => terraform.deploy());
    for (const stack of stacks) {
      await progress.step(`cdktf diff ${stack} is empty`, () => terraform.expectNoChange(stack));
    }
    if (keep) {
      howToGoOn(folder, sandbox);
      await once(stop, 'abort');
      return;
    }
    await progress.step(`cdktf destroy '*'`, () => terraform.destroy());
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  console.log(`\nEvery step showed what it should, in ${progress.seconds()} s. Nothing is left running.`);
}

/** Throws where another run is at work; what a killed one left is removed. */
async function removeLeftOver(): Promise<void> {
  if (!existsSync(join(folder, 'state'))) return;
  const pid = await runningIn(folder);
  if (pid !== undefined) {
    throw new Error(
      `A demo is running in ${folder} (process ${pid}). End it with Ctrl-C or kill ${pid}, and try again.`,
    );
  }
  console.log(`Removing ${folder}, which an earlier run left when it was killed.`);
  rmSync(folder, { recursive: true, force: true });
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
demo(values.keep, stopAtSignals()).catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
});
