import { DctError } from '../../error';
import type {
  BaseRole,
  DelegationName,
  Delegations,
  FileMeta,
  Gun,
  ParsedDocument,
  RoleName,
  Root,
  Snapshot,
  Targets,
} from '../documents';

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
  /** Files of delegations further down (`targets/a/b`) that count. */
  readonly nested: ReadonlyMap<DelegationName, ParsedDocument<Targets>>;
  /**
   * Files the server has in place of ones the snapshot names and nobody can read (someone published bytes that are not
   * Go's). They count for nobody; signed again, with the next version, such a role becomes readable again.
   */
  readonly broken: ReadonlyMap<DelegationName, ParsedDocument<Targets>>;
  /** Base roles of which the same is true: `root`, `snapshot` or `targets` here verifies, but is not what docker looks for. */
  readonly damaged: ReadonlySet<BaseRole>;
  /** Newer targets than those in force, which somebody has put out of force by accident: see `TrustDraft.heal`. */
  readonly overtaken?: ParsedDocument<Targets> | undefined;
  /**
   * Declarations that a change of keys of ours has just replaced, where somebody signed at that very moment with a key that
   * went: what was validly signed under them may be signed again by whoever stays.
   */
  readonly declaredBefore?: Delegations | undefined;
  /** What a publish of ours has just taken out of `targets/releases`, while another signer was signing it: it goes back there. */
  readonly takenOut?: ReadonlyMap<string, FileMeta> | undefined;
  /** Versions that are taken by files nobody reads: the next one of the role is beyond. */
  readonly leftBehind: ReadonlyMap<RoleName, number>;
}

/**
 * notary-server's databases count versions up to 2^31 - 1 (notary, migrations/server), and a role that is there cannot be signed
 * any more. No repository comes near by itself: whoever gives out such a number wants it signed, for good.
 */
const HIGHEST_VERSION = 2_000_000_000;

/** The number of a role's next version: one more than the server has. Throws `version_too_high`. */
export function nextVersion(view: TrustView | undefined, role: RoleName, current: number): number {
  const next = Math.max(current, view?.leftBehind.get(role) ?? 0) + 1;
  if (next <= HIGHEST_VERSION) return next;
  const message = `${role} of ${view?.gun ?? 'the repository'} has version ${next - 1}: the next one would be beyond ${HIGHEST_VERSION}, close to the end of what a Notary server can count to`;
  throw new DctError('version_too_high', message, {
    cure: 'find out who published that version, or made it up on its way here; if the server really has it, delete the trust data and make it again',
  });
}
