import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Log } from '../definition';
import type { GrpcServer } from './grpc-server';

/**
 * An error nobody caught: running calls fail, the cause goes to stderr after `panic: `, which Terraform shows as the
 * provider's crash, and the process ends with 1.
 */
export function exitOnCrash(name: string, grpc: GrpcServer, cleanUp: () => void): void {
  const crash = (error: unknown): void => {
    try {
      const [first = '', ...rest] = inspect(error).split('\n');
      writeSync(2, `panic: ${name}: ${first}\n\n${rest.map((line) => `${line}\n`).join('')}`);
      grpc.failAll(`the provider ${name} crashed: ${error instanceof Error ? error.message : String(error)}`);
      cleanUp();
    } finally {
      // Terraform reads stderr while it lives; the running calls' replies need a turn to get out.
      setTimeout(() => process.exit(1), 50);
    }
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

/** console.* would break the handshake on stdout, and be lost after it: all of it goes to the log. */
export function logConsole(log: Log): void {
  const line =
    (write: (message: string) => void) =>
    (...values: unknown[]): void => {
      write(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '));
    };
  console.log = line(log.info);
  console.info = line(log.info);
  console.debug = line(log.debug);
  console.trace = line(log.trace);
  console.warn = line(log.warn);
  console.error = line(log.error);
}
