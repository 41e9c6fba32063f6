import { DctError } from '../../error';
import type { Gun, TrustData, TrustRepository } from '../../notary';
import type { Effects } from './effects';
import { removeKey } from './removal';
import { canGo, canonicalIdsOf, type Standing, standingOf } from './standing';

/** What is known of, or was done in, one repository. */
export interface Outcome {
  readonly gun: Gun;
  /**
   * `absent`: the key does not stand here. `no_trust_data`. `removable`: `--yes` would take it away. `removed`. `blocked`:
   * it stands here and cannot be taken away, see `problem`; nothing was sent. `stays`: only where this command takes nothing
   * away, see `standing.base` and `standing.nested`. `unread`: its trust data could not be read. `not_tried`: interrupted.
   */
  readonly status: 'absent' | 'no_trust_data' | 'removable' | 'removed' | 'blocked' | 'stays' | 'unread' | 'not_tried';
  readonly standing?: Standing;
  readonly effects?: Effects;
  readonly problem?: Error;
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

/** Canonical IDs behind an ID that may be that of a certificate; the ID itself where no repository knows it. */
export function resolveId(found: readonly Found[], id: string): ReadonlySet<string> {
  const ids = found.flatMap(({ data }) => (data === undefined ? [] : canonicalIdsOf(data, id)));
  return new Set(ids.length === 0 ? [id] : ids);
}

/** What taking the key away would do: nothing is sent. Never throws. */
export async function rehearse(found: Found, ids: ReadonlySet<string>, allowUnsigning: boolean): Promise<Outcome> {
  const { gun, repository, data, problem } = found;
  if (problem !== undefined) return { gun, status: 'unread', problem };
  if (data === undefined) return { gun, status: 'no_trust_data' };
  const standing = standingOf(data, ids);
  if (!canGo(standing)) {
    const isThere = standing.base.length > 0 || standing.nested.length > 0;
    return { gun, status: isThere ? 'stays' : 'absent', standing };
  }
  try {
    const draft = await repository.open();
    const effects = await removeKey(draft.fork(), data, standing, { allowUnsigning: true });
    const refused = allowUnsigning ? undefined : wouldUnsign(gun, effects);
    // What is not released, or not by a signer, counts for rule 5 too: the draft knows.
    if (!allowUnsigning && refused === undefined) await removeKey(draft, data, standing, { allowUnsigning });
    return {
      gun,
      status: refused === undefined ? 'removable' : 'blocked',
      standing,
      effects,
      ...(refused && { problem: refused }),
    };
  } catch (error) {
    return { gun, status: 'blocked', standing, problem: asError(error) };
  }
}

/** Takes the key away, in one publish. What somebody else changes meanwhile is looked at again. Never throws. */
export async function revoke(found: Found, ids: ReadonlySet<string>, allowUnsigning: boolean): Promise<Outcome> {
  const { gun, repository } = found;
  let current = found;
  for (let attempt = 1; ; attempt++) {
    const planned = await rehearse(current, ids, allowUnsigning);
    const { data } = current;
    const { standing } = planned;
    if (isStale(planned.problem) && attempt < attempts) {
      current = await find(gun, repository);
      continue;
    }
    if (planned.status !== 'removable' || data === undefined || standing === undefined) return planned;
    try {
      let effects: Effects | undefined;
      const after = await repository.change(async (draft) => {
        effects = await removeKey(draft, data, standing, { allowUnsigning });
        const refused = allowUnsigning ? undefined : wouldUnsign(gun, effects);
        if (refused !== undefined) throw refused;
      });
      const left = standingOf(after, ids);
      if (canGo(left)) throw new DctError('stale', `the key was given to a signer of ${gun} again meanwhile`);
      return { gun, status: 'removed', standing, ...(effects && { effects }) };
    } catch (error) {
      if (!isStale(error) || attempt === attempts) return { ...planned, status: 'blocked', problem: asError(error) };
      current = await find(gun, repository);
    }
  }
}

/** Rule 5: tags lose their last signature only when the user says so. */
function wouldUnsign(gun: Gun, { unsigned }: Effects): DctError | undefined {
  if (unsigned.length === 0) return undefined;
  const tags = unsigned.map(({ tag }) => tag).join(', ');
  return new DctError(
    'would_unsign',
    `taking the key away would leave these tags of ${gun} without a signature: ${tags}`,
    {
      cure: 'have another signer sign them first, or say --allow-unsigning: clusters that want signatures then refuse them',
    },
  );
}

function isStale(error: unknown): boolean {
  return error instanceof DctError && error.code === 'stale';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
