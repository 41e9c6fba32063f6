import type { DctError } from '../../error';
import type {
  BaseRole,
  DelegationName,
  DelegationRole,
  Gun,
  ParsedDocument,
  RoleName,
  Root,
  Snapshot,
  Targets,
  TargetsRole,
  Timestamp,
  TrustDocument,
} from '../documents';
import type { PublicKey } from '../keys';

/** What a reader knows before it looks: whose data it should be, when it is, and what it has seen before. */
export interface Expectations {
  readonly gun: Gun;
  readonly now: Date;
  /** Highest versions seen so far, by role; an older file is a rollback. */
  readonly rememberedVersions?: Readonly<Partial<Record<RoleName, number>>>;
  /** Canonical or TUF IDs of root keys of which one must stand at the start of the chain. Absent: the first root is believed. */
  readonly rootPins?: readonly string[];
  /**
   * For renewing what has expired: expiry of root, targets and snapshot is reported in `expired`, everything else is still
   * verified. A timestamp is never allowed to be old, since it is what shows that the rest is not.
   */
  readonly allowExpired?: boolean;
  /**
   * For repair: base roles whose file is not the one that the snapshot (of a snapshot: the timestamp) lists, since nobody can
   * get that. Signatures, versions and expiry are verified all the same.
   */
  readonly damaged?: ReadonlySet<BaseRole>;
  /** For repair: every failure of a delegation's file is reported in its `failure` instead of thrown. */
  readonly allowBrokenDelegations?: boolean;
}

export interface VerifiedDocument<T extends TrustDocument> extends ParsedDocument<T> {
  /** TUF IDs of the role's keys with a valid signature on this file, each once, in the order of the file. */
  readonly validKeyIds: readonly string[];
}

export interface VerifiedDelegation {
  readonly role: DelegationName;
  /** As the parent's file declares it. */
  readonly declaration: DelegationRole;
  readonly parent: TargetsRole;
  /** The declared keys by TUF ID, in the order of the declaration. */
  readonly keys: ReadonlyMap<string, PublicKey>;
  /** The role's file; absent if it has published none, or its bytes could not be read. */
  readonly document: VerifiedDocument<Targets> | undefined;
  /**
   * Why nothing in `document` counts: `threshold_not_met`, `bad_signature` or `expired_metadata`, where docker ignores the
   * file and goes on; with `allowBrokenDelegations` any other failure too.
   */
  readonly failure: DctError | undefined;
}

/** Trust data of one GUN in which everything was verified, except where a delegation says otherwise. */
export interface VerifiedTrust {
  readonly gun: Gun;
  readonly root: VerifiedDocument<Root>;
  readonly timestamp: VerifiedDocument<Timestamp>;
  readonly snapshot: VerifiedDocument<Snapshot>;
  readonly targets: VerifiedDocument<Targets>;
  /** Every declared delegation, nested ones after their parent. */
  readonly delegations: ReadonlyMap<DelegationName, VerifiedDelegation>;
  /** Keys of the root role, with their certificates. */
  readonly rootKeys: readonly PublicKey[];
  /** Roles that have expired; filled only with `allowExpired`. */
  readonly expired: readonly RoleName[];
  /** Roles whose file nobody can read as the snapshot lists it: `Expectations.damaged`. */
  readonly damaged: readonly BaseRole[];
}
