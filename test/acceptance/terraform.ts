import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { expectSettled, expectSound, type Watch } from './settled';
import { readState, resourcesIn } from './state-file';
import { type Change, changesOf, type Diagnostic, diagnosticsIn, type StateResource } from './terraform-json';

export type { Change, Diagnostic, StateResource } from './terraform-json';

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Outcome extends Finished {
  readonly ok: boolean;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}
export interface PlanOutcome extends Outcome {
  /** Of resources and data sources, also those without a change (`actions: ['no-op']`). */
  readonly changes: readonly Change[];
  /** What differs from the state outside of Terraform. */
  readonly drift: readonly Change[];
  /** Nothing to do, neither for resources nor for outputs. */
  readonly empty: boolean;
}

/** Real Terraform in a directory of its own. No init, unless `run('init')` says so: providers come by reattach. */
export class Terraform {
  private constructor(
    readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly watch: Watch | undefined,
  ) {}

  /**
   * @param environment such as TF_REATTACH_PROVIDERS (see `serveForTests`) or TF_CLI_CONFIG_FILE
   * @param watch with it, every apply and destroy is looked after (see `looked`)
   */
  static async start(environment: NodeJS.ProcessEnv, watch?: Watch): Promise<Terraform> {
    const directory = await mkdtemp(path.join(tmpdir(), 'terraform-'));
    return new Terraform(directory, environment, watch);
  }

  /** Replaces the configuration: HCL, or an object for JSON syntax. */
  async configure(configuration: string | object): Promise<void> {
    for (const name of await readdir(this.directory))
      if (/\.tf(\.json)?$/.test(name)) await rm(path.join(this.directory, name));
    if (typeof configuration === 'string') await writeFile(path.join(this.directory, 'main.tf'), configuration);
    else await writeFile(path.join(this.directory, 'main.tf.json'), JSON.stringify(configuration));
  }

  /** Leaves the plan in `plan.bin`, which `applyPlan` takes. A second run shows all there is in it. */
  async plan(...options: string[]): Promise<PlanOutcome> {
    const outcome = await this.json('plan', '-out=plan.bin', '-detailed-exitcode', ...options);
    if (outcome.exitCode === 1) return { ...outcome, ok: false, changes: [], drift: [], empty: false };
    const { stdout } = await this.run('show', '-json', 'plan.bin');
    const { changes, drift } = changesOf(stdout);
    return { ...outcome, ok: true, changes, drift, empty: outcome.exitCode === 0 };
  }

  /** The same, where what it says while it runs is enough (`plannedIn`, `driftIn`). */
  outline(...options: string[]): Promise<Outcome> {
    return this.json('plan', '-out=plan.bin', ...options);
  }

  apply(...options: string[]): Promise<Outcome> {
    const isWhole = !options.some((option) => option.startsWith('-target'));
    return this.looked(['apply', '-auto-approve', ...options], isWhole ? expectSettled : undefined);
  }

  applyPlan(): Promise<Outcome> {
    return this.looked(['apply', 'plan.bin'], expectSettled);
  }

  /** Applies what leaves something to do. @param why for who reads the test */
  leaving(why: string): Pick<Terraform, 'apply' | 'applyPlan'> {
    if (why === '') throw new Error('say why it leaves something to do');
    return {
      apply: (...options) => this.looked(['apply', '-auto-approve', ...options]),
      applyPlan: () => this.looked(['apply', 'plan.bin']),
    };
  }

  destroy(...options: string[]): Promise<Outcome> {
    return this.looked(['destroy', '-auto-approve', ...options]);
  }

  refresh(...options: string[]): Promise<Outcome> {
    return this.looked(['apply', '-refresh-only', '-auto-approve', ...options]);
  }

  /** `terraform import` has no JSON output: errors are in `stderr` only. */
  async import(address: string, id: string): Promise<Finished & { readonly ok: boolean }> {
    const finished = await this.run('import', '-no-color', '-input=false', address, id);
    return { ...finished, ok: finished.exitCode === 0 };
  }

  /** All resources of the state, by address. */
  async state(): Promise<ReadonlyMap<string, StateResource>> {
    return resourcesIn((await readState(this.directory)).state);
  }

  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const { outputs } = (await readState(this.directory)).state;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** @throws Error that says what is not as it has to be after an apply (see `expectSettled`) */
  expectNoChanges(): Promise<void> {
    return expectSettled(this);
  }

  /** @throws Error with Terraform's output unless the command succeeded */
  async must<T extends Outcome>(outcome: Promise<T>): Promise<T> {
    const done = await outcome;
    if (done.ok) return done;
    const errors = done.errors.map(({ summary, detail, address }) => [address ?? '', summary, detail].join('\n'));
    throw new Error(`terraform failed\n${errors.join('\n\n')}\n${done.stderr}`);
  }

  /** Runs what may change the state, and looks after it at the state (`expectSound`), and at what `done` says if it went well. */
  private async looked(
    [command = '', ...options]: readonly string[],
    done?: (terraform: Terraform) => Promise<void>,
  ): Promise<Outcome> {
    if (this.watch === undefined) return this.json(command, ...options);
    const before = await readState(this.directory);
    const outcome = await this.json(command, ...options);
    await expectSound(this, this.watch, { before, outcome });
    if (outcome.ok) await done?.(this);
    return outcome;
  }

  private async json(command: string, ...options: string[]): Promise<Outcome> {
    const finished = await this.run(command, '-json', '-input=false', ...options);
    const diagnostics = diagnosticsIn(finished.stdout);
    return {
      ...finished,
      ok: finished.exitCode === 0,
      errors: diagnostics.filter(({ severity }) => severity === 'error'),
      warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
    };
  }

  /** Any command, as it is. */
  run(...options: string[]): Promise<Finished> {
    return this.start(...options).finished;
  }

  /** A command that goes on while the test does something, such as interrupting it. */
  start(...options: string[]): {
    readonly finished: Promise<Finished>;
    readonly interrupt: () => void;
    /** Leaves it no time to save anything. */
    readonly kill: () => void;
  } {
    const child = spawn('terraform', options, {
      cwd: this.directory,
      env: {
        ...process.env,
        CHECKPOINT_DISABLE: '1',
        // A run is too short to be worth collecting garbage in: a quarter of its time.
        GOGC: 'off',
        GOMEMLIMIT: '512MiB',
        TF_IN_AUTOMATION: '1',
        // The user's own settings must not decide what a test sees.
        TF_CLI_CONFIG_FILE: path.join(this.directory, 'none.tfrc'),
        TF_LOG: '',
        ...this.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({
          exitCode: code ?? -1,
          stdout: Buffer.concat(out).toString('utf8'),
          stderr: Buffer.concat(err).toString('utf8'),
        });
      });
    });
    return { finished, interrupt: () => child.kill('SIGINT'), kill: () => child.kill('SIGKILL') };
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
