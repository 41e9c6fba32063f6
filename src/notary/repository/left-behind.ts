import { DctError } from '../../error';
import type { RoleName } from '../documents';
import type { Publication } from '../draft';
import { endlessVersions, fetchFile } from './fetch-file';
import type { FetchedRepository } from './fetch-trust';
import type { Session } from './session';

/** Interrupted publishes in a row of which each left something: more than ever happens. */
const MAX_LEFT_BEHIND = 64;

/** The highest version of a role that storage holds though no snapshot names it. */
export type LeftBehind = ReadonlyMap<RoleName, number>;

/**
 * What an interrupted publish left behind. A database without transactions (DTR's RethinkDB) may hold some files of a publish
 * that nobody reads, since the timestamp comes last; and then refuses the next file of that version for good. Such a version is
 * gone past. Only to be asked when the repository stays as it is and yet refuses what comes next: otherwise somebody is just
 * writing it. Throws `left_behind` for a version that cannot be gone past: of the root, or of a snapshot that the server makes; `endless_versions`.
 */
export async function findLeftBehind(
  session: Session,
  refused: Publication,
  base: FetchedRepository | undefined,
  known: LeftBehind = new Map(),
): Promise<LeftBehind> {
  const found = new Map(known);
  for (const [role, { signed }] of refused.files) {
    for (let { version } = signed; await isStored(session, role, version); version++) {
      if (version - signed.version >= MAX_LEFT_BEHIND) throw endlessVersions(session, role, version);
      found.set(role, version);
    }
  }
  const root = found.get('root');
  if (root !== undefined) throw stuck(session, 'root', root);
  if (found.size > known.size || [...found].some(([role, version]) => known.get(role) !== version)) return found;
  const next = (base?.trust.snapshot.signed.version ?? 0) + 1;
  if (base !== undefined && !refused.files.has('snapshot') && (await isStored(session, 'snapshot', next))) {
    throw stuck(session, 'snapshot', next);
  }
  return found;
}

async function isStored(session: Session, role: RoleName, version: number): Promise<boolean> {
  const options = { actions: 'pull,push', cache: new Map<string, Buffer>() } as const;
  return (await fetchFile(session, `${version}.${role}.json`, options)) !== undefined;
}

function stuck({ gun, host }: Session, role: 'root' | 'snapshot', version: number): DctError {
  const message = `${host} takes no change of ${gun} any more: an interrupted publish left version ${version} of its ${role} behind, and the next one has to have that number`;
  const remove = `let whoever runs the registry remove that one file from Notary’s database (gun ${gun}, role ${role}, version ${version}), or delete the trust data and make it again; what is signed stays readable until then`;
  const rotate =
    'rotate the snapshot key, where the root key is at hand and the registry gives the scope "*": that goes past it; or ';
  return new DctError('left_behind', message, { cure: role === 'snapshot' ? rotate + remove : remove });
}
