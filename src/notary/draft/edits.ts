import type { BaseRole, DelegationName, Delegations, Root } from '../documents';
import type { PrivateKey, PublicKey } from '../keys';
import type { Tags } from './content';
import type { SignedFile } from './signing';

/** What was changed since the view. */
export interface Edits {
  readonly made: { readonly root: SignedFile<Root>; readonly targetsKey: PrivateKey } | undefined;
  readonly delegations: Delegations;
  /** What files of delegations delegate from now on. */
  readonly nested: ReadonlyMap<DelegationName, Delegations>;
  /** New content of delegations' files. */
  readonly contents: ReadonlyMap<DelegationName, Tags>;
  /** Files to sign again with a new expiry, whatever else changes in them. */
  readonly renewed: ReadonlySet<'root' | 'targets' | 'snapshot'>;
  /** New keys of base roles, all of a role's. */
  readonly roleKeys: ReadonlyMap<BaseRole, readonly PublicKey[]>;
  /** Files that may be left without a valid signature. */
  readonly unsigningAllowed: ReadonlySet<DelegationName>;
  /** TUF IDs of keys taken from `targets/releases` by whoever did not allow that. */
  readonly takenWithoutLeave: ReadonlySet<string>;
}

export function noEdits(delegations: Delegations): Edits {
  return {
    made: undefined,
    delegations,
    nested: new Map(),
    contents: new Map(),
    renewed: new Set(),
    roleKeys: new Map(),
    unsigningAllowed: new Set(),
    takenWithoutLeave: new Set(),
  };
}
