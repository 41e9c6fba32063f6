// `npm run bench [name …]`: each bench prints its figures as ratios measured in one run, since machines differ and wobble.
import { coldStart } from './cold-start';
import { signers } from './signers';

const benches: Record<string, () => Promise<void>> = { 'cold-start': coldStart, signers };

async function main(names: readonly string[]): Promise<void> {
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const bench = benches[name];
    if (bench === undefined) throw new Error(`No bench ${name}; there are: ${Object.keys(benches).join(', ')}`);
    console.log(`\n## ${name}\n`);
    await bench();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
