import { styleText } from 'node:util';

/** Where a command prints and how it learns that it should end; tests bring their own. */
export interface Terminal {
  /** Prints to standard output. */
  print(text: string): void;
  /** Prints to standard error. */
  complain(text: string): void;
  /** The text in bold where a person sees it. */
  bold(text: string): string;
  /** Resolves when the command is asked to end: SIGINT or SIGTERM. A second signal ends the process on the spot. */
  untilStopped(): Promise<void>;
}

export function processTerminal(): Terminal {
  return {
    print: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
    bold: (text) => (process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' ? styleText('bold', text) : text),
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
