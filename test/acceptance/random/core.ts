import type { Block } from '../core/expressions';
import type { Values } from '../core/wire';

/** What a sequence needs of Terraform's core, real or not. */
export interface Core {
  /** `mustAdmit`: images that the clusters have to be able to run. */
  configure(blocks: readonly Block[], mustAdmit?: readonly string[]): Promise<void>;
  /** Texts of the last plan or apply. */
  readonly warnings: readonly string[];
  plan(options?: { readonly replace?: readonly string[]; readonly refresh?: boolean }): Promise<Plan>;
  /** What the last plan says. */
  apply(): Promise<Ended>;
  destroy(): Promise<Ended>;
  /** Forgets these resources and brings them in again, each by its ID. */
  importAgain(ids: ReadonlyMap<string, string>): Promise<Ended>;
  forget(addresses: readonly string[]): Promise<void>;
  /** Of ours: attributes by address. */
  state(): Promise<ReadonlyMap<string, Values>>;
}
export interface Ended {
  readonly ok: boolean;
  /** Texts of errors. */
  readonly errors: readonly string[];
}
export interface Plan extends Ended {
  readonly changes: readonly Change[];
  readonly drift: readonly string[];
}
export interface Change {
  readonly address: string;
  readonly action: 'create' | 'update' | 'delete' | 'replace';
  readonly reasons: readonly string[];
  /** IDs before and after, as far as known. */
  readonly before: unknown;
  readonly after: unknown;
  readonly tainted: boolean;
  /** A replacement whose new one comes before the old one goes. */
  readonly createsFirst: boolean;
  /** It was found to be due for renewal. */
  readonly wasDue: boolean;
}
