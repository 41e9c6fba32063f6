import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The real programs, and the Debian package each comes in. */
const programs = {
  'notary-server': 'notary',
  'notary-signer': 'notary',
  notary: 'notary',
  'docker-registry': 'docker-registry',
  docker: 'docker-cli',
  // initdb is what tells PostgreSQL's own folder from one that merely has its clients
  initdb: 'postgresql',
  // for a network of a test's own
  ip: 'iproute2',
  skopeo: 'skopeo',
} as const;

type Program = keyof typeof programs;

let answer: boolean | undefined;

/**
 * Whether the real programs are here; what is missing is installed when we may (root, apt-get). Where `CI=true` a missing
 * program is an error, elsewhere one printed line and `false`.
 */
export function ensureInteropPrograms(): boolean {
  answer ??= find();
  return answer;
}

/** `describe` for tests that need the real programs: skipped, with a printed line, where they cannot be had. */
export function describeInterop(name: string, tests: () => void): void {
  (ensureInteropPrograms() ? describe : describe.skip)(name, tests);
}

/** Where PostgreSQL's programs lie; Debian keeps them out of PATH, by version. */
export function postgresDirectory(): string {
  const found = directoryOf('initdb');
  if (found === undefined) throw new Error('there is no PostgreSQL here (apt-get install postgresql)');
  return found;
}

/** A program's version as a page names it, such as `docker 28.2.2`. */
export function versionOf(program: Program): string {
  if (program === 'docker') return `docker ${number(run('docker', '--version'))}`;
  if (program === 'initdb') return `PostgreSQL ${number(run(join(postgresDirectory(), 'initdb'), '--version'))}`;
  // notary does not know its own version
  return `${program} ${number(run('dpkg-query', '-W', '-f', '${Version}', programs[program]))}`;
}

function run(program: string, ...args: string[]): string {
  const { error, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return error === undefined ? stdout : '';
}

function number(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? 'of unknown version';
}

function find(): boolean {
  if (missing().length > 0) install();
  const still = missing();
  if (still.length === 0) return true;
  const message = `interop tests need ${still.join(', ')} (apt-get install ${packages(still).join(' ')})`;
  if (process.env.CI === 'true') throw new Error(message);
  process.stderr.write(`skipped: ${message}\n`);
  return false;
}

function install(): void {
  if (process.getuid?.() !== 0) return;
  const apt = (...args: string[]): void => {
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'ignore',
    });
  };
  apt('update', '-q');
  apt('install', '-q', '-y', '--no-install-recommends', ...packages(missing()));
}

function missing(): Program[] {
  const names = Object.keys(programs) as Program[];
  return names.filter((name) => directoryOf(name) === undefined);
}

function directoryOf(program: Program): string | undefined {
  const debian = '/usr/lib/postgresql';
  const postgres = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  // Debian's first: what others put into PATH may be a part only
  const folders = [...postgres.sort().reverse(), ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.find((folder) => existsSync(join(folder, program)));
}

function packages(names: readonly Program[]): string[] {
  return [...new Set(names.map((name) => programs[name]))];
}
