import type { DelegationName, ParsedDocument, RoleName, Snapshot, Targets } from '../documents';
import { checkExpiry } from './freshness';
import type { Expectations, VerifiedDelegation, VerifiedTrust } from './model';
import { verifyDelegation, verifyTargets } from './roles';
import { rootKeysOf } from './root';

/**
 * The last steps of the client workflow of TUF (specification, 5.6): targets, then every declared delegation, of a snapshot that
 * was verified before. Throws the failures of `verifyTargets` and `verifyDelegation`, each with its own code.
 */
export function verifyListed(
  { root, timestamp, snapshot }: Pick<VerifiedTrust, 'root' | 'timestamp' | 'snapshot'>,
  /** Delegations by role name; ones that nobody declares are not looked at. */
  fetched: { readonly targets: Uint8Array; readonly delegations: ReadonlyMap<string, Uint8Array> },
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
