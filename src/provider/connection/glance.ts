import { DctError } from '../../error';
import type { DraftNote, TrustDraft, TrustRepository } from '../../notary';
import type { Operation } from './planned-trust';

/** How long a plan looks at a server that need not be there, milliseconds. */
export const LOOK = 5000;

export interface Seen {
  /** What the user should know. */
  readonly notes: readonly DraftNote[];
  /** `key_not_at_hand`: the apply needs a key that is not here now. */
  readonly missingKey?: DctError;
}

/**
 * A plan’s look at trust data for what is not in the state yet: that never needs a server (rule 6), so one that does not answer
 * soon is asked once, and nothing is said. Other plans are not disturbed.
 */
export class Glance {
  #draft: Promise<TrustDraft | undefined> | undefined;

  constructor(private readonly trust: TrustRepository) {}

  /**
   * What an operation would do to what is there today; what else is wrong with it the apply says.
   * @param isAll nothing else goes out with it: `missingKey` also for what has to be signed besides
   */
  async at(operation: Operation, signal: AbortSignal, isAll: boolean): Promise<Seen> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(LOOK)]);
    this.#draft ??= this.trust.open({ signal: soon }).catch(() => undefined);
    const draft = (await this.#draft)?.fork();
    if (draft?.exists !== true) return { notes: [] };
    let notes: readonly DraftNote[] = [];
    try {
      notes = await operation(draft);
      if (isAll) await draft.finish();
    } catch (error) {
      const isKey = error instanceof DctError && error.code === 'key_not_at_hand';
      return { notes, ...(isKey && { missingKey: error }) };
    }
    return { notes };
  }

  forget(): void {
    this.#draft = undefined;
  }
}
