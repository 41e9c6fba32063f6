import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { DctError } from '../../error';

/** A server program that listens on loopback. */
export interface ServerProcess {
  readonly port: number;
  /** What it printed last, for errors. */
  readonly output: () => string;
  close(): Promise<void>;
}

/**
 * Runs a program for as long as standard input stays open, and ends it by its process ID then. The pipe closes with the
 * process that holds its other end, however that goes, so nothing is left running after a crash or a `kill -9` either.
 */
const lifeline = `exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r _ <&3; kill -KILL "$server" 2>/dev/null ) &
watcher=$!
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

const attempts = 3;

/**
 * Starts a server on a free port and waits until the port is open, which is when notary's servers are ready. The port is
 * chosen before the program takes it, so a lost race is tried again.
 *
 * @param configure the arguments for a port; writes the configuration
 * @throws DctError `program_failed`, with what the program printed
 */
export async function startServer(
  program: string,
  configure: (port: number) => Promise<readonly string[]>,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  let output = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = await freePort();
    const server = run(program, await configure(port), env, port);
    if (await opens(port, server.ended)) return server;
    await server.close();
    output = server.output();
  }
  throw new DctError('program_failed', `${program} did not start: ${output.trim() || 'it printed nothing'}`, {
    cure: 'The sandbox needs notary 0.7; see whether the program runs by hand.',
  });
}

function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  port: number,
): ServerProcess & { readonly ended: Promise<void> } {
  const child = spawn('/bin/sh', ['-c', lifeline, 'sh', program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for the sandbox, which ends its servers last.
    detached: true,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (printed = `${printed}${chunk.toString()}`.slice(-4000)));
  }
  // The pipe may be gone before it is closed.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
    child.once('error', (error) => {
      printed += error.message;
      resolve();
    });
  });
  return {
    port,
    ended,
    output: () => printed,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port on loopback');
  return address.port;
}

/** Whether the port opens before the program ends or ten seconds are over. */
async function opens(port: number, ended: Promise<void>): Promise<boolean> {
  const gone = ended.then(() => 'gone' as const);
  for (let attempt = 0; attempt < 1000; attempt++) {
    const outcome = await Promise.race([gone, tries(port)]);
    if (outcome !== 'closed') return outcome === 'open';
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

function tries(port: number): Promise<'open' | 'closed'> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve('open');
    });
    socket.once('error', () => {
      resolve('closed');
    });
  });
}
