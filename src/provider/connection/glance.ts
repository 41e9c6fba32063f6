import type { DraftNote, TrustDraft, TrustRepository } from '../../notary';
import type { Operation } from './planned-trust';

/** How long a plan looks at a server that need not be there, milliseconds. */
export const LOOK = 5000;

/**
 * A plan’s look at trust data for what is not in the state yet: that never needs a server (rule 6), so one that does not answer
 * soon is asked once, and nothing is said. Other plans are not disturbed.
 */
export class Glance {
  #draft: Promise<TrustDraft | undefined> | undefined;

  constructor(private readonly trust: TrustRepository) {}

  /** What the user should know of an operation on what is there today; what is wrong with it the apply says. */
  async notes(operation: Operation, signal: AbortSignal): Promise<readonly DraftNote[]> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(LOOK)]);
    this.#draft ??= this.trust.open({ signal: soon }).catch(() => undefined);
    const draft = (await this.#draft)?.fork();
    if (draft?.exists !== true) return [];
    try {
      return await operation(draft);
    } catch {
      return [];
    }
  }

  forget(): void {
    this.#draft = undefined;
  }
}
