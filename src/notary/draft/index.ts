export type { Target } from './content';
export type { NewRepository } from './first-root';
export type { Publication } from './publication';
export type { SignedFile } from './signing';
export type { DraftNote } from './notes';
export { TrustDraft, type UnsigningOption } from './trust-draft';
export type { TrustView } from './view';
export { keysOf, releases, signerOf, signersOf } from './delegations';
export { digestOf, meetsThreshold, sameTarget, type Tags, validSignatures } from './content';
