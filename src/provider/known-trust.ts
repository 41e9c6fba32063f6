import { DctError } from '../error';
import type { TrustData } from '../notary';
import type { PrivateData } from '../plugin';

/** Versions of trust data by role. */
export type Versions = Readonly<Record<string, number>>;

/** What a state knows of a repository's trust data (rule 1). */
export interface KnownTrust {
  /** IDs of root keys from one of which it must chain; null right after an import. */
  readonly rootKeyIds: readonly string[] | null;
  /** The highest versions that an apply of this resource has seen. */
  readonly versions?: Versions;
}

const KEY = 'versions';

/** What the state of one resource knows: its `root_key_ids`, and versions from its private data. */
export function knownTrust(rootKeyIds: readonly string[] | null, privateData: Pick<PrivateData, 'get'>): KnownTrust {
  const kept = privateData.get(KEY);
  const entries = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? Object.entries(kept) : [];
  const versions = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return { rootKeyIds, versions: Object.fromEntries(versions) };
}

/** Whether an apply of this resource has remembered anything: not after an import. */
export function hasRemembered(privateData: Pick<PrivateData, 'get'>): boolean {
  return privateData.get(KEY) !== undefined;
}

/** Remembers what an apply has seen. Only create and update do this: what a plan reads, a later plan must not be bound by. */
export function remember(privateData: Pick<PrivateData, 'set'>, { versions }: Pick<TrustData, 'versions'>): void {
  const seen = Object.entries(versions).flatMap(([role, version]) => (version === undefined ? [] : [[role, version]]));
  privateData.set(KEY, Object.fromEntries(seen) as Versions);
}

/** Throws `version_rollback`, saying how to accept a registry that was restored from a backup. */
export function checkVersions(
  gun: string,
  now: Readonly<Partial<Record<string, number>>>,
  { versions = {} }: Pick<KnownTrust, 'versions'>,
): void {
  const older = Object.entries(versions)
    .filter(([role, seen]) => (now[role] ?? seen) < seen)
    .map(([role, seen]) => `${role} is at version ${now[role] ?? 0}, an apply saw ${seen}`);
  if (older.length === 0) return;
  throw new DctError('version_rollback', `The trust data of ${gun} is older than it was: ${older.join('; ')}`, {
    cure:
      'if nobody restored the registry from a backup, somebody may be replaying old trust data: find out before going on. To ' +
      'accept what the registry has now, forget each resource of this repository with `terraform state rm` and import it again',
  });
}
