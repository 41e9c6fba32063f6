import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A network of a test's own (a Linux network namespace) in which these host names have an address that is not loopback.
 * Nothing in it reaches any other network, and no other process is in it.
 */
export interface OwnNetwork {
  /** Runs what follows it in this network. */
  readonly through: readonly string[];
  readonly close: () => Promise<void>;
}

export interface OwnNetworkOptions {
  readonly directory: string;
  readonly hosts: readonly string[];
  /** What a connection to port 443 of these hosts leads to: unix sockets are the same in every network. */
  readonly socket: string;
}

const address = '10.99.0.1';
const isRoot = process.getuid?.() === 0;
// others than root get the rights for it in a user namespace
const unshare = ['unshare', ...(isRoot ? [] : ['-U', '-r']), '-n', '-m'];

const forwarder = `
  const { connect, createServer } = require('node:net');
  createServer((incoming) => {
    const onward = connect(process.argv[1]);
    incoming.on('error', () => onward.destroy()).pipe(onward);
    onward.on('error', () => incoming.destroy()).pipe(incoming);
  }).listen(443, '${address}', () => console.log('ready'));`;

const settings = `
  PATH="$PATH:/usr/sbin:/sbin"
  ip link set lo up && ip address add ${address}/32 dev lo && mount --bind "$0" /etc/hosts && exec "$@"`;

/** `describe` for tests in a network of their own: a failure where `CI=true` and there can be none, elsewhere skipped with a printed line. */
export function describeInOwnNetwork(name: string, tests: () => void): void {
  const { status, stderr, error } = spawnSync(unshare[0] ?? '', [...unshare.slice(1), 'true']);
  if (status === 0) {
    describe(name, tests);
    return;
  }
  const why = `${name}: no network namespace can be made here: ${error?.message ?? stderr.toString()}`;
  if (process.env.CI === 'true') throw new Error(why);
  process.stderr.write(`skipped: ${why}\n`);
  describe.skip(name, tests);
}

export async function startOwnNetwork({ directory, hosts, socket }: OwnNetworkOptions): Promise<OwnNetwork> {
  const file = join(directory, 'hosts');
  await writeFile(file, `127.0.0.1 localhost\n${address} ${hosts.join(' ')}\n`);
  const [program = '', ...flags] = unshare;
  const args = [...flags, 'sh', '-c', settings, file, process.execPath, '-e', forwarder, socket];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const isReady = await Promise.race([
    new Promise<boolean>((resolve) => child.stdout.once('data', () => resolve(true))),
    ended.then(() => false),
  ]);
  if (!isReady) throw new Error(`the network did not come up: ${output}`);
  const user = isRoot ? [] : ['-U', '--preserve-credentials'];
  return {
    through: ['nsenter', '-t', String(child.pid), ...user, '-n', '-m', '--'],
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
