import { DctError } from '../../error';
import type { BaseRole, Gun, PublicKey, Rotation, TrustData, TrustRepository } from '../../notary';
import { type Effects, signedWith, type TagEffect, vouchHash } from './effects';
import { idsOf, madeFor, type NewKeys, triedFor } from './new-keys';
import { removeKey } from './removal';
import { canonicalIdsOf, type Standing, standingOf, stands } from './standing';

/** What is known of, or was done in, one repository. */
export interface Outcome {
  readonly gun: Gun;
  /**
   * `absent`: the key does not stand here. `no_trust_data`. `removable`: `--yes` would take it away. `removed`. `blocked`:
   * it stands here and is not taken away, see `problem`. `unread`: its trust data could not be read. `not_tried`: interrupted.
   */
  readonly status: 'absent' | 'no_trust_data' | 'removable' | 'removed' | 'blocked' | 'unread' | 'not_tried';
  readonly standing?: Standing;
  readonly effects?: Effects;
  /** Tags that the key has signed: known even where no change can be tried. */
  readonly signedWith?: readonly TagEffect[];
  /** Keys that base roles go to, canonical IDs; of a dry run what is there already. */
  readonly newKeys?: ReadonlyMap<BaseRole, string>;
  readonly problem?: Error;
}

/** What the user has agreed to. */
export interface Consent {
  readonly allowUnsigning: boolean;
  /** Hashes of what may be signed again although only the key had signed it: see `vouchHash`. */
  readonly vouched: ReadonlySet<string>;
}

/** A repository as it was first read. */
export interface Found {
  readonly repository: TrustRepository;
  readonly gun: Gun;
  readonly data?: TrustData | undefined;
  readonly problem?: Error;
}

const attempts = 5;

/** Reads a repository, and whether the key stands there is another question. Never throws. */
export async function find(gun: Gun, repository: TrustRepository): Promise<Found> {
  try {
    return { gun, repository, data: await repository.read({ allowExpired: true }) };
  } catch (error) {
    return { gun, repository, problem: asError(error) };
  }
}

/** Canonical IDs behind an ID that may be that of a certificate; the ID itself where neither repositories nor `known` have it. */
export function resolveId(found: readonly Found[], known: readonly PublicKey[], id: string): ReadonlySet<string> {
  const ids = [
    ...found.flatMap(({ data }) => (data === undefined ? [] : canonicalIdsOf(data, id))),
    ...known.flatMap(({ tufId, canonicalId }) => (tufId === id ? [canonicalId] : [])),
  ];
  return new Set(ids.length === 0 ? [id] : ids);
}

/** What taking the key away would do: nothing is sent. Never throws. */
export async function rehearse(
  found: Found,
  ids: ReadonlySet<string>,
  consent: Consent,
  keys: NewKeys,
): Promise<Outcome> {
  const { gun, repository, data, problem } = found;
  if (problem !== undefined) return { gun, status: 'unread', problem };
  if (data === undefined) return { gun, status: 'no_trust_data' };
  const standing = standingOf(data, ids);
  if (!stands(standing)) return { gun, status: 'absent', standing };
  const outcome = { gun, standing, signedWith: signedWith(data, ids) };
  let effects: Effects | undefined;
  try {
    const { rotation, known: newKeys } = await triedFor(data, standing.base, keys);
    const draft = await repository.open();
    effects = await removeKey(draft.fork(), data, standing, rotation, { allowUnsigning: true });
    checkConsent(gun, effects, consent);
    // What is not released, or not by a signer, counts for rule 5 too: the draft knows.
    if (!consent.allowUnsigning) await removeKey(draft, data, standing, rotation, { allowUnsigning: false });
    return { ...outcome, effects, newKeys, status: 'removable' };
  } catch (error) {
    return { ...outcome, ...(effects && { effects }), status: 'blocked', problem: asError(error) };
  }
}

/** Takes the key away, in one publish. What somebody else changes meanwhile is looked at again. Never throws. */
export async function revoke(
  found: Found,
  ids: ReadonlySet<string>,
  consent: Consent,
  keys: NewKeys,
): Promise<Outcome> {
  const { gun, repository } = found;
  let current = found;
  // Made once, however often it has to be tried.
  const made = new Map<string, Rotation>();
  for (let attempt = 1; ; attempt++) {
    const planned = await rehearse(current, ids, consent, keys);
    const { data } = current;
    const { standing } = planned;
    if (isStale(planned.problem) && attempt < attempts) {
      current = await find(gun, repository);
      continue;
    }
    if (planned.status !== 'removable' || data === undefined || standing === undefined) return planned;
    let newKeys: Outcome['newKeys'];
    try {
      const roles = standing.base.join();
      const rotation = made.get(roles) ?? (await madeFor(repository, data, standing.base, keys));
      made.set(roles, rotation);
      newKeys = idsOf(rotation);
      let effects: Effects | undefined;
      const after = await repository.change(async (draft) => {
        effects = await removeKey(draft, data, standing, rotation, consent);
        checkConsent(gun, effects, consent);
      });
      if (stands(standingOf(after, ids))) throw new DctError('stale', `the key came back to ${gun} meanwhile`);
      return { ...planned, status: 'removed', newKeys, ...(effects && { effects }) };
    } catch (error) {
      current = await find(gun, repository);
      // An answer that was lost on its way says nothing of what was done.
      const isGone = current.data !== undefined && !stands(standingOf(current.data, ids));
      if (isGone && !isStale(error)) return { ...planned, status: 'removed', ...(newKeys && { newKeys }) };
      if (!isStale(error) || attempt === attempts) return { ...planned, status: 'blocked', problem: asError(error) };
    }
  }
}

/** Throws where something is done that nobody may do but the user, who has to have said so. */
function checkConsent(gun: Gun, effects: Effects, { allowUnsigning, vouched }: Consent): void {
  if (!allowUnsigning && effects.unsigned.length > 0) throw wouldUnsign(gun, effects);
  const hash = vouchHash(gun, effects);
  if (hash !== undefined && !vouched.has(hash)) throw notVouchedFor(gun, effects, hash);
}

/** Rule 5: tags lose their last signature only when the user says so. */
function wouldUnsign(gun: Gun, { unsigned }: Effects): DctError {
  const tags = unsigned.map(({ tag }) => tag).join(', ');
  return new DctError(
    'would_unsign',
    `taking the key away would leave these tags of ${gun} without a signature: ${tags}`,
    {
      cure: 'have another signer sign them first, or say --allow-unsigning: clusters that want signatures then refuse them',
    },
  );
}

/** Rule 11: whoever signs again vouches, and what a stolen key alone has signed may be a thief's. */
function notVouchedFor(gun: Gun, { signedAgain }: Effects, hash: string): DctError {
  const files = signedAgain.flatMap(({ role, onlyByTheKey, names }) => {
    const what = [...onlyByTheKey, ...[...names.keys()].map((name) => `the keys of ${name}`)];
    return what.length === 0 ? [] : [`${role} (${what.join(', ')})`];
  });
  return new DctError(
    'not_vouched_for',
    `other keys would have to sign what only this key has signed in ${gun}: ${files.join(', ')}`,
    { cure: `look at these digests and keys; if they are what you want signed, add --vouch ${hash}` },
  );
}

function isStale(error: unknown): boolean {
  return error instanceof DctError && error.code === 'stale';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
