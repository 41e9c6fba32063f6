import type { RawJson } from './canonical';

/**
 * The four documents of Notary's TUF as they stand in the files (notary, tuf/data). Names are the wire's own. `null` where
 * Go writes `null` for an emptied list or map: it is another byte sequence than `[]` or `{}`, so another hash.
 */
export type BaseRole = 'root' | 'targets' | 'snapshot' | 'timestamp';
export type DelegationName = `targets/${string}`;
export type RoleName = BaseRole | DelegationName;
/** Roles whose files are of type `Targets`. */
export type TargetsRole = 'targets' | DelegationName;

/** `<registry host[:port]>/<namespace>/<repository>`. */
export type Gun = string;

export type Signature = {
  /** TUF key ID. */
  readonly keyid: string;
  /** `ecdsa`, `rsapss`, `eddsa` … always lower case. */
  readonly method: string;
  /** Standard base64, padded. */
  readonly sig: string;
};

export type KeyObject = {
  /** `ecdsa`, `ecdsa-x509`, `rsa`, `rsa-x509`, `ed25519`, or a type this client does not know. */
  readonly keytype: string;
  readonly keyval: { readonly private: null; readonly public: string };
};

export type RoleKeys = {
  readonly keyids: readonly string[] | null;
  readonly threshold: number;
};

export type Root = {
  readonly _type: 'Root';
  readonly consistent_snapshot: boolean;
  /** RFC 3339 with up to nine digits of fraction, as text so that nothing is rounded. */
  readonly expires: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** The four base roles, and whatever other role the file names. */
  readonly roles: ReadonlyMap<string, RoleKeys>;
  readonly version: number;
};

export type DelegationRole = RoleKeys & {
  readonly name: DelegationName;
  /** Absent: the role may sign nothing (Go drops an empty list). `['']`: everything. */
  readonly paths?: readonly string[];
};

export type Delegations = {
  readonly keys: ReadonlyMap<string, KeyObject> | null;
  readonly roles: readonly DelegationRole[] | null;
};

export type FileMeta = {
  /** Hash name to standard base64. */
  readonly hashes: ReadonlyMap<string, string> | null;
  /** Bytes; a bigint only where a number would lose digits. */
  readonly length: number | bigint;
  readonly custom?: RawJson;
};

export type Targets = {
  readonly _type: 'Targets';
  readonly delegations: Delegations;
  readonly expires: string;
  /** Target (tag) name to what it stands for. */
  readonly targets: ReadonlyMap<string, FileMeta> | null;
  readonly version: number;
};

export type Snapshot = {
  readonly _type: 'Snapshot';
  readonly expires: string;
  /** Role name (no `.json`) to the hashes and length of its file. */
  readonly meta: ReadonlyMap<string, FileMeta>;
  readonly version: number;
};

export type Timestamp = {
  readonly _type: 'Timestamp';
  readonly expires: string;
  readonly meta: ReadonlyMap<string, FileMeta>;
  readonly version: number;
};

export type TrustDocument = Root | Targets | Snapshot | Timestamp;

/** What came out of a file's bytes. Nothing in it has been verified. */
export interface ParsedDocument<T extends TrustDocument = TrustDocument> {
  readonly role: RoleName;
  readonly signed: T;
  readonly signatures: readonly Signature[];
  /** What the signatures are over: canonical JSON of `signed` as it stood in the file, unknown fields included. */
  readonly message: Buffer;
  /** The file itself, which hashes in snapshot and timestamp are over. */
  readonly bytes: Buffer;
}
