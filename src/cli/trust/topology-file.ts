import type * as loading from '../../constructs/load-topology';
import type { ClusterTopology, RepositoryTopology } from '../../constructs/topology';
import { type Gun, normaliseRepository, PublicKey } from '../../notary';
import type { RegistrySettings } from './registry';

/** A signer of a topology: a user of one of its clusters. */
export interface TopologySigner {
  /** `cluster2/cluster2admin` */
  readonly reference: string;
  readonly name: string;
  readonly publicKeys: readonly PublicKey[];
  /** Absolute. */
  readonly privateKeyPath: string | undefined;
}

export interface TopologyRepository {
  readonly gun: Gun;
  readonly signers: readonly TopologySigner[];
  /** Those of them that sign tags from here, so that their private keys have to be at hand. */
  readonly signing: readonly TopologySigner[];
  readonly expectedRootKeyIds: readonly string[] | undefined;
}

/** What a topology file says of trust. */
export interface TopologyTrust {
  /** As the user named it. */
  readonly file: string;
  readonly registry: RegistrySettings;
  readonly repositories: readonly TopologyRepository[];
  readonly signers: readonly TopologySigner[];
  readonly trustDirectory: string | undefined;
  readonly rootKeyId: string | undefined;
  /** Images that clusters have to be able to run. */
  readonly mustAdmit: readonly { readonly cluster: string; readonly image: string }[];
}

/** Throws as `loadTopology`, and for a signer's key that Notary would not take. */
export function readTopologyTrust(file: string): TopologyTrust {
  // Not by the door of constructs, and only here: that loads all of CDKTF, which no other command should wait for.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { loadTopology } = require('../../constructs/load-topology') as typeof loading;
  const { registry, clusters, repositories = {}, trustStore } = loadTopology(file);
  const signers = Object.entries(clusters).flatMap(([name, cluster]) => signersOf(name, cluster));
  const named = (references: readonly string[]): TopologySigner[] =>
    signers.filter(({ reference }) => references.includes(reference));
  return {
    file,
    registry,
    signers,
    repositories: Object.entries(repositories).map(([name, repository]) => ({
      gun: normaliseRepository(name, registry.hostAddress),
      signers: named(repository.signers ?? []),
      signing: named(signingOf(repository)),
      expectedRootKeyIds: repository.expectedRootKeyIds,
    })),
    trustDirectory: trustStore?.directory,
    rootKeyId: trustStore?.rootKeyId,
    mustAdmit: Object.entries(clusters).flatMap(([cluster, { mustAdmit = [] }]) =>
      mustAdmit.map((image) => ({ cluster, image })),
    ),
  };
}

function signersOf(cluster: string, { signers = {} }: ClusterTopology): TopologySigner[] {
  return Object.entries(signers).map(([name, signer]) => {
    const { publicKeys, privateKeyPath } =
      typeof signer === 'object' && 'publicKeys' in signer
        ? signer
        : { publicKeys: [signer].flat(), privateKeyPath: undefined };
    const reference = `${cluster}/${name}`;
    const keys = publicKeys.map((pem) => PublicKey.fromPem(pem, { label: `a public key of ${reference}` }));
    return { reference, name, publicKeys: keys, privateKeyPath };
  });
}

function signingOf({ tags = {} }: RepositoryTopology): string[] {
  return Object.values(tags).flatMap(({ signedBy }) => [...signedBy]);
}
