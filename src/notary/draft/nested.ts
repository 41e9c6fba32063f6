import { type DelegationName, type Delegations, type Gun, isDelegationName, parentRole } from '../documents';
import { meetsThreshold, storedFile, type Tags, trustedFile } from './content';
import { findRole, keysOf, withoutKeys } from './delegations';
import type { Edits } from './edits';
import type { KeyRing } from './key-ring';
import type { TrustView } from './view';

// Delegations that a delegation has made: the file of `targets/a` declares `targets/a/b`, and whoever has the keys of
// `targets/a` changes that.

/** Where a role is declared: the list of signers, or the file of the role above it. */
export function declaredIn(
  view: TrustView | undefined,
  { delegations, nested }: Pick<Edits, 'delegations' | 'nested'>,
  role: DelegationName,
): Delegations {
  const parent = parentRole(role);
  if (!isDelegationName(parent)) return delegations;
  return nested.get(parent) ?? storedFile(view, parent)?.signed.delegations ?? { keys: null, roles: null };
}

/** The edits that take keys (canonical IDs) from a delegation further down; the same where it does not have them. */
export function withoutNestedKeys(
  view: TrustView,
  edits: Edits,
  role: DelegationName,
  keyIds: ReadonlySet<string>,
): Edits {
  const parent = parentRole(role);
  const declared = declaredIn(view, edits, role);
  const has = keysOf(declared, role).some(({ canonicalId }) => keyIds.has(canonicalId));
  if (!has || !isDelegationName(parent) || !isDeclared(view, edits, parent)) return edits;
  return { ...edits, nested: new Map([...edits.nested, [parent, withoutKeys(declared, role, keyIds)]]) };
}

/** A file that too few keys could sign again. */
interface Unsigned {
  readonly role: DelegationName;
  readonly tags: Tags;
}

/**
 * Files to be signed where delegations further down change: those that declare them, and those that lose their signatures with
 * the keys that go, which have to count as before (rule 5) but for the `lost`. Throws `key_not_at_hand` for one that declares.
 */
export async function nestedFiles(
  gun: Gun,
  view: TrustView,
  edits: Edits,
  ring: KeyRing,
): Promise<{ readonly again: ReadonlyMap<DelegationName, Tags>; readonly lost: readonly Unsigned[] }> {
  const again = new Map<DelegationName, Tags>();
  const lost: Unsigned[] = [];
  const canBeSigned = async (role: DelegationName, by: Delegations): Promise<boolean> =>
    (await ring.atHand(keysOf(by, role))).length >= (findRole(by, role)?.threshold ?? 1);
  for (const [parent, delegations] of edits.nested) {
    // it has gone with whoever declared it
    if (!isDeclared(view, edits, parent)) continue;
    const by = declaredIn(view, edits, parent);
    if (!(await canBeSigned(parent, by))) {
      throw await ring.missing(gun, parent, keysOf(by, parent), `the delegations below ${parent} cannot be changed`);
    }
    again.set(
      parent,
      edits.contents.get(parent) ?? trustedFile(view, edits.delegations, parent)?.signed.targets ?? new Map(),
    );
    for (const { name } of delegations.roles ?? []) {
      const file = view.nested.get(name);
      if (file === undefined || meetsThreshold(file, delegations, name)) continue;
      const tags: Tags = file.signed.targets ?? new Map();
      if (await canBeSigned(name, delegations)) again.set(name, tags);
      else lost.push({ role: name, tags });
    }
  }
  return { again, lost };
}

function isDeclared(view: TrustView, edits: Edits, role: DelegationName): boolean {
  const parent = parentRole(role);
  if (findRole(declaredIn(view, edits, role), role) === undefined) return false;
  return !isDelegationName(parent) || isDeclared(view, edits, parent);
}
