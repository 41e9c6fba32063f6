import { spawnSync } from 'node:child_process';

/** The real programs, and the Debian package each comes in. */
const programs = {
  'notary-server': 'notary',
  'notary-signer': 'notary',
  notary: 'notary',
  'docker-registry': 'docker-registry',
  docker: 'docker-cli',
} as const;

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

function missing(): (keyof typeof programs)[] {
  const names = Object.keys(programs) as (keyof typeof programs)[];
  return names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
}

function packages(names: readonly (keyof typeof programs)[]): string[] {
  return [...new Set(names.map((name) => programs[name]))];
}
