import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A server program that listens, ended by its own process ID. */
export interface ServerProcess {
  readonly port: number;
  /** Rejects, with what the program said last, where it had ended by itself before. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server program on a free loopback port and waits until the port is open (which is when these servers are ready).
 * The port is chosen before the program takes it, so a lost race is tried again.
 */
export async function startProcess(
  program: string,
  configure: (port: number) => { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> },
  endSignal: NodeJS.Signals = 'SIGKILL',
): Promise<ServerProcess> {
  let failure = '';
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const { args, env } = configure(port);
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let isOver: string | undefined;
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-500_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const ended = new Promise<void>((resolve) => {
      child.once('close', (code, signal) => {
        isOver = signal ?? `code ${code ?? 'unknown'}`;
        resolve();
      });
      child.once('error', (error) => {
        output += String(error);
        resolve();
      });
    });
    const endWithUs = (): void => void child.kill(endSignal);
    process.once('exit', endWithUs);
    if (await opens(port, ended)) {
      const close = async (): Promise<void> => {
        process.off('exit', endWithUs);
        if (isOver !== undefined) throw new Error(`${program} ended by itself (${isOver}): ${lastWords(output)}`);
        child.kill(endSignal);
        await ended;
      };
      return { port, close };
    }
    child.kill(endSignal);
    process.off('exit', endWithUs);
    failure = lastWords(output);
  }
  throw new Error(`${program} did not start: ${failure}`);
}

/** Closes all of these, last first, also where one of them fails; then throws what the first one threw. */
export async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** From where a Go program says why it ends: what it prints of its goroutines after that is long. */
function lastWords(output: string): string {
  const crash = output.search(/^(panic|fatal error|unexpected fault|SIG[A-Z]+):/m);
  return crash === -1 ? output.slice(-4000) : output.slice(crash, crash + 4000);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no loopback port');
  return address.port;
}

async function opens(port: number, ended: Promise<void>): Promise<boolean> {
  const gone = ended.then(() => 'gone' as const);
  for (let attempt = 0; attempt < 1000; attempt++) {
    const outcome = await Promise.race([gone, tries(port)]);
    if (outcome === 'open') return true;
    if (outcome === 'gone') return false;
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
