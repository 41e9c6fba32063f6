import type { Gun } from '../documents';

export interface KeyInfo {
  /** Canonical key ID. */
  readonly id: string;
  /** `root`, `targets`, `snapshot` or a signer's name; empty where the file does not say. */
  readonly role: string;
  readonly gun: Gun | undefined;
  readonly file: string;
  readonly isEncrypted: boolean;
}
