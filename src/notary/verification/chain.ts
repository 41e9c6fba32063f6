import type { DelegationName, ParsedDocument, RoleName, Snapshot, Targets } from '../documents';
import { checkExpiry } from './freshness';
import type { Expectations, VerifiedDelegation, VerifiedTrust } from './model';
import { verifyDelegation, verifySnapshot, verifyTargets, verifyTimestamp } from './roles';
import { rootKeysOf, verifyRoot } from './root';

/** The files of one repository as a server gave them. Nothing is believed about them. */
export interface FetchedTrust {
  /** Oldest first; the last is the root in force. More than one where the reader last knew an older root. */
  readonly roots: readonly Uint8Array[];
  readonly timestamp: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly targets: Uint8Array;
  /** Files of delegations by role name. Ones that nobody declares are not looked at. */
  readonly delegations: ReadonlyMap<string, Uint8Array>;
}

/**
 * The client workflow of TUF (specification, 5.3 to 5.6) over files that are already here: root chain, timestamp, snapshot,
 * targets, then every declared delegation. Pure. Throws the failures of `verifyRoot`, `verifySnapshot` and
 * `verifyDelegation`, each with its own code.
 */
export function verifyChain(fetched: FetchedTrust, expected: Expectations): VerifiedTrust {
  const root = verifyRoot(fetched.roots, expected);
  const timestamp = verifyTimestamp(fetched.timestamp, root, expected);
  const snapshot = verifySnapshot(fetched.snapshot, root, timestamp, expected);
  return verifyListed({ root, timestamp, snapshot }, fetched, expected);
}

/** The last steps of it: what a snapshot lists that was verified before. */
export function verifyListed(
  { root, timestamp, snapshot }: Pick<VerifiedTrust, 'root' | 'timestamp' | 'snapshot'>,
  fetched: Pick<FetchedTrust, 'targets' | 'delegations'>,
  expected: Expectations,
): VerifiedTrust {
  const targets = verifyTargets(fetched.targets, root, snapshot, expected);
  // an expired delegation is no obstacle to reading the rest: it is reported as that delegation's failure
  const delegations = verifyDelegations(fetched.delegations, targets, snapshot, { ...expected, allowExpired: false });
  const documents = [root, timestamp, snapshot, targets, ...documentsOf(delegations)];
  const expired = documents.filter((document) => checkExpiry(document, { ...expected, allowExpired: true }));
  return {
    gun: expected.gun,
    root,
    timestamp,
    snapshot,
    targets,
    delegations,
    rootKeys: rootKeysOf(root, expected.gun),
    expired: expected.allowExpired ? expired.map(({ role }) => role) : [],
    damaged: [...(expected.damaged ?? [])],
  };
}

/** The versions to remember, so that a later read notices a rollback. Roles whose file does not count are left out. */
export function versionsOf(trust: VerifiedTrust): Partial<Record<RoleName, number>> {
  const versions: Partial<Record<RoleName, number>> = {};
  for (const { role, signed } of [trust.root, trust.timestamp, trust.snapshot, trust.targets]) {
    versions[role] = signed.version;
  }
  for (const { role, document, failure } of trust.delegations.values()) {
    if (document && !failure) versions[role] = document.signed.version;
  }
  return versions;
}

/** Walks declarations from `targets` down. A role is declared once: the first declaration counts, as in docker. */
function verifyDelegations(
  files: ReadonlyMap<string, Uint8Array>,
  targets: ParsedDocument<Targets>,
  snapshot: ParsedDocument<Snapshot>,
  expected: Expectations,
): Map<DelegationName, VerifiedDelegation> {
  const verified = new Map<DelegationName, VerifiedDelegation>();
  const parents = [targets];
  for (let parent = parents.shift(); parent; parent = parents.shift()) {
    for (const declaration of parent.signed.delegations.roles ?? []) {
      const role = declaration.name;
      if (verified.has(role)) continue;
      const meta = snapshot.signed.meta.get(role);
      const delegation = verifyDelegation(files.get(role), declaration, parent, meta, expected);
      verified.set(role, delegation);
      if (delegation.document && !delegation.failure) parents.push(delegation.document);
    }
  }
  return verified;
}

function documentsOf(delegations: ReadonlyMap<DelegationName, VerifiedDelegation>): ParsedDocument[] {
  return [...delegations.values()].flatMap(({ document }) => document ?? []);
}
