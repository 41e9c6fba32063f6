import { DctError } from '../../error';
import type { DraftNote, TrustDraft, TrustRepository } from '../../notary';
import { isLockOut } from '../rehearsal';
import type { Activity } from './activity';

/** An operation on a draft; what it has to say is shown as warnings. */
export type Operation = (draft: TrustDraft) => ReturnType<TrustDraft['addSigner']> | ReturnType<TrustDraft['signTag']>;

/** What one plan would make of a repository's trust data: its resources' operations on one draft, one after the other. */
export class PlannedTrust {
  #draft: Promise<TrustDraft> | undefined;

  constructor(
    private readonly trust: TrustRepository,
    private readonly activity: Activity,
  ) {}

  /**
   * Tries an operation on top of the others, without sending anything. Throws what publishing it would; what it would unsign
   * may be planned to go as well.
   */
  async with(operation: Operation): Promise<readonly DraftNote[]> {
    const { activity } = this;
    const attempt = async () => {
      const notes = await this.attempt(operation);
      activity.arrive();
      return notes;
    };
    return (await activity.together(attempt, isUnsigning)) ?? [];
  }

  /** Begins anew from what the server has. */
  forget(): void {
    this.#draft = undefined;
  }

  private async attempt(operation: Operation): Promise<readonly DraftNote[]> {
    const before = this.#draft ?? this.trust.open();
    let notes: readonly DraftNote[] = [];
    const after = before.then(async (draft) => {
      const next = draft.fork();
      if (next.exists) {
        const known = (await draft.unsigned()).map(({ message }) => message);
        const said = [...(await next.heal()), ...(await operation(next))];
        notes = [...said, ...(await next.unsigned()).filter(({ message }) => !known.includes(message))];
      }
      await next.finish();
      return next;
    });
    // A plan that fails leaves the ones before it as they were; what could not be read is read again by the next one.
    const kept = after.catch(() => before);
    this.#draft = kept;
    kept.catch(() => {
      if (this.#draft === kept) this.#draft = undefined;
    });
    await after;
    return notes;
  }
}

function isUnsigning(error: unknown): boolean {
  return error instanceof DctError && error.code === 'would_unsign';
}

/** What another change of the same apply may still put right: the last signer of a tag goes, a digest moves, a key comes. */
export function mayPass(error: unknown): boolean {
  const codes = ['would_unsign', 'conflicting_digest'];
  return isLockOut(error) || (error instanceof DctError && codes.includes(error.code));
}
