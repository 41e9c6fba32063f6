import type { Unknown } from '../../plugin';

/**
 * What this connection plans and makes of things that other resources stand in, for the plans of these: Terraform comes first
 * to what others depend on.
 */
export class Foreseen {
  readonly #toDelete = new Set<string>();
  readonly #anew = new Set<string>();
  readonly #keyIds = new Map<string, readonly string[] | Unknown>();
  readonly #targetsKeys = new Set<string>();
  readonly #otherKeys = new Set<string>();

  /** There is a resource for this repository, whose end would delete the trust data. */
  deletable(gun: string): void {
    this.#toDelete.add(gun);
  }

  /** A resource for this repository is planned as if there were none: with one that is there, that is a replacement. */
  planned(gun: string): void {
    if (this.#toDelete.has(gun)) this.#anew.add(gun);
  }

  /** An apply has made the trust data. */
  made(gun: string): void {
    this.#anew.add(gun);
  }

  /** Whether what stood in the trust data goes with it, and has to be made again. */
  isAnew(gun: string): boolean {
    return this.#anew.has(gun);
  }

  /** The canonical IDs of the keys that a signer of a resource has or gets. */
  signerHas(gun: string, signer: string, keyIds: readonly string[] | Unknown): void {
    this.#keyIds.set(`${gun}#${signer}`, keyIds);
  }

  keyIdsOf(gun: string, signer: string): readonly string[] | Unknown | undefined {
    return this.#keyIds.get(`${gun}#${signer}`);
  }

  /** The trust data gets another targets key, or may. */
  otherTargetsKey(gun: string): void {
    this.#targetsKeys.add(gun);
  }

  hasOtherTargetsKey(gun: string): boolean {
    return this.#targetsKeys.has(gun);
  }

  /** The signer gets other keys, which may have to sign again what it has signed. */
  otherKeys(gun: string, signer: string): void {
    this.#otherKeys.add(`${gun}#${signer}`);
  }

  hasOtherKeys(gun: string, signer: string): boolean {
    return this.#otherKeys.has(`${gun}#${signer}`);
  }
}
