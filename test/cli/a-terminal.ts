import { runCommand } from '../../src/cli/command';
import type { Terminal } from '../../src/cli/terminal';
import { DctError } from '../../src/error';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was asked for without echo. */
  readonly asked: readonly string[];
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What a person types when asked, in turn, `ctrlC` too; nobody is there to be asked without it. */
  readonly answers?: readonly string[];
  /** Sees what was printed, and is waited for before the command is told to stop. */
  readonly whenPrinted?: (out: string) => Promise<void>;
  /** Sees what long work is at; true: Ctrl-C. */
  readonly whenAt?: (progress: string) => boolean;
}

export const ctrlC = '\u0003';

/** Runs `dct` in this process. */
export async function dct(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { environment = {}, answers, whenPrinted, whenAt } = options;
  let [out, err] = ['', ''];
  const asked: string[] = [];
  let stop: () => void;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const terminal: Terminal = {
    print: (text) => {
      out += text;
      if (whenPrinted !== undefined && !text.includes('is down')) void whenPrinted(out).finally(() => stop());
    },
    complain: (text) => {
      err += text;
    },
    bold: (text) => text,
    progress: (text) => {
      if (whenAt?.(text) === true) stop();
    },
    askSecret: (question) => {
      if (answers === undefined) return Promise.resolve(undefined);
      asked.push(question);
      const answer = answers[asked.length - 1];
      // as a terminal without echo hands it on
      return answer === ctrlC ? Promise.reject(new DctError('interrupted', 'interrupted')) : Promise.resolve(answer);
    },
    environment,
    untilStopped: () => stopped,
  };
  return { code: await runCommand(args, terminal), out, err, asked };
}
