import { existsSync } from 'node:fs';
import { Construct } from 'constructs';
import { contentOf } from './app-path';
import { CentralRegistry } from './central-registry';
import type { DctProvider } from './dct-provider';
import { refusal } from './refusal';
import { configure } from './provider-settings';
import { RemoteCluster } from './remote-cluster';
import type { Signer } from './signer';
import { requireSound } from './sound-topology';
import type { ClusterTopology, Topology } from './topology';

export interface ClusterTrustProps {
  readonly topology: Topology;
  /** Which cluster of the topology. */
  readonly cluster: string;
  /**
   * @default - made from the topology, for a stack of the cluster's own; repositories are then somebody else's to make
   */
  readonly registry?: CentralRegistry;
}

/** The part of a topology that is one cluster's: its registration, what its signers sign, its enforcement. */
export class ClusterTrust extends Construct {
  readonly cluster: RemoteCluster;
  /** By signer name. */
  readonly signers: Readonly<Record<string, Signer>>;

  /** Throws `invalid_construct` for an unknown cluster, or with everything that is wrong with the topology. */
  constructor(scope: Construct, id: string, { topology, cluster: name, registry: given }: ClusterTrustProps) {
    super(scope, id);
    requireSound(this, topology);
    const props = topology.clusters[name];
    if (props === undefined) {
      throw refusal(this, `the topology has no cluster ${name}`, `it has ${Object.keys(topology.clusters).join(', ')}`);
    }
    const { signers = {}, enforce, ...connection } = props;
    const registry = given ?? new CentralRegistry(this, 'registry', topology.registry);
    if (given === undefined) configure(registry.provider, topology);
    this.cluster = new RemoteCluster(this, name, { ...connection, provider: registry.provider });
    this.cluster.trust(registry);
    this.signers = signersOf(this.cluster, signers);
    this.sign(registry, topology);
    if (enforce !== undefined) this.cluster.enforce(enforce);
  }

  /** Delegations and signatures of this cluster's signers, in every repository. */
  private sign(registry: CentralRegistry, topology: Topology): void {
    for (const [name, { signers = [], tags = {}, allowUnsigning }] of Object.entries(topology.repositories ?? {})) {
      const ours = (references: readonly string[]) =>
        Object.values(this.signers).filter(({ reference }) => references.includes(reference));
      if (ours(signers).length === 0) continue;
      for (const reference of signers) lendKey(registry.provider, reference, topology);
      const repository = registry.existingRepository(name);
      for (const signer of ours(signers)) repository.addSigner(signer, { allowUnsigning });
      for (const [tag, { signedBy, ...props }] of Object.entries(tags)) {
        for (const signer of ours(signedBy)) repository.signTag(tag, { ...props, signer });
      }
    }
  }
}

/**
 * Removing a signer can leave what others signed without a signature that counts, until it is signed again with one of their
 * keys. So keys of other clusters' signers of the same repository are at hand too, where this machine has them.
 */
function lendKey(provider: DctProvider, reference: string, { clusters }: Topology): void {
  const [cluster = '', name = ''] = reference.split('/');
  const signer = clusters[cluster]?.signers?.[name];
  if (typeof signer !== 'object' || !('publicKeys' in signer)) return;
  const { privateKeyPath, passphrase } = signer;
  if (privateKeyPath === undefined || !existsSync(privateKeyPath)) return;
  provider.addSigningKey(reference, { privateKey: contentOf(provider, privateKeyPath), passphrase });
}

function signersOf(cluster: RemoteCluster, signers: NonNullable<ClusterTopology['signers']>): Record<string, Signer> {
  return Object.fromEntries(
    Object.entries(signers).map(([name, signer]) => {
      if (typeof signer === 'string' || !('publicKeys' in signer)) return [name, cluster.signer(name, signer)];
      const { publicKeys, ...props } = signer;
      return [name, cluster.signer(name, publicKeys, props)];
    }),
  );
}
