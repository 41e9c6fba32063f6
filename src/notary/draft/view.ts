import type { DelegationName, Gun, ParsedDocument, Root, Snapshot, Targets } from '../documents';

/**
 * Trust data as a draft starts from it: a chain that was verified from root to targets. The files of delegations are given
 * as they are; whether their signatures count is for the draft to find out.
 */
export interface TrustView {
  readonly gun: Gun;
  readonly root: ParsedDocument<Root>;
  readonly snapshot: ParsedDocument<Snapshot>;
  readonly targets: ParsedDocument<Targets>;
  /**
   * Files of the delegations right under targets that the server has, also of those no longer declared: their versions
   * go on, and declaring the role again brings their content back.
   */
  readonly delegations: ReadonlyMap<DelegationName, ParsedDocument<Targets>>;
}
