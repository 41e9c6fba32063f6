import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCases } from './cases';
import { type Cost, Crowd } from './pipelines/crowd';
import { inProcess, withTerraform } from './pipelines/members';
import { bundleWorker } from './pipelines/process-core';
import { startTrustStack, type TrustStack } from './stack';
import { likeDtr, localKeys } from './variants';

// Eight writers of one repository, again and again. Fifty rounds of each (PIPELINE_ROUNDS=50) take minutes; CI plays six.

const SIZE = 8;
const ROUNDS = Number(process.env['PIPELINE_ROUNDS'] ?? 3);

describeCases('Pipelines that change one repository at the same time', (testCase) => {
  let directory: string;
  let worker: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dct-pipelines-'));
    worker = await bundleWorker(directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  describe.each([localKeys, likeDtr])('$name', (variant) => {
    let stack: TrustStack;
    beforeAll(async () => {
      stack = await startTrustStack(variant.options);
    });
    afterAll(() => stack.close());

    const about = (what: string) => ({ what, ours: 'provider' as const, server: variant.name });

    const processes = 'eight processes, each with a state of its own: every change of every round is there';
    testCase(
      about(processes),
      async () => {
        const crowd = await Crowd.gather(stack, SIZE, 'admin/processes', inProcess(worker));
        try {
          for (let round = 0; round < ROUNDS; round++) {
            expectNoStorm(await crowd.round());
            await crowd.expectAllThere();
          }
          await crowd.expectNothingToDo();
          await crowd.expectDockerSeesAll();
        } finally {
          await crowd.close();
        }
      },
      120_000 + ROUNDS * 60_000,
    );

    // One storage is enough for what Terraform itself adds.
    if (variant === localKeys) return;
    testCase(
      about('eight of terraform apply at once, twice, with the built provider'),
      async () => {
        const crowd = await Crowd.gather(stack, SIZE, 'admin/applies', withTerraform);
        try {
          for (const cost of [await crowd.roundOfApplies(), await crowd.roundOfApplies()]) expectNoStorm(cost);
          await crowd.expectAllThere();
          await crowd.expectNothingToDo();
          await crowd.expectDockerSeesAll();
        } finally {
          await crowd.close();
        }
      },
      300_000,
    );
  });
});

/** root, timestamp, snapshot, targets, and the files of eight signers, of the build key and of releases */
const WHOLE = 4 + SIZE + 2;
/** The same again when most of it is known: root, timestamp, snapshot, targets, the two files that a signature changes, of two writers. */
const AGAIN = 8;

/**
 * A publish that is taken makes the others that are under way too late, each once, for they read again before they try again.
 * Reading: all of it at the beginning and for what is planned in it, then before each publish and after it.
 */
function expectNoStorm({ taken, late, reads }: Cost): void {
  expect(taken).toBeGreaterThan(0);
  expect(late).toBeLessThanOrEqual((SIZE - 1) * taken);
  expect(reads).toBeLessThanOrEqual(2 * SIZE * WHOLE + 2 * AGAIN * (taken + late));
}
