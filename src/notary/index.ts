/**
 * Docker Content Trust (Notary v1). Pure: documents, keys, verification, draft. With I/O: the trust store on disk and the
 * client of one repository on a Notary server. Knows nothing of Terraform.
 */
export {
  type BaseRole,
  checkHostAddress,
  checkSigner,
  checkTag,
  type DelegationName,
  type Gun,
  normaliseRepository,
  type RoleName,
  type Root,
  signerRole,
  splitGun,
  type TrustDocument,
} from './documents';
export { type Certificate, decodeKeyFile, PrivateKey, PublicKey, sameKeys } from './keys';
export { type VerificationCode, type VerifiedDelegation, type VerifiedTrust } from './verification';
export {
  dockerPassphrases,
  dockerTrustDirectory,
  type KeyInfo,
  keysAtHand,
  type KeysAtHand,
  nextRootKeys,
  type Passphrases,
  fewestCharacters,
  passphraseVariable,
  TrustStore,
} from './trust-store';
export {
  type DraftNote,
  keyNotAtHand,
  releases,
  type Renewable,
  type RoleSignature,
  type Rotation,
  standInRotation,
  type Target,
  TrustDraft,
  type UnsigningOption,
} from './draft';
export {
  type Authorizer,
  type ChangeOptions,
  checkSnapshotKey,
  type Expiring,
  expiringParts,
  isPartOfSigner,
  type Intent,
  type NextRootOfTrust,
  type ReadOptions,
  type RoleKeyring,
  type RootOfTrust,
  type SnapshotManager,
  type TagSignature,
  TrustData,
  TrustRepository,
  type TrustRepositoryOptions,
  type TrustSigner,
} from './repository';
