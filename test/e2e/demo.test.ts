import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
jest.setTimeout(300_000);

describe('when the demo is run', () => {
  it('shows all four outcomes, finds and repairs drift, and leaves nothing behind', async () => {
    const demo = spawn('npm', ['run', 'demo'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: string[] = [];
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    }
    const [code] = (await once(demo, 'close')) as [number | null];
    const output = chunks.join('');
    // The output is what explains a failure, so it is part of what is compared.
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('Every step showed what it should') as string,
    });
    for (const outcome of [
      /trustdemo:1 +cluster2 +admitted/,
      /unsigned:1 +cluster2 +image or trust data does not exist for /,
      /trustdemo:2 +cluster3 +.*image did not meet required signing policy/,
      /trustdemo:1 +cluster4 +.* must be a registered trusted registry/,
      /~ require_signature_from/,
      /No changes/,
    ]) {
      expect(output).toMatch(outcome);
    }
    expect(existsSync(join(root, '.sandbox'))).toBe(false);
  });
});

describe('when the demo is asked to end', () => {
  const folder = join(root, '.sandbox');
  // Like one that was started in a terminal: Ctrl-C reaches all processes of it.
  const start = () => {
    const demo = spawn('npm', ['run', 'demo'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const until = (text: string) =>
      new Promise<void>((resolve) => {
        for (const stream of [demo.stdout, demo.stderr]) {
          stream.setEncoding('utf8').on('data', (chunk: string) => {
            output += chunk;
            if (output.includes(text)) resolve();
          });
        }
        demo.once('close', () => resolve());
      });
    return { demo, until, output: () => output };
  };
  const code = async (demo: ChildProcess) => ((await once(demo, 'close')) as [number | null])[0];

  it('ends Terraform in the middle of a deploy at Ctrl-C, and leaves nothing', async () => {
    const { demo, until, output } = start();
    await until('Creation complete');
    process.kill(-(demo.pid ?? 0), 'SIGINT');
    expect({ code: await code(demo), output: output() }).toEqual({
      code: 130,
      output: expect.stringContaining('Interrupted. Nothing is left running') as string,
    });
    expect(existsSync(folder)).toBe(false);
    expect(processesIn(folder)).toEqual([]);
  });

  it('removes what a killed run left, and ends at SIGTERM', async () => {
    mkdirSync(join(folder, 'state'), { recursive: true });
    // A process ID that no system gives.
    writeFileSync(join(folder, 'state/running.json'), JSON.stringify({ pid: 2 ** 30 }));
    writeFileSync(join(folder, 'cdktf.json'), '{}');
    const { demo, until, output } = start();
    await until("== cdktf deploy '*'");
    demo.kill('SIGTERM');
    expect({ code: await code(demo), output: output() }).toEqual({
      code: expect.any(Number) as number,
      output: expect.stringContaining(`Removing ${folder}, which an earlier run left when it was killed`) as string,
    });
    expect(output()).toContain('Interrupted.');
    expect(existsSync(folder)).toBe(false);
  });
});

/** Commands of processes that work in the folder or below it. */
function processesIn(folder: string): string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(join('/proc', id, 'cwd')).startsWith(folder);
    } catch {
      return false;
    }
  });
}
