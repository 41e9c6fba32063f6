import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
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
