import { DctError } from '../../error';
import type { PublicKey, TrustData } from '../../notary';
import type { PrivateData } from '../../plugin';

/** Versions of trust data by role. */
export type Versions = Readonly<Record<string, number>>;

/** What a state knows of a repository's trust data (rule 1). */
export interface KnownTrust {
  /** IDs of root keys from one of which it must chain; null right after an import. */
  readonly rootKeyIds: readonly string[] | null;
  /** The highest versions that an apply of this resource has seen. */
  readonly versions?: Versions;
  /** Its root certificates at that time: when each of them was made, by TUF ID. */
  readonly rootsMade?: ReadonlyMap<string, Date>;
}

/** Trust data as a server has it now. */
export interface FoundTrust {
  readonly versions: Readonly<Partial<Record<string, number>>>;
  readonly rootKeys: readonly PublicKey[];
}

const KEY = 'versions';
const ROOTS = 'roots_made';

/** What the state of one resource knows: its `root_key_ids`, and versions from its private data. */
export function knownTrust(rootKeyIds: readonly string[] | null, privateData: Pick<PrivateData, 'get'>): KnownTrust {
  const kept = (key: string) => {
    const value = privateData.get(key);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  };
  const versions = kept(KEY).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const rootsMade = kept(ROOTS).flatMap(([id, at]): [string, Date][] =>
    typeof at === 'string' ? [[id, new Date(at)]] : [],
  );
  return { rootKeyIds, versions: Object.fromEntries(versions), rootsMade: new Map(rootsMade) };
}

/** Whether an apply of this resource has remembered anything: not after an import. */
export function hasRemembered(privateData: Pick<PrivateData, 'get'>): boolean {
  return privateData.get(KEY) !== undefined;
}

/** Remembers what an apply has seen. Only create and update do this: what a plan reads, a later plan must not be bound by. */
export function remember(privateData: Pick<PrivateData, 'set'>, { versions, trust }: TrustData): void {
  const seen = Object.entries(versions).flatMap(([role, version]) => (version === undefined ? [] : [[role, version]]));
  privateData.set(KEY, Object.fromEntries(seen) as Versions);
  privateData.set(ROOTS, Object.fromEntries([...whenMade(trust)].map(([id, at]) => [id, at.toISOString()])));
}

/**
 * Throws `version_rollback`, saying how to accept a registry that was restored from a backup. What was remembered of trust
 * data that somebody with the root key has made anew since says nothing of the new one.
 */
export function checkVersions(gun: string, found: FoundTrust, known: KnownTrust): void {
  const { versions = {} } = known;
  const older = Object.entries(versions)
    .filter(([role, seen]) => (found.versions[role] ?? seen) < seen)
    .map(([role, seen]) => {
      const now = found.versions[role] ?? 0;
      return `${role} ${now === 0 ? 'has no file any more' : `is at version ${now}`}, an apply saw ${now === 0 ? 'version ' : ''}${seen}`;
    });
  if (older.length === 0 || isMadeAnew(found, known)) return;
  throw new DctError('version_rollback', `The trust data of ${gun} is older than it was: ${older.join('; ')}`, {
    cure:
      'if nobody restored the registry from a backup, somebody may be replaying old trust data: find out before going on. To ' +
      'accept what the registry has now, forget each resource of this repository with `terraform state rm` and import it again',
  });
}

/**
 * Whether this is another beginning than the known one, and a later one: within one, a new root certificate comes with a
 * higher version of the root. Nobody without the root key can make either, and an earlier beginning has earlier certificates.
 */
function isMadeAnew(found: FoundTrust, { versions = {}, rootsMade = new Map<string, Date>() }: KnownTrust): boolean {
  const roots = [...whenMade(found)];
  const isLater = (id: string, at: Date) => !rootsMade.has(id) && [...rootsMade.values()].every((known) => known <= at);
  const startsAgain = (found.versions['root'] ?? Infinity) <= (versions['root'] ?? 0);
  return startsAgain && rootsMade.size > 0 && roots.length > 0 && roots.every(([id, at]) => isLater(id, at));
}

function whenMade({ rootKeys }: Pick<FoundTrust, 'rootKeys'>): ReadonlyMap<string, Date> {
  return new Map(
    rootKeys.flatMap(({ tufId, certificate }) => (certificate === undefined ? [] : [[tufId, certificate.notBefore]])),
  );
}
