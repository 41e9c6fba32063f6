export { CentralRegistry, type CentralRegistryProps } from './central-registry';
export { CentralTrust } from './central-trust';
export { ClusterTrust, type ClusterTrustProps } from './cluster-trust';
export { DctProvider, type DctProviderProps } from './dct-provider';
export { dctFunctions } from './functions';
export { loadTopology } from './load-topology';
export { RemoteCluster, type EnforceProps, type RemoteClusterProps } from './remote-cluster';
export { Signer, type SignerProps } from './signer';
export type { ClusterTopology, RepositoryTopology, TagTopology, Topology } from './topology';
export { TrustGate, type BeforeProps, type TrustGateProps } from './trust-gate';
export { TrustTopology } from './trust-topology';
export {
  TrustedRepository,
  type AddSignerProps,
  type RotateProps,
  type SignTagProps,
  type TrustedRepositoryProps,
} from './trusted-repository';
