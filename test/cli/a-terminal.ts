import { runCommand } from '../../src/cli/command';
import type { Terminal } from '../../src/cli/terminal';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was asked for without echo. */
  readonly asked: readonly string[];
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What a person types when asked, in turn; nobody is there to be asked without it. */
  readonly answers?: readonly string[];
  /** Sees what was printed, and is waited for before the command is told to stop. */
  readonly whenPrinted?: (out: string) => Promise<void>;
}

/** Runs `dct` in this process. */
export async function dct(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { environment = {}, answers, whenPrinted } = options;
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
    progress: () => undefined,
    askSecret: (question) => {
      if (answers === undefined) return Promise.resolve(undefined);
      asked.push(question);
      return Promise.resolve(answers[asked.length - 1]);
    },
    environment,
    untilStopped: () => stopped,
  };
  return { code: await runCommand(args, terminal), out, err, asked };
}
