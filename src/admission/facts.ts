/** What a cluster would decide from. All of it is plain data, so that a rehearsal can change a copy and ask again. */

/** `[trust_configuration]` of a UCP. */
export interface SigningPolicy {
  readonly requireContentTrust: boolean;
  /** Teams (or users) as the UCP stores them; their form is undocumented (ucp-dtr.md A2.11). */
  readonly requireSignatureFrom: readonly string[];
  /** Repositories that bypass the check; MKE only. */
  readonly allowRepositories: readonly string[];
}

export interface ClusterTeam {
  readonly organization: string;
  readonly name: string;
  readonly id: string;
}

/** A user of this UCP, with the canonical IDs of the public keys on the account. */
export interface ClusterUser {
  readonly name: string;
  readonly id: string;
  readonly keyIds: readonly string[];
  readonly teams: readonly ClusterTeam[];
}

export interface ClusterFacts {
  readonly name: string;
  /** `3.2.5`; undefined when the cluster did not say. */
  readonly version: string | undefined;
  /** Host addresses of the registered trusted registries. */
  readonly registries: readonly string[];
  /** Those of them that are registered with a CA that is not theirs: the cluster cannot read signatures there. */
  readonly unreadable: readonly string[];
  readonly policy: SigningPolicy;
  readonly users: readonly ClusterUser[];
}

/** One delegation's valid signature of a tag. */
export interface TagSignature {
  /** `targets`, `targets/releases` or `targets/<signer>`. */
  readonly role: string;
  /** Hex of the manifest's SHA-256. */
  readonly sha256: string;
  /** Canonical IDs of the keys whose signatures verify. */
  readonly keyIds: readonly string[];
}

/**
 * Signatures by tag of one repository; undefined: the repository has no trust data; `not_read`: it is in a registry whose
 * trust data was not asked for.
 */
export type RepositoryTrust = ReadonlyMap<string, readonly TagSignature[]> | undefined | 'not_read';
