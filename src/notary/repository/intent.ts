import type { TrustDraft } from '../draft';

/**
 * A change, as what shall be: called with a draft of the repository as it is, and again with a newer one when somebody else
 * was faster. What it returns is waited for, and otherwise not looked at. It has no effects but on the draft (and on what it
 * closes over, each time anew).
 */
export type Intent = (draft: TrustDraft) => unknown;

/** An intent and the root keys its caller knows the repository by. */
export interface PinnedIntent {
  readonly apply: Intent;
  readonly expectedRootKeyIds: readonly string[] | undefined;
  readonly check: Check | undefined;
  /** Called each time that a publish with it is in force, also one after which something is left to mend. */
  readonly inForce: (() => void) | undefined;
}

/**
 * Asked of the repository as it will be with all changes of one publish, right before it is sent; throws to have it not sent.
 * Changes with the same check have it asked once.
 */
export type Check = (draft: TrustDraft) => Promise<void>;
