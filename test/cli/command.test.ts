import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dct } from './a-terminal';

test('the version is the package’s', async () => {
  const { version } = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8')) as { version: string };
  expect(await dct(['--version'])).toMatchObject({ code: 0, out: `${version}\n`, err: '' });
});

test.each([['--help'], ['help', 'sandbox'], ['sandbox', '--help']])('help has examples: %s %s', async (...args) => {
  const { code, out } = await dct(args.filter((arg) => typeof arg === 'string'));
  expect(code).toBe(0);
  expect(out).toContain('Examples:\n  dct sandbox');
});

test.each([
  [['nonsense'], "error: unknown command 'nonsense'\nTry: dct --help\n"],
  [['sandbox', '--colour'], "error: unknown option '--colour'\nTry: dct sandbox --help\n"],
  [
    ['sandbox', 'here'],
    "error: too many arguments for 'sandbox'. Expected 0 arguments but got 1.\nTry: dct sandbox --help\n",
  ],
  ...['0', '101', 'x', '2.5', '-1'].map((count): [string[], string] => [
    ['sandbox', '--clusters', count],
    `error: option '-c, --clusters <number>' argument '${count}' is invalid. It must be a whole number from 1 to 100.\nTry: dct sandbox --help\n`,
  ]),
])('%j is a wrong command line', async (args, err) => {
  expect(await dct(args)).toMatchObject({ code: 2, out: '', err });
});

test('a reader that goes before the end is no failure', async () => {
  const main = join(__dirname, '../../src/cli/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  expect([(await once(child, 'close'))[0], err]).toEqual([0, '']);
});

describe('when dct sandbox runs', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dct-sandbox-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('with --json it prints one line, and ends well when it is stopped', async () => {
    const { code, out, err } = await dct(['sandbox', '--clusters', '2', '--dir', directory, '--json'], {
      whenPrinted: async () => {
        await readFile(join(directory, 'state/running.json'));
      },
    });
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toHaveLength(2);
    const ready = JSON.parse(out) as { registry: object; clusters: object[]; topology: string; pid: number };
    expect(Object.keys(ready)).toEqual(['registry', 'clusters', 'topology', 'pid']);
    expect(ready.pid).toBe(process.pid);
    expect(Object.keys(ready.registry)).toEqual(['hostAddress', 'caFile', 'username', 'password']);
    expect(ready.clusters.map((cluster) => Object.keys(cluster))).toEqual(
      Array(2).fill(['name', 'endpoint', 'clientBundle', 'caFile', 'username', 'password']),
    );
    expect(ready.topology).toBe(join(directory, 'topology.toml'));
    await expect(readFile(join(directory, 'state/running.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a person is told what is up and what to try', async () => {
    const { code, out } = await dct(['sandbox', '--clusters', '4', '--dir', directory], {
      whenPrinted: () => Promise.resolve(),
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}registry {5}https:\/\/localhost:\d+ +admin \/ \S+$/m);
    expect(out).toMatch(/^ {2}cluster4 {5}https:\/\/localhost:\d+ +runs only signed images; in no topology$/m);
    expect(out).toContain(`cd ${directory}/bundles/cluster2 && eval "$(<env.sh)"`);
    expect(out).toContain(`dct sandbox --clusters 4 --dir ${directory} brings it back as it was.\n`);
    expect(out).toMatch(/The sandbox is down\.\n$/);
  });

  test('a directory in use is a failure with its cure', async () => {
    await dct(['sandbox', '--clusters', '1', '--dir', directory], {
      whenPrinted: async () => {
        const { code, out, err } = await dct(['sandbox', '--dir', directory]);
        expect([code, out]).toEqual([1, '']);
        expect(err).toMatch(
          /^dct: a sandbox is already running in .*\n {2}Stop it \(kill \d+\), or give another directory\.\n$/,
        );
      },
    });
    expect.assertions(2);
  });
});
