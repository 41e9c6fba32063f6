export type { RootOfTrust } from './prepare-repository';
export type { NextRootOfTrust } from './prepare-rotation';
export type { Actions, Authorizer, Transport } from './session';
export { type SnapshotManager, type TagSignature, TrustData, type TrustSigner } from './trust-data';
export type { Intent } from './intent';
export { checkSnapshotKey } from './snapshot-manager';
export { type ChangeOptions, type ReadOptions, TrustRepository, type TrustRepositoryOptions } from './trust-repository';
export { type Expiring, expiringParts, isPartOfSigner, type RoleKeyring } from './expiring';
