import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const script = join(__dirname, 'generated-at-the-limit.ts');

test('Node does not stop for ever where garbage is collected while a key is made', () => {
  const args = ['--max-semi-space-size=1', '--import', 'tsx', script];
  // a process that stands still never ends by itself
  const out = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' });
  expect(out).toContain('made 750 keys');
});
