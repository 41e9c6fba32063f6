import type { DraftNote } from '../../notary';

/**
 * What a change has to say. Done again after a conflict, only what it says then counts; done again since something is left to
 * mend after a publish that is in force, what it has said before counts as well.
 */
export class Said {
  #last: readonly DraftNote[] = [];
  readonly #inForce: DraftNote[] = [];

  say(notes: readonly DraftNote[]): void {
    this.#last = notes;
  }

  readonly inForce = (): void => {
    this.#inForce.push(...this.#last);
    this.#last = [];
  };

  /** What counts, one for each message. */
  get notes(): readonly DraftNote[] {
    return [...new Map(this.#inForce.map((note) => [note.message, note])).values()];
  }
}
