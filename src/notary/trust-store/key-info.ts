import type { Gun } from '../documents';

export interface KeyInfo {
  /** Canonical key ID. */
  readonly id: string;
  /** `root`, `targets`, `snapshot` or a signer's name; empty where the file does not say. */
  readonly role: string;
  readonly gun: Gun | undefined;
  /** The signer path header of notary before 0.3. */
  readonly path: string | undefined;
  readonly file: string;
  readonly isEncrypted: boolean;
}
