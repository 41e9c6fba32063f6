import { join } from 'node:path';
import { build } from 'esbuild';

/** `keeper.ts` as one file: processes that each compile TypeScript first would not meet. */
export async function bundleKeeper(directory: string): Promise<string> {
  const outfile = join(directory, 'keeper.js');
  const entryPoints = [join(__dirname, 'keeper.ts')];
  await build({ entryPoints, bundle: true, platform: 'node', target: 'node20', outfile });
  return outfile;
}
