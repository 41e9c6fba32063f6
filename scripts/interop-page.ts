// `npx tsx scripts/interop-page.ts`: runs test/interop and writes docs/interop.md from the cases that have passed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { type PassedCase, pageFile, tablesOf } from '../test/interop/page';

const beginning = `# Interoperability

<!-- written by \`npx tsx scripts/interop-page.ts\` from a run of test/interop; do not edit -->

Every case below is a test in which the real programs take part: docker CLI and notary as clients, notary-server with its
database and notary-signer behind one TLS host as in a DTR, docker-registry for the images; \`docker trust sign\` runs against a
stand-in for the engine. "We" is what of this project takes part: \`src/notary\`, the library, or \`provider\`, run by Terraform.

What one side has made, the other reads and goes on from, with the key files that the first one wrote, and the first reads
again. A case stands here when it has passed, with the versions it has passed with; a test fails when this page does not have
exactly the cases that there are. Besides, one contract suite ([test/contract](../test/contract)) runs on each of these servers
and on the one in the sandbox.

`;

const directory = mkdtempSync(join(tmpdir(), 'dct-interop-page-'));
const results = join(directory, 'results.jsonl');
const jest = spawnSync('npx', ['jest', 'test/interop', '--testPathIgnorePatterns', 'page.test'], {
  cwd: join(__dirname, '..'),
  env: { ...process.env, CI: 'true', INTEROP_RESULTS: results },
  stdio: 'inherit',
});
if (jest.status === 0) void writePage();
else process.exitCode = 1;

async function writePage(): Promise<void> {
  const lines = readFileSync(results, 'utf8').trimEnd().split('\n');
  // written by test/interop/cases.ts
  const cases = lines.map((line) => JSON.parse(line) as PassedCase);
  writeFileSync(pageFile, await format(beginning + tablesOf(cases), { parser: 'markdown', printWidth: 120 }));
  rmSync(directory, { recursive: true });
}
