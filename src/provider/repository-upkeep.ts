import { type Expiring, expiringParts, type TrustData } from '../notary';
import type { Context } from '../plugin';
import type { Repository } from './connection';
import { keysOutOfReach, warnOfEnd } from './renewal';

/** What a repository renews itself. Delegations are renewed by the signatures in them (`dct_signed_tag`). */
export function repositoryParts(data: TrustData): readonly Expiring[] {
  return expiringParts(data).filter((part) => !isDelegation(part));
}

/**
 * Whether something of the repository itself is due. Warns of what ends and cannot be renewed here, and of delegations,
 * which may have no resource at all.
 */
export async function reportEnds(
  trust: Repository,
  data: TrustData,
  minValidityDays: number,
  now: Date,
  warn: Context['warn'],
): Promise<boolean> {
  const own = await trust.upkeep(repositoryParts(data), minValidityDays);
  const delegated = await trust.upkeep(expiringParts(data).filter(isDelegation), minValidityDays);
  for (const part of [...own.outOfReach, ...delegated.outOfReach]) {
    warnOfEnd(trust.gun, part, now, warn, keysOutOfReach(part));
  }
  for (const part of delegated.due) warnOfEnd(trust.gun, part, now, warn, RENEWED_BY_SIGNATURES);
  return own.due.length > 0;
}

/** Whether docker cannot read something that can be healed here. Warns of that, and of what cannot. */
export async function reportDamage(trust: Repository, data: TrustData, warn: Context['warn']): Promise<boolean> {
  const notes = await trust.damage(data);
  for (const { message } of notes) warn(undefined, message);
  return notes.some(({ code }) => code === 'healed');
}

const RENEWED_BY_SIGNATURES =
  'Its key is at hand: a dct_signed_tag of this signer signs it again in this apply; without one, signing any tag again does.';

function isDelegation({ what }: Expiring): boolean {
  return what.startsWith('targets/');
}
