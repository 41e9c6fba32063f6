import type { CentralRegistryProps } from './central-registry';
import type { DctProviderProps } from './dct-provider';
import type { EnforceProps, RemoteClusterProps } from './remote-cluster';
import type { SignerProps } from './signer';
import type { AddSignerProps, SignTagProps, TrustedRepositoryProps } from './trusted-repository';

/**
 * Who trusts whom, as one object: a registry, the clusters that run its images with their signers, the repositories and who
 * signs what. Signers are referred to as `<cluster>/<signer>`. {@link loadTopology} reads it from a file.
 */
export interface Topology {
  /** The central DTR. */
  readonly registry: Omit<CentralRegistryProps, 'provider'>;
  /** UCPs by a name of your choice. */
  readonly clusters: Readonly<Record<string, ClusterTopology>>;
  /**
   * By name: `admin/trustdemo`.
   * @default - none
   */
  readonly repositories?: Readonly<Record<string, RepositoryTopology>>;
  /** @default - docker's own, `~/.docker/trust` */
  readonly trustStore?: DctProviderProps['trustStore'];
  /**
   * Root key IDs by GUN or prefix of GUNs: trust data below it has to chain from one of them.
   * @default - what the state knows
   */
  readonly rootPins?: Readonly<Record<string, readonly string[]>>;
  /**
   * How long one request may take, seconds.
   * @default 30
   */
  readonly requestTimeoutSeconds?: number;
  /**
   * How often a request that is safe to repeat is tried again.
   * @default 4
   */
  readonly maxRetries?: number;
}

export interface ClusterTopology extends Omit<RemoteClusterProps, 'name' | 'provider'> {
  /**
   * Users of this cluster who sign, by signer name: their certificates or public keys (PEM), or these with a private key.
   * @default - none
   */
  readonly signers?: Readonly<Record<string, string | readonly string[] | SignerProps>>;
  /**
   * Run only signed images.
   * @default - the cluster's policy is left alone
   */
  readonly enforce?: Omit<EnforceProps, 'after'>;
}

export interface RepositoryTopology extends TrustedRepositoryProps, AddSignerProps {
  /**
   * `<cluster>/<signer>`
   * @default - none
   */
  readonly signers?: readonly string[];
  /**
   * Signatures to make, by tag.
   * @default - none
   */
  readonly tags?: Readonly<Record<string, TagTopology>>;
}

export interface TagTopology extends Omit<SignTagProps, 'signer'> {
  /** `<cluster>/<signer>`, each of which signs. Each is a signer of the repository, with its private key at hand. */
  readonly signedBy: readonly string[];
}
