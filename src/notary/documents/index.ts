export { DAMAGED } from './field';
export { RawJson, byUtf8, canonicalJson, type JsonInput } from './canonical';
export type {
  BaseRole,
  DelegationName,
  DelegationRole,
  Delegations,
  FileMeta,
  Gun,
  KeyObject,
  ParsedDocument,
  RoleKeys,
  RoleName,
  Root,
  Signature,
  Snapshot,
  Targets,
  TargetsRole,
  Timestamp,
  TrustDocument,
} from './model';
export {
  checkHostAddress,
  checkSigner,
  checkTag,
  isBaseRole,
  isDelegationName,
  normaliseRepository,
  parentRole,
  signerRole,
  splitGun,
} from './names';
export { MAX_METADATA_BYTES, MAX_ROOT_BYTES, MAX_TIMESTAMP_BYTES, parseDocument, parseKey } from './parse';
export { serialise, signedBytes } from './serialise';
export { formatTime, instantOf } from './time';
export { maySign } from './paths';
