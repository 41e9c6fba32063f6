import {
  type Expectations,
  verifyListed,
  verifyRoot,
  verifySnapshot,
  type VerifiedTrust,
  verifyTimestamp,
} from '../../src/notary/verification';

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
