// Builds dist/: the library and the command (tsc), and the Terraform provider (esbuild).
// `--release` gives the provider the package's own version; any other build is `<version>-<content hash>`, because
// Terraform's caches never forgive changed bytes under one version.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
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

/**
 * Three files, loaded when they are needed: Terraform starts a provider three or four times per command, and reading and
 * compiling what a process is not asked for is most of its start.
 */
async function bundleProvider() {
  mkdirSync(providerDirectory, { recursive: true });
  const executable = join(providerDirectory, 'terraform-provider-dct');
  await bundle(
    join(root, 'src/provider/main.ts'),
    executable,
    { './answers.js': './provider.js' },
    '#!/usr/bin/env node',
  );
  chmodSync(executable, 0o755);
  await bundle(join(root, 'src/provider/answers.ts'), join(providerDirectory, 'provider.js'), {
    undici: './undici.js',
  });
  await bundle('undici', join(providerDirectory, 'undici.js'), {});
  const { schemaReply } = createRequire(import.meta.url)(join(providerDirectory, 'provider.js'));
  writeFileSync(join(providerDirectory, 'schema.bin'), await schemaReply());
  // Without it Node reads the files as ES modules when they are laid under a project with "type": "module".
  writeFileSync(join(providerDirectory, 'package.json'), '{}\n');
}

/** @param elsewhere imports that lie in a file of their own beside this one */
async function bundle(entry, outfile, elsewhere, banner = '') {
  await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    // The executable is CommonJS: its late imports are to be `require`, which is faster than a second module loader.
    supported: { 'dynamic-import': false },
    minify: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: banner },
    define: { 'process.env.DCT_PACKAGE_VERSION': JSON.stringify(packageVersion) },
    logLevel: 'warning',
    plugins: [
      {
        name: 'elsewhere',
        setup(context) {
          context.onResolve({ filter: /^(\.\/answers\.js|undici)$/ }, ({ path, kind }) =>
            kind !== 'entry-point' && path in elsewhere ? { path: elsewhere[path], external: true } : undefined,
          );
        },
      },
    ],
  });
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
