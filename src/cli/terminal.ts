import { styleText } from 'node:util';
import { exitCode } from './exit-code';
import { readSecret } from './read-secret';

/** Where a command prints, asks, and learns that it should end; tests bring their own. */
export interface Terminal {
  /** Prints to standard output. */
  print(text: string): void;
  /** Prints to standard error. */
  complain(text: string): void;
  /** The text in bold where a person sees it. */
  bold(text: string): string;
  /** Says what long work is at, in one line that the next one replaces; '' clears it. Only where a person sees it. */
  progress(text: string): void;
  /** Asks for a secret without showing it; undefined where nobody can be asked. Throws `interrupted` at Ctrl-C. */
  askSecret(question: string): Promise<string | undefined>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves when the command is asked to end: SIGINT or SIGTERM. A second signal ends the process on the spot. */
  untilStopped(): Promise<void>;
}

export function processTerminal(): Terminal {
  process.stdout.on('error', cannotPrint);
  process.stderr.on('error', () => undefined);
  return {
    print: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
    bold: (text) => (process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' ? styleText('bold', text) : text),
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    },
    askSecret: (question) => readSecret(question, process.stdin, process.stderr),
    environment: process.env,
    untilStopped: () =>
      new Promise((resolve) => {
        let asked = false;
        const stop = (signal: NodeJS.Signals): void => {
          // As a shell counts it: 128 and the signal's number.
          if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
          asked = true;
          resolve();
        };
        process.on('SIGINT', stop);
        process.on('SIGTERM', stop);
      }),
  };
}

/** A reader that has gone, as `head` does, has what it wanted; anything else is said, and ends in a failure. */
function cannotPrint(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  // Whatever the command makes of itself later.
  process.once('exit', () => {
    process.exitCode = exitCode.failure;
  });
  process.stderr.write(`dct: cannot print: ${error.code ?? error.message}\n`);
}
