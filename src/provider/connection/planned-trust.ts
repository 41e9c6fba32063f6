import { DctError } from '../../error';
import type { DraftNote, TrustDraft, TrustRepository } from '../../notary';
import type { Activity } from './activity';
import { Company } from './company';

/** An operation on a draft; what it has to say is shown as warnings. */
export type Operation = (draft: TrustDraft) => ReturnType<TrustDraft['addSigner']> | ReturnType<TrustDraft['signTag']>;

/** What one plan would make of a repository's trust data: its resources' operations on one draft, one after the other. */
export class PlannedTrust {
  #draft: Promise<TrustDraft> | undefined;
  readonly #company: Company;

  constructor(
    private readonly trust: TrustRepository,
    activity: Activity,
  ) {
    this.#company = new Company(activity);
  }

  /** Tries an operation on top of the others, without sending anything. Throws what publishing it would. */
  async with(operation: Operation): Promise<readonly DraftNote[]> {
    for (;;) {
      const { arrived } = this.#company;
      try {
        const notes = await this.attempt(operation);
        this.#company.arrive();
        return notes;
      } catch (error) {
        // What it would unsign may be planned to go as well.
        const mayPass = error instanceof DctError && error.code === 'would_unsign';
        if (!mayPass || !(await this.#company.comes(arrived))) throw error;
      }
    }
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
      if (next.exists) notes = [...(await next.heal()), ...(await operation(next))];
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
