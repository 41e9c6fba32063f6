import { Construct } from 'constructs';
import { CentralTrust } from './central-trust';
import type { CentralRegistry } from './central-registry';
import { ClusterTrust } from './cluster-trust';
import type { RemoteCluster } from './remote-cluster';
import type { Signer } from './signer';
import type { Topology } from './topology';
import type { TrustedRepository } from './trusted-repository';

/**
 * Trust between one registry and any number of clusters in one stack: register, delegate, sign, and only then enforce; destroyed
 * the other way. The same in stacks of their own is {@link CentralTrust} and one {@link ClusterTrust} per cluster.
 */
export class TrustTopology extends Construct {
  readonly registry: CentralRegistry;
  /** By name. */
  readonly repositories: Readonly<Record<string, TrustedRepository>>;
  /** By name. */
  readonly clusters: Readonly<Record<string, RemoteCluster>>;
  /** By `<cluster>/<signer>`. */
  readonly signers: Readonly<Record<string, Signer>>;

  /** Throws `invalid_construct` with everything that is wrong with the topology. */
  constructor(scope: Construct, id: string, topology: Topology) {
    super(scope, id);
    const central = new CentralTrust(this, 'central', topology);
    this.registry = central.registry;
    this.repositories = central.repositories;
    const parts = Object.keys(topology.clusters).map(
      (cluster) => new ClusterTrust(this, cluster, { topology, cluster, registry: central.registry }),
    );
    this.clusters = Object.fromEntries(parts.map(({ cluster }) => [cluster.clusterName, cluster]));
    this.signers = Object.fromEntries(
      parts.flatMap(({ signers }) => Object.values(signers).map((signer) => [signer.reference, signer])),
    );
  }
}
