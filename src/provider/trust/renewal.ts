import type { DraftNote, Expiring, Gun, KeysAtHand, RoleKeyring, TrustDraft } from '../../notary';
import { type Context, UNKNOWN, type Unknown } from '../../plugin';

const DAY = 86_400_000;
/** How long before the end a part is reported that cannot be signed here: whoever has the key needs time. Days. */
const NOTICE = 180;
/** How long before the end the root and its certificate are signed again: once that is over nobody can. Days. */
const ROOT_LEAD = 365;

export interface Upkeep {
  /** Ends within the days asked for (of a root: within a year), and can be signed again here. */
  readonly due: readonly Expiring[];
  /** Ends within half a year, and too few of its keys are at hand, or of the snapshot's where a client signs that. */
  readonly outOfReach: readonly OutOfReach[];
}

export interface OutOfReach {
  readonly part: Expiring;
  readonly missing: Missing;
}

/** Whose keys are not at hand. */
export interface Missing {
  readonly own: boolean;
  readonly snapshot: boolean;
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

interface Terms {
  readonly minValidityDays: number;
  readonly now: Date;
  readonly keys: KeysAtHand;
  /** The same publish hands the snapshot over to the server, so that a client's key of it is not needed. */
  readonly handsOver?: boolean;
}

/** What of these parts has to be signed again soon, and what of that can be here. */
export async function upkeep(
  parts: readonly Expiring[],
  { minValidityDays, now, keys, handsOver = false }: Terms,
): Promise<Upkeep> {
  const isDue = (part: Expiring) => part.expires < endOf(now, leadOf(part, minValidityDays));
  const isNear = ({ expires }: Expiring) => expires < endOf(now, Math.max(NOTICE, minValidityDays));
  const weighed = await Promise.all(
    parts
      .filter((part) => isDue(part) || isNear(part))
      .map(async (part) => ({ part, missing: await missingFor(part, keys, handsOver) })),
  );
  return {
    due: weighed.flatMap(({ part, missing }) => (missing === undefined && isDue(part) ? [part] : [])),
    outOfReach: weighed.flatMap(({ part, missing }) =>
      missing !== undefined && isNear(part) ? [{ part, missing }] : [],
    ),
  };
}

/** Signs these parts again, which have to be due. */
export async function renewDue(
  draft: TrustDraft,
  due: readonly Expiring[],
  minValidityDays: number,
  now: Date,
): Promise<DraftNote[]> {
  const notes: DraftNote[] = [];
  for (const part of due) notes.push(...(await draft.renew([part.what], endOf(now, leadOf(part, minValidityDays)))));
  return notes;
}

/** How long before its end a part is signed again, days. */
function leadOf({ what }: Pick<Expiring, 'what'>, minValidityDays: number): number {
  return what === 'root' || what === 'root_certificate' ? Math.max(minValidityDays, ROOT_LEAD) : minValidityDays;
}

function endOf(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY);
}

/** Says when something ends, what that means, and who could sign it again. */
export function warnOfEnd(gun: Gun, part: Expiring, now: Date, warn: Context['warn'], cure: string): void {
  const { ends, meaning } = endOfPart(gun, part, now);
  warn(undefined, ends, `${meaning} ${cure}`);
}

/** The same of what is due, which Terraform plans as `renewal_due = true -> false`. */
export function warnOfRenewal(gun: Gun, part: Expiring, now: Date, warn: Context['warn']): void {
  const { ends, meaning } = endOfPart(gun, part, now);
  const summary = `${ends}, and ${isPlural(part) ? 'are' : 'is'} signed again by this apply`;
  warn(undefined, summary, meaning.replace(/^(Then|Since then) /, 'Without that '));
}

function endOfPart(gun: Gun, part: Expiring, now: Date): { readonly ends: string; readonly meaning: string } {
  const day = part.expires.toISOString().slice(0, 10);
  const [subject, meaning] = meaningOf(part, gun);
  const over = part.expires < now;
  const verb = over ? 'expired' : isPlural(part) ? 'expire' : 'expires';
  return {
    ends: `${subject} ${verb} on ${day}`,
    meaning: over ? meaning.replace(/^Then /, 'Since then ') : meaning,
  };
}

/** Who could sign it again, where that is not us. */
export function outOfReachCure(gun: Gun, { part, missing }: OutOfReach): string {
  const cures: string[] = [];
  if (missing.own) {
    const { what } = part;
    const whose = what === 'root' || what === 'root_certificate' ? 'root key' : `key of ${what}`;
    cures.push(
      `No ${whose} is at hand that could sign again: whoever has ${idsOf(part)} has to, or lend the key (trust store or signing_keys).`,
    );
  }
  if (missing.snapshot && part.snapshot !== undefined) {
    cures.push(
      `Nothing can be published without the key of the snapshot (${idsOf(part.snapshot)}), which a client keeps, and not here: ` +
        'let the server sign the snapshot, where the root key is at hand (snapshot_managed_by = "server" in its ' +
        `dct_repository, or notary key rotate ${gun} snapshot -r), or lend the key (trust store or signing_keys).`,
    );
  }
  return cures.join(' ');
}

function idsOf({ keys }: RoleKeyring): string {
  return [...new Set(keys.map(({ canonicalId }) => canonicalId))].sort().join(', ');
}

function isPlural({ what }: Expiring): boolean {
  return what === 'targets/releases';
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

/** Undefined: nobody's. */
async function missingFor(part: Expiring, atHand: KeysAtHand, handsOver: boolean): Promise<Missing | undefined> {
  const snapshot = part.snapshot !== undefined && !handsOver && !(await isAtHand(part.snapshot, atHand));
  // Of the snapshot itself it is the same key.
  const own = part.what !== 'snapshot' && !(await isAtHand(part, atHand));
  return own || snapshot ? { own, snapshot } : undefined;
}

async function isAtHand({ keys, threshold }: RoleKeyring, atHand: KeysAtHand): Promise<boolean> {
  const found = await Promise.all(keys.map((key) => atHand.find(key.canonicalId)));
  return found.filter((key) => key !== undefined).length >= threshold;
}
