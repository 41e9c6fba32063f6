import type { Gun, PublicKey } from '../../notary';
import { isInterruption } from '../failure';
import type { Terminal } from '../terminal';
import { eachOf } from '../trust/limit';
import type { Registries } from '../trust/registry';
import { newKeys, type NewKeysOptions } from './new-keys';
import { type Consent, find, type Outcome, rehearse, resolveId, revoke } from './revocation';

export interface Revocation {
  /** As the user gave it: canonical, or that of a certificate. */
  readonly id: string;
  readonly guns: readonly Gun[];
  /** Public keys that a topology names. */
  readonly known: readonly PublicKey[];
  /** False: a dry run. */
  readonly isDone: boolean;
  readonly consent: Consent;
  readonly newKeys: NewKeysOptions;
}

/**
 * Looks for the key in every repository, then takes it away, or says what that would do, in each. Throws only `interrupted`
 * while nothing has been done; afterwards Ctrl-C lets what is under way be finished, and the rest is `not_tried`.
 */
export async function run(
  { id, guns, known, isDone, consent, newKeys: from }: Revocation,
  registries: Registries,
  terminal: Terminal,
): Promise<{ readonly ids: ReadonlySet<string>; readonly outcomes: readonly Outcome[] }> {
  const counter = (what: string): (() => void) => {
    let done = 0;
    return () => {
      terminal.progress(`${what} ${++done}/${guns.length}`);
    };
  };
  const [read, changed] = [counter('reading trust data'), counter(isDone ? 'revoking' : 'trying')];
  let isStopped = false;
  const stop = (): void => {
    terminal.progress('');
    if (!isStopped) terminal.complain('dct: stopping when what is under way is finished\n');
    isStopped = true;
  };
  if (isDone) void terminal.untilStopped().then(stop);
  const found = await eachOf(guns, 8, async (gun) => {
    const one = await find(gun, registries.repository(gun));
    read();
    return one;
  });
  const interruption = found.find(({ problem }) => isInterruption(problem))?.problem;
  if (interruption !== undefined) throw interruption;
  const ids = resolveId(found, known, id);
  const keys = newKeys(from, ids);
  const outcomes = await eachOf(found, 4, async (one): Promise<Outcome> => {
    if (isStopped) return { gun: one.gun, status: 'not_tried' };
    const outcome = await (isDone ? revoke : rehearse)(one, ids, consent, keys);
    if (!isInterruption(outcome.problem)) {
      changed();
      return outcome;
    }
    // Ctrl-C at a question for a passphrase: no more questions.
    stop();
    return { gun: one.gun, status: 'not_tried' };
  });
  terminal.progress('');
  return { ids, outcomes };
}
