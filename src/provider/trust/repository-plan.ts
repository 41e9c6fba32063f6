import { type Context, UNKNOWN, type Unknown } from '../../plugin';
import type { Connection } from '../connection';
import type { PlannedChange } from '../rehearsal';
import { explain } from '../errors/explain';
import { notAdopted } from './adoption';
import { unlessUnknown } from '../configuration/unknown-configuration';

/**
 * Terraform plans a replacement (`-replace`) as the thing that is there, and then as if it were not. What stands in the trust
 * data is made again with it.
 */
export async function planCreation(
  gun: string,
  whenLost: string | Unknown,
  provider: Connection,
  warn: Context['warn'],
): Promise<void> {
  provider.foreseen.planned(gun);
  if (provider.foreseen.isAnew(gun)) await planRemoval({ gun, on_destroy: 'delete' }, provider, warn);
  if (whenLost !== 'recreate') return;
  await unlessUnknown(
    () => {
      provider.repository(gun).mayBeRemade();
    },
    () => undefined,
  );
}

/**
 * Throws what would keep the apply from making the keys of new trust data. What is there already needs none: what comes of
 * that the apply says.
 */
export async function planNewKeys(gun: string | Unknown, provider: Connection, warn: Context['warn']): Promise<void> {
  try {
    await provider.preflight.ofNewTrust(warn);
  } catch (error) {
    if (gun === UNKNOWN || provider.foreseen.isAnew(gun)) throw error;
    if ((await standing(gun, provider)) === undefined) throw error;
  }
}

/**
 * At plan, trust data that is there although no state knows it: no error, since it may be gone by the apply, which looks again.
 * What a killed apply has left of this resource is none.
 */
export async function warnOfOthers(gun: string, provider: Connection, warn: Context['warn']): Promise<void> {
  if (provider.foreseen.isAnew(gun)) return;
  const found = await standing(gun, provider);
  if (found === undefined || (found.isBlank && (await provider.canChange(found)))) return;
  const said = explain(notAdopted(found));
  if (said !== undefined) warn(['name'], said.summary, `${GONE_BY_THEN}\n${said.detail ?? ''}`);
}

const GONE_BY_THEN = 'The apply fails, unless that is gone by then.';

/** Trust data that is there, if that can be told soon. */
function standing(gun: string, provider: Connection) {
  return provider.atAGlance(() => provider.repository(gun).read('cached', undefined, () => undefined));
}

/** Rule 4 for trust data that goes. */
export function planRemoval(prior: Leaving, provider: Connection, warn: Context['warn']): Promise<void> {
  return provider.rehearsals.ofPlan(withoutIt(prior), warn);
}

/** The same where another repository comes in its place. */
export function planReplacement(
  prior: Leaving,
  gun: string | Unknown,
  provider: Connection,
  warn: Context['warn'],
): Promise<void> {
  const comes: PlannedChange[] = [{ of: 'repository', stands: true, gun }];
  // Not known yet, it may come to be the very one.
  const followed = typeof gun === 'string' ? {} : { followedBy: 'anything' as const };
  return provider.rehearsals.ofReplacement({ goes: withoutIt(prior), comes, ...followed }, warn);
}

interface Leaving {
  readonly gun: string;
  readonly on_destroy: string;
}

function withoutIt({ gun, on_destroy }: Leaving): PlannedChange[] {
  return on_destroy === 'delete' ? [{ of: 'repository', stands: false, gun }] : [];
}
