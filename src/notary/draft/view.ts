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
  /**
   * Files the server has in place of ones the snapshot names and nobody can read (someone published bytes that are not
   * Go's). Nothing is believed of them; but their versions go on, which is how such a role becomes readable again.
   */
  readonly broken: ReadonlyMap<DelegationName, ParsedDocument<Targets>>;
}
