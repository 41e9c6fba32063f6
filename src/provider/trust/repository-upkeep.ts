import { type Expiring, expiringParts, type TrustData } from '../../notary';
import type { Context } from '../../plugin';
import type { Repository } from '../connection';
import { outOfReachCure, type Upkeep, warnOfEnd, warnOfRenewal } from './renewal';

/** What a repository renews itself. Delegations are renewed by the signatures in them (`dct_signed_tag`). */
export function repositoryParts(data: TrustData): readonly Expiring[] {
  return expiringParts(data).filter((part) => !isDelegation(part));
}

/**
 * Whether something of the repository itself is due. Warns of that, of what ends and cannot be renewed here, and of
 * delegations, which may have no resource at all.
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
  reportUpkeep(trust, { ...own, outOfReach: [...own.outOfReach, ...delegated.outOfReach] }, now, warn);
  for (const part of delegated.due) warnOfEnd(trust.gun, part, now, warn, RENEWED_BY_SIGNATURES);
  return own.due.length > 0;
}

/** Warns of what is signed again, and of what cannot be here: once, though every signed tag stands in the same files. */
export function reportUpkeep(trust: Repository, { due, outOfReach }: Upkeep, now: Date, warn: Context['warn']): void {
  const once = trust.warnOnce(warn);
  for (const part of due) warnOfRenewal(trust.gun, part, now, once);
  for (const missed of outOfReach) warnOfEnd(trust.gun, missed.part, now, once, outOfReachCure(trust.gun, missed));
}

/** Whether docker cannot read something that can be healed here. Warns of that, and of what cannot. */
export async function reportDamage(trust: Repository, data: TrustData, warn: Context['warn']): Promise<boolean> {
  const notes = await trust.damage(data);
  for (const { message } of notes) warn(undefined, message);
  return notes.some(({ code }) => code === 'healed');
}

export const RENEWED_BY_SIGNATURES =
  'Its key is at hand: a dct_signed_tag of this signer signs it again in the days before the end that its own ' +
  'min_validity_days gives, and this plan says so where that is now; without one, signing any tag again does.';

function isDelegation({ what }: Expiring): boolean {
  return what.startsWith('targets/');
}
