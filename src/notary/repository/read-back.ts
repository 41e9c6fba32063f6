import { createHash } from 'node:crypto';
import { DctError } from '../../error';
import { isDelegationName, parseDocument, type RoleName } from '../documents';
import type { Publication } from '../draft';
import { fetchNewest } from './fetch-file';
import { type FetchedRepository, isReadable } from './fetch-trust';
import { notByteExact } from './publish';
import type { Session } from './session';

type RootKeyIds = readonly string[] | undefined;

/** What reading back needs of the repository. */
export interface ReadBackContext {
  readonly session: Session;
  /** The repository as it is, fresh from the server. */
  readonly fetch: (expectedRootKeyIds: RootKeyIds) => Promise<FetchedRepository | undefined>;
  /** The same, and newer targets that are out of force: `FetchedRepository.overtaken`. */
  readonly lookBehind: (expectedRootKeyIds: RootKeyIds) => Promise<FetchedRepository | undefined>;
  readonly wait: (attempt: number) => Promise<void>;
}

/**
 * Reads back what was published (rule 1): the repository if the snapshot in force names exactly the bytes that were sent, or
 * if somebody has already built on them; undefined if they are not there. Throws `not_byte_exact`.
 */
export async function readBack(
  { session, fetch, lookBehind, wait }: ReadBackContext,
  publication: Publication,
  { wasAccepted, pins }: { readonly wasAccepted: boolean; readonly pins: RootKeyIds },
): Promise<FetchedRepository | undefined> {
  for (let attempt = 1; ; attempt++) {
    const fetched = await fetch(pins).catch(unlessUnreadable);
    const [role] = rolesNotInForce(publication, fetched);
    if (role === undefined) return fetched;
    if (!wasAccepted) return undefined;
    // somebody who signed at the same time has put it out of force: the next attempt signs it again
    if (role === 'targets' && fetched !== undefined && (await lookBehind(pins))?.overtaken !== undefined) {
      return undefined;
    }
    const state = await stateOf(session, role, publication);
    if (state === 'superseded') return fetched;
    if (state === 'absent') return undefined;
    // the server has the version but cannot give it out; one without transactions may just not be done yet
    if (attempt === 3) throw notByteExact(session, role);
    await wait(attempt);
  }
}

/** Undefined when what is in force cannot be read, which is what a file that is not byte-exact does to a repository. */
function unlessUnreadable(error: unknown): undefined {
  if (error instanceof DctError && error.code === 'missing_metadata') return undefined;
  throw error;
}

async function stateOf(
  session: Session,
  role: RoleName,
  publication: Publication,
): Promise<'damaged' | 'superseded' | 'absent'> {
  const sent = publication.files.get(role)?.signed.version ?? 0;
  const newest = await fetchNewest(session, role, { actions: 'pull,push', cache: new Map() });
  const stored = newest === undefined ? 0 : parseDocument(newest, role).signed.version;
  if (stored === sent) return 'damaged';
  return stored > sent ? 'superseded' : 'absent';
}

function rolesNotInForce({ files }: Publication, fetched: FetchedRepository | undefined): RoleName[] {
  const { timestamp, snapshot } = fetched?.trust ?? {};
  return [...files].flatMap(([role, { bytes }]) => {
    // named is not enough: whoever changes bytes on their way makes the server name a file it does not have
    if (isDelegationName(role) && fetched !== undefined && !isReadable(fetched.trust, role)) return [role];
    if (fetched?.trust.damaged.some((each) => each === role) === true) return [role];
    const listed = role === 'snapshot' ? timestamp : snapshot;
    const wanted = listed?.signed.meta.get(role)?.hashes?.get('sha256');
    return wanted === createHash('sha256').update(bytes).digest('base64') ? [] : [role];
  });
}
