import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A server program that listens, ended by its own process ID. */
export interface ServerProcess {
  readonly port: number;
  /** Rejects, with what the program said last, where it had ended by itself before. */
  readonly close: () => Promise<void>;
}

interface Configuration {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProcessOptions {
  /** @default SIGKILL */
  readonly endSignal?: NodeJS.Signals;
  /** Last words after which it is started again on its port, as those who run it would have it; this is said on standard error. */
  readonly restartsAfter?: RegExp;
}

/**
 * Starts a server program on a free loopback port and waits until the port is open (which is when these servers are ready).
 * The port is chosen before the program takes it, so a lost race is tried again.
 */
export async function startProcess(
  program: string,
  configure: (port: number) => Configuration,
  { endSignal = 'SIGKILL', restartsAfter }: ProcessOptions = {},
): Promise<ServerProcess> {
  let failure = '';
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const configuration = configure(port);
    let running = run(program, configuration, endSignal);
    if (await opens(port, running.ended)) {
      let isClosing = false;
      const watch = async (): Promise<void> => {
        const { words } = await running.ended;
        if (isClosing || restartsAfter?.test(words) !== true) return;
        process.stderr.write(`${program} ended by itself and is started again: ${words.split('\n', 1)[0] ?? ''}\n`);
        running = run(program, configuration, endSignal);
        void watch();
      };
      void watch();
      const close = async (): Promise<void> => {
        isClosing = true;
        const { byItself, how, words } = await running.end();
        if (byItself) throw new Error(`${program} ended by itself (${how}): ${words}`);
      };
      return { port, close };
    }
    failure = (await running.end()).words;
  }
  throw new Error(`${program} did not start: ${failure}`);
}

interface Ended {
  readonly how: string;
  readonly byItself: boolean;
  /** What it printed last, or why it crashed. */
  readonly words: string;
}

/** A program as a child of ours, which does not outlive us. */
function run(
  program: string,
  { args, env }: Configuration,
  endSignal: NodeJS.Signals,
): { readonly ended: Promise<Ended>; readonly end: () => Promise<Ended> } {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-500_000)));
  }
  const endWithUs = (): void => void child.kill(endSignal);
  process.once('exit', endWithUs);
  let byItself = true;
  const ended = new Promise<Ended>((resolve) => {
    const end = (how: string): void => {
      process.off('exit', endWithUs);
      resolve({ how, byItself, words: lastWords(output) });
    };
    child.once('close', (code, signal) => {
      end(signal ?? `code ${code ?? 'unknown'}`);
    });
    child.once('error', (error) => {
      output += String(error);
      end('not started');
    });
  });
  const end = (): Promise<Ended> => {
    if (child.exitCode === null && child.signalCode === null) byItself = false;
    child.kill(endSignal);
    return ended;
  };
  return { ended, end };
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

async function opens(port: number, ended: Promise<unknown>): Promise<boolean> {
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
