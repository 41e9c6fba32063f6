export type { KeyInfo } from './key-info';
export { keysAtHand, type KeysAtHand } from './keys-at-hand';
export {
  dockerPassphrases,
  dockerTrustDirectory,
  fewestCharacters,
  passphraseVariable,
  type Passphrases,
} from './passphrases';
export { TrustStore } from './trust-store';
