// Builds dist/: the library and the command (tsc), and the Terraform provider as one file (esbuild).
// `--release` gives the provider the package's own version; any other build is `<version>-<content hash>`, because
// Terraform's caches never forgive changed bytes under one version.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version: packageVersion } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const providerDirectory = join(root, 'dist/provider');

compileLibrary();
await bundleProvider();
describeProvider();

function compileLibrary() {
  // Declarations of classes that are gone must not linger.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'src'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
}

async function bundleProvider() {
  rmSync(join(root, 'dist/provider'), { recursive: true, force: true });
  mkdirSync(providerDirectory, { recursive: true });
  const executable = join(providerDirectory, 'terraform-provider-dct');
  await build({
    entryPoints: [join(root, 'src/provider/main.ts')],
    outfile: executable,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: '#!/usr/bin/env node' },
    define: { 'process.env.DCT_PACKAGE_VERSION': JSON.stringify(packageVersion) },
    logLevel: 'warning',
  });
  chmodSync(executable, 0o755);
  // Without it Node reads the file as an ES module when it is laid under a project with "type": "module".
  writeFileSync(join(providerDirectory, 'package.json'), '{}\n');
}

function describeProvider() {
  const files = readdirSync(providerDirectory).sort();
  const digest = (algorithmInput) => createHash('sha256').update(algorithmInput);
  // Go's dirhash.Hash1, which Terraform's lock file calls h1.
  const summary = files
    .map((name) => `${digest(readFileSync(join(providerDirectory, name))).digest('hex')}  ${name}\n`)
    .join('');
  const content = digest(summary);
  const h1 = `h1:${content.copy().digest('base64')}`;
  const version = process.argv.includes('--release')
    ? packageVersion
    : `${packageVersion}-${content.digest('hex').slice(0, 12)}`;
  const description = { source: 'terraform.local/cdktf-dct/dct', version, h1, files };
  writeFileSync(join(root, 'dist/provider.json'), `${JSON.stringify(description, null, 2)}\n`);
}
