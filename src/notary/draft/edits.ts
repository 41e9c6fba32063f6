import type { DelegationName, Delegations, Root } from '../documents';
import type { PrivateKey } from '../keys';
import type { Tags } from './content';
import type { SignedFile } from './signing';

/** What was changed since the view. */
export interface Edits {
  readonly made: { readonly root: SignedFile<Root>; readonly targetsKey: PrivateKey } | undefined;
  readonly delegations: Delegations;
  /** New content of delegations' files. */
  readonly contents: ReadonlyMap<DelegationName, Tags>;
  /** Files that may be left without a valid signature. */
  readonly unsigningAllowed: ReadonlySet<DelegationName>;
}
