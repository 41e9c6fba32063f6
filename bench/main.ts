// `npm run bench [name …]`: each bench prints its figures as ratios measured in one run, since machines differ and wobble.
// `npm run bench -- --page` writes docs/bench.md of all of them.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { coldStart } from './cold-start';
import type { Print } from './print';
import { signers } from './signers';

const PAGE = resolve(__dirname, '../docs/bench.md');

interface Bench {
  readonly title: string;
  readonly run: (print: Print) => Promise<void>;
}

const benches: Record<string, Bench> = {
  'cold-start': { title: 'Start of the provider', run: coldStart },
  signers: { title: 'Adding signers, against docker trust signer add', run: signers },
};

async function main(args: readonly string[]): Promise<void> {
  const isPage = args.includes('--page');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const lines: string[] = [];
  const print: Print = (line) => {
    lines.push(line);
    console.log(line);
  };
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const bench = benches[name];
    if (bench === undefined) throw new Error(`No bench ${name}; there are: ${Object.keys(benches).join(', ')}`);
    print(`\n## ${bench.title}\n`);
    await bench.run(print);
  }
  if (isPage) writeFileSync(PAGE, `${head()}\n${lines.join('\n')}\n`);
}

function head(): string {
  return `# Bench

<!-- written by \`npm run bench -- --page\`; do not edit -->

One run of \`npm run bench\` on ${cpus().length} cores, with Node ${process.versions.node}. Times wobble and differ from machine to machine: what
counts are the ratios, measured in one run, and the counts of requests.`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
