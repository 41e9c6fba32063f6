import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Sandbox } from '../../src/sandbox';

const root = resolve(__dirname, '../..');
const CLI = join(root, 'node_modules/.bin/cdktf');

/** What a person would have in the environment: a registry password and docker's passphrases. */
export function environmentOf(sandbox: Sandbox): Record<string, string> {
  return {
    CHECKPOINT_DISABLE: '1',
    DCT_TOPOLOGY: sandbox.topology,
    DCT_REGISTRY_PASSWORD: sandbox.registry.password,
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'demo root passphrase',
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'demo repository passphrase',
  };
}

/** The real cdktf CLI on the app of stacks/, with state and output in a folder of its own. */
export class Cdktf {
  constructor(
    private readonly folder: string,
    private readonly sandbox: Sandbox,
    private readonly stop: AbortSignal,
  ) {
    const config = {
      language: 'typescript',
      app: 'node --import tsx ../stacks/main.ts',
      projectId: 'demo',
      sendCrashReports: 'false',
    };
    writeFileSync(join(folder, 'cdktf.json'), `${JSON.stringify(config, null, 2)}\n`);
  }

  async deploy(): Promise<void> {
    await this.run('deploy', '*', '--auto-approve');
  }

  async destroy(): Promise<void> {
    await this.run('destroy', '*', '--auto-approve');
  }

  /** Throws unless the diff shows a change of this attribute. */
  async expectChange(stack: string, attribute: string): Promise<void> {
    const output = await this.run('diff', stack);
    if (output.includes('No changes.') || !new RegExp(`[~+-] ${attribute}\\b`).test(output)) {
      throw new Error(`cdktf diff ${stack} should have shown a change of ${attribute}, but printed:\n${output}`);
    }
  }

  async expectNoChange(stack: string): Promise<void> {
    const output = await this.run('diff', stack);
    if (!output.includes('No changes.')) {
      throw new Error(`cdktf diff ${stack} should have been empty, but printed:\n${output}`);
    }
  }

  /**
   * Shows what Terraform does while it does it. Returns everything printed, and throws it when the command fails. When the
   * demo is to stop, it ends with all its processes first: they are a group of their own, which Ctrl-C does not reach.
   */
  private async run(...args: string[]): Promise<string> {
    this.stop.throwIfAborted();
    const child = spawn(CLI, args, {
      cwd: this.folder,
      detached: true,
      env: { ...process.env, CI: '1', FORCE_COLOR: '0', ...environmentOf(this.sandbox) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        if (WORTH_SHOWING.test(line)) console.log(`   ${line.trim()}`);
      });
    }
    const end = () => endGroup(child);
    this.stop.addEventListener('abort', end, { once: true });
    const [code] = (await once(child, 'close')) as [number | null];
    this.stop.removeEventListener('abort', end);
    this.stop.throwIfAborted();
    const output = lines.join('\n');
    if (code !== 0) throw new Error(`cdktf ${args.join(' ')} failed:\n${output}`);
    return output;
  }
}

/** Terraform ends by itself when it is asked to; whatever does not is killed: nothing of it is kept. */
function endGroup(child: ChildProcess): void {
  const send = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It is gone already.
    }
  };
  send('SIGTERM');
  const late = setTimeout(send, PATIENCE, 'SIGKILL');
  child.once('close', () => {
    clearTimeout(late);
  });
}

/** How long a command may take to end, milliseconds. */
const PATIENCE = 5000;
const WORTH_SHOWING = /(Creation|Modifications|Destruction) complete|^[^+]*~ \S+ +=|No changes\.|Plan: |Error:/;
