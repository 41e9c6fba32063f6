import type { Expiring, Gun, KeysAtHand } from '../notary';
import { type Context, UNKNOWN, type Unknown } from '../plugin';

const DAY = 86_400_000;
/** How long before the end a role is reported whose key is not at hand: whoever has it needs time. Days. */
const NOTICE = 180;

export interface Upkeep {
  /** Ends within the days asked for, and its keys are at hand. */
  readonly due: readonly Expiring[];
  /** Ends within half a year, and too few of its keys are at hand. */
  readonly outOfReach: readonly Expiring[];
}

/**
 * `renewal_due` at plan. What is due will be done; a longer validity than before may make something due, which only the
 * apply finds out; and a plan does not look at the clock.
 */
export function plannedRenewal(prior: Renewing | undefined, planned: Renewing): boolean | Unknown {
  if (prior === undefined || prior.renewal_due === UNKNOWN) return UNKNOWN;
  const { min_validity_days: before } = prior;
  const { min_validity_days: after } = planned;
  if (after === UNKNOWN || before === UNKNOWN || after > before) return UNKNOWN;
  return false;
}

interface Renewing {
  readonly renewal_due: boolean | Unknown;
  readonly min_validity_days: number | bigint | Unknown;
}

/** What of these parts has to be signed again soon, and what of that can be here. */
export async function upkeep(
  parts: readonly Expiring[],
  { minValidityDays, now, keys }: { readonly minValidityDays: number; readonly now: Date; readonly keys: KeysAtHand },
): Promise<Upkeep> {
  const endsWithin = (days: number) => (part: Expiring) => part.expires < endOf(now, days);
  const soon = parts.filter(endsWithin(Math.max(NOTICE, minValidityDays)));
  const reached = await Promise.all(soon.map(async (part) => ({ part, reachable: await isAtHand(part, keys) })));
  return {
    due: reached.flatMap(({ part, reachable }) => (reachable ? [part] : [])).filter(endsWithin(minValidityDays)),
    outOfReach: reached.flatMap(({ part, reachable }) => (reachable ? [] : [part])),
  };
}

export function endOf(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY);
}

/** Says when something ends, what that means, and who could sign it again. */
export function warnOfEnd(gun: Gun, part: Expiring, now: Date, warn: Context['warn'], cure: string): void {
  const { what, expires } = part;
  const day = expires.toISOString().slice(0, 10);
  const [subject, meaning] = meaningOf(part, gun);
  const over = expires < now;
  const verb = what === 'targets/releases' ? (over ? 'expired' : 'expire') : over ? 'expired' : 'expires';
  warn(
    undefined,
    `${subject} ${verb} on ${day}`,
    `${over ? meaning.replace(/^Then /, 'Since then ') : meaning} ${cure}`,
  );
}

/** Who could sign it again, where that is not us. */
export function keysOutOfReach({ what, keys }: Expiring): string {
  const ids = [...new Set(keys.map(({ canonicalId }) => canonicalId))].sort().join(', ');
  const whose = what === 'root' || what === 'root_certificate' ? 'root key' : `key of ${what}`;
  return `No ${whose} is at hand that could sign again: whoever has ${ids} has to, or lend the key (trust store or signing_keys).`;
}

function meaningOf({ what }: Expiring, gun: Gun): readonly [subject: string, meaning: string] {
  switch (what) {
    case 'root':
      return [`The root of ${gun}`, 'Then docker refuses the whole repository.'];
    case 'root_certificate':
      return [
        `The root certificate of ${gun}`,
        'Then nobody can read, change or repair the repository any more: its trust data can only be deleted and made again.',
      ];
    case 'targets':
      return [`The list of signers (targets) of ${gun}`, 'Then docker refuses the whole repository.'];
    case 'snapshot':
      return [`The snapshot of ${gun}, which a client signs,`, 'Then docker refuses the whole repository.'];
    case 'targets/releases':
      return [`The released tags (targets/releases) of ${gun}`, 'Then none of its tags is signed any more.'];
    default:
      return [
        `The file of the signer ${what.slice('targets/'.length)} (${what}) of ${gun}`,
        'Then none of this signer’s signatures counts any more.',
      ];
  }
}

async function isAtHand({ keys, threshold }: Expiring, atHand: KeysAtHand): Promise<boolean> {
  const found = await Promise.all(keys.map((key) => atHand.find(key.canonicalId)));
  return found.filter((key) => key !== undefined).length >= threshold;
}
