import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox';

const root = resolve(__dirname, '../..');

/**
 * A project of a user's, with the real commands run in it: a folder inside this package, so that `cdktf-dct` is this package.
 * Nothing of the environment that would make the cdktf command more lenient is passed on.
 */
export class Project {
  readonly folder: string;
  readonly environment: Record<string, string> = {
    CI: '1',
    CHECKPOINT_DISABLE: '1',
    // A run of Terraform is too short to be worth collecting garbage in.
    GOGC: 'off',
    GOMEMLIMIT: '512MiB',
    FORCE_COLOR: '0',
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'e2e root passphrase',
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'e2e repository passphrase',
  };
  private sandboxes: Sandbox[] = [];

  /**
   * @param example a folder of this package to copy; left out: an empty project
   * @param parent where to make the folder, instead of inside this package
   */
  constructor(example?: string, parent = join(root, 'cdktf.out')) {
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(join(parent, 'e2e-'));
    // Terraform's own cache does not stand two `init`s at once, and the cdktf command shares one between all projects.
    mkdirSync(this.path('plugin-cache'));
    this.environment['TF_PLUGIN_CACHE_DIR'] = this.path('plugin-cache');
    if (example === undefined) return;
    // Not what somebody who has tried it may have left there: cdktf.out.
    for (const entry of readdirSync(join(root, example), { withFileTypes: true }))
      if (entry.isFile()) cpSync(join(root, example, entry.name), this.path(entry.name));
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  read(...parts: string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  async startSandbox(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = await startSandbox(options);
    this.sandboxes.push(sandbox);
    this.environment['DCT_REGISTRY_PASSWORD'] = sandbox.registry.password;
    return sandbox;
  }

  /** The real cdktf command of this package. Returns what it printed; throws that when it failed. */
  cdktf(...args: string[]): Promise<string> {
    return this.run(join(root, 'node_modules/.bin/cdktf'), args);
  }

  /** Expects that the stack's diff is empty. */
  async expectNoChanges(stack: string): Promise<void> {
    const output = await this.cdktf('diff', stack);
    if (!output.includes('No changes.')) throw new Error(`cdktf diff ${stack} is not empty:\n${output}`);
  }

  /** Any command. Returns what it printed; throws that when it failed. */
  async run(command: string, args: readonly string[], folder = this.folder): Promise<string> {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(CDKTF_|TF_)/.test(name));
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    const output = chunks.join('');
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${String(code)}\n${output}`);
    return output;
  }

  /** The docker command through a client bundle. */
  async docker(bundle: string, ...args: string[]): Promise<string> {
    const script = '. ./env.sh && exec docker "$@"';
    return (await this.run('/bin/sh', ['-c', script, 'docker', ...args], bundle)).trim();
  }

  /** Ends whatever the project started, and removes it. */
  async close(): Promise<void> {
    await Promise.all(this.sandboxes.map((sandbox) => sandbox.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
