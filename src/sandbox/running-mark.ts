import * as v from 'valibot';
import { DctError, systemCode } from '../error';
import { StateDirectory } from './state-directory';

const file = 'running.json';
const markSchema = v.object({ pid: v.number() });

/**
 * Marks a directory as the one of a running sandbox, since two on one state would lose what the other keeps. A mark whose
 * process is gone does not count.
 *
 * @throws DctError `sandbox_running`
 */
export async function markRunning(state: StateDirectory): Promise<void> {
  const pid = await markedBy(state);
  if (pid !== undefined) {
    throw new DctError('sandbox_running', `a sandbox is already running in ${state.path} (process ${pid})`, {
      cure: `Stop it (kill ${pid}), or give another directory.`,
    });
  }
  await state.writeJson(file, { pid: process.pid });
}

/** The process of the sandbox that runs in this directory, if there is one. */
export function runningIn(directory: string): Promise<number | undefined> {
  return markedBy(new StateDirectory(directory).below('state'));
}

export async function unmarkRunning(state: StateDirectory): Promise<void> {
  await state.remove(file);
}

async function markedBy(state: StateDirectory): Promise<number | undefined> {
  const mark = v.safeParse(markSchema, await state.readJson(file).catch(() => undefined));
  return mark.success && isAlive(mark.output.pid) ? mark.output.pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else is alive too.
    return systemCode(error) === 'EPERM';
  }
}
