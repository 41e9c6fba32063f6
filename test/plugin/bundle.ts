import { build } from 'esbuild';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** The test provider as one executable file, as the real one is built, and a CLI configuration that finds it. */
export async function bundleProvider(address: string) {
  const directory = await mkdtemp(path.join(tmpdir(), 'provider-'));
  const executable = path.join(directory, `terraform-provider-${path.basename(address)}`);
  await build({
    entryPoints: [path.join(__dirname, 'spawned-provider.ts')],
    outfile: executable,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(executable, 0o755);
  const cliConfig = path.join(directory, 'cli.tfrc');
  await writeFile(
    cliConfig,
    `provider_installation {\n  dev_overrides {\n    "${address}" = "${directory}"\n  }\n  direct {}\n}\n`,
  );
  return { directory, executable, cliConfig, close: () => rm(directory, { recursive: true, force: true }) };
}
