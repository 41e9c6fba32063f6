import { build } from 'esbuild';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The version that @cdktf/provider-null asks for. */
export const NULL_VERSION = '3.2.4';

/**
 * Builds the stand-in for hashicorp/null and lays it below `plugins`, one of the folders in which Terraform looks for
 * providers before it asks a registry (`terraform.d/plugins` of a stack, `$XDG_DATA_HOME/terraform/plugins`).
 */
export async function layNullProvider(plugins: string): Promise<void> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const folder = join(
    plugins,
    'registry.terraform.io/hashicorp/null',
    NULL_VERSION,
    `${process.platform}_${architecture}`,
  );
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'terraform-provider-null');
  await build({
    entryPoints: [join(__dirname, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
}
