import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Block } from '../../acceptance/core/expressions';
import type { Core, Ended, Plan } from '../../acceptance/random/core';
import { runCommand } from '../docker';

/** Of a core, what a pipeline needs. */
export type Pipeline = Pick<Core, 'configure' | 'plan' | 'apply'>;

const ended = { ok: v.boolean(), errors: v.array(v.string()) };
const plans = v.object({
  ...ended,
  changes: v.array(v.custom<Plan['changes'][0]>((change) => typeof change === 'object')),
  drift: v.array(v.string()),
});
const replies = v.union([v.object({ done: v.unknown() }), v.object({ failed: v.string() })]);

/** The worker as one file: eight processes that each compile TypeScript would take longer than what they are to do. */
export async function bundleWorker(directory: string): Promise<string> {
  const outfile = join(directory, 'worker.js');
  const program = join(__dirname, '../../../node_modules/.bin/esbuild');
  const options = ['--bundle', '--platform=node', '--target=node20', `--outfile=${outfile}`];
  await runCommand(program, [join(__dirname, 'worker.ts'), ...options], { env: { PATH: process.env['PATH'] ?? '' } });
  return outfile;
}

/** A pipeline in a real process of its own. */
export class ProcessCore implements Pipeline {
  private constructor(private readonly child: ChildProcess) {}

  static async start(worker: string, provider: unknown, env: NodeJS.ProcessEnv): Promise<ProcessCore> {
    const core = new ProcessCore(fork(worker, { env, execArgv: [] }));
    await core.ask({ do: 'begin', provider });
    return core;
  }

  async configure(blocks: readonly Block[]): Promise<void> {
    await this.ask({ do: 'configure', blocks });
  }

  async plan(): Promise<Plan> {
    return v.parse(plans, await this.ask({ do: 'plan' }));
  }

  async apply(): Promise<Ended> {
    return v.parse(v.object(ended), await this.ask({ do: 'apply' }));
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** One thing at a time. */
  private ask(order: object): Promise<unknown> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const gone = (code: number | null): void => {
        reject(new Error(`a pipeline ended with ${code ?? 'a signal'}`));
      };
      child.once('exit', gone);
      child.once('message', (message) => {
        child.off('exit', gone);
        const reply = v.parse(replies, message);
        if ('failed' in reply) reject(new Error(`in a pipeline: ${reply.failed}`));
        else resolve(reply.done);
      });
      child.send(order);
    });
  }
}
