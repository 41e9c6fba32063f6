// Installs what is missing and builds what is stale, so that one command works on a fresh clone. Only Node's own modules here.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const installed = changed('node_modules/.package-lock.json');
if (installed === 0 || installed < changed('package-lock.json')) run('npm', ['ci', '--no-audit', '--no-fund']);

const built = changed('dist/provider.json');
if (built < Math.max(newest('src'), changed('scripts/build.mjs'), changed('package.json'))) {
  run(process.execPath, ['scripts/build.mjs']);
}

/** When the file was last written, in milliseconds; 0 when it is not there. */
function changed(path) {
  const file = join(root, path);
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

function newest(directory) {
  return Math.max(
    ...readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

function run(command, args) {
  console.error(`> ${command === process.execPath ? 'node' : command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
