import type { RotateProps } from './trusted-repository';
import { didYouMean } from './nearest';
import type { SignerProps } from './signer';
import type { ClusterTopology, RepositoryTopology, TagTopology, Topology } from './topology';

/** Every property of a type: one that is added to it and not here does not compile. */
type Keys<T> = Readonly<Record<keyof T, true>>;

const topologyKeys: Keys<Topology> = {
  registry: true,
  clusters: true,
  repositories: true,
  trustStore: true,
  rootPins: true,
  requestTimeoutSeconds: true,
  maxRetries: true,
};

const registryKeys: Keys<Topology['registry']> = {
  hostAddress: true,
  caBundle: true,
  caBundlePath: true,
  caSha256: true,
  username: true,
  password: true,
  clientBundlePath: true,
  notaryUrl: true,
};

const clusterKeys: Keys<ClusterTopology> = {
  clientBundlePath: true,
  endpoint: true,
  certificate: true,
  privateKey: true,
  caBundle: true,
  caBundlePath: true,
  username: true,
  password: true,
  mustAdmit: true,
  signers: true,
  enforce: true,
};

const signerKeys: Keys<SignerProps> = { publicKeys: true, privateKeyPath: true, passphrase: true };

const enforceKeys: Keys<NonNullable<ClusterTopology['enforce']>> = {
  requireSignatureFrom: true,
  requireContentTrust: true,
  allowRepositories: true,
  onDestroy: true,
};

const repositoryKeys: Keys<RepositoryTopology> = {
  signers: true,
  tags: true,
  onDestroy: true,
  adoptExisting: true,
  expectedRootKeyIds: true,
  rotate: true,
  snapshotManagedBy: true,
  whenLost: true,
  minValidityDays: true,
  allowUnsigning: true,
};

const rotateKeys: Keys<RotateProps> = { root: true, targets: true, snapshot: true, timestamp: true };

const tagKeys: Keys<TagTopology> = {
  digest: true,
  signedBy: true,
  onDestroy: true,
  replacesDigest: true,
  minValidityDays: true,
};

const trustStoreKeys: Keys<NonNullable<Topology['trustStore']>> = {
  directory: true,
  rootPassphrase: true,
  repositoryPassphrase: true,
  passphrases: true,
  rootKeyId: true,
  createRootKey: true,
};

/**
 * Properties that a topology has and nothing knows: `clusters.cluster2.enforce: …`. Without a type check, as in plain
 * JavaScript or with a runner that only strips types, a misspelled one would silently leave its setting out.
 */
export function unknownKeys(topology: Topology): string[] {
  return [
    ...unknownIn('', topology, topologyKeys),
    ...unknownIn('registry', topology.registry, registryKeys),
    ...entries(topology.clusters).flatMap(([name, cluster]) => {
      const where = `clusters${dotted(name)}`;
      return [
        ...unknownIn(where, cluster, clusterKeys),
        ...unknownIn(`${where}.enforce`, cluster.enforce, enforceKeys),
        ...entries(cluster.signers).flatMap(([signer, props]) =>
          unknownIn(`${where}.signers${dotted(signer)}`, props, signerKeys),
        ),
      ];
    }),
    ...entries(topology.repositories).flatMap(([name, repository]) => {
      const where = `repositories${dotted(name)}`;
      return [
        ...unknownIn(where, repository, repositoryKeys),
        ...unknownIn(`${where}.rotate`, repository.rotate, rotateKeys),
        ...entries(repository.tags).flatMap(([tag, props]) => unknownIn(`${where}.tags${dotted(tag)}`, props, tagKeys)),
      ];
    }),
    ...unknownIn('trustStore', topology.trustStore, trustStoreKeys),
  ];
}

/** `.cluster2`, `."admin/trustdemo"` */
export function dotted(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? `.${name}` : `.${JSON.stringify(name)}`;
}

function unknownIn(where: string, value: unknown, keys: Readonly<Record<string, true>>): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const known = Object.keys(keys);
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const cure = didYouMean(key, known) ?? `known are ${known.join(', ')}`;
      return `${where === '' ? 'the topology' : where}: unknown property ${JSON.stringify(key)}; ${cure}`;
    });
}

function entries<T>(record: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(record ?? {});
}
