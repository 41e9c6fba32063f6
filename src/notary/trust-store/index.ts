export type { KeyInfo } from './key-info';
export { keysAtHand, type KeysAtHand } from './keys-at-hand';
export { nextRootKeys } from './next-root-keys';
export {
  dockerPassphrases,
  dockerTrustDirectory,
  fewestCharacters,
  passphraseVariable,
  type Passphrases,
} from './passphrases';
export { TrustStore } from './trust-store';
