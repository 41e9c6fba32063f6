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

  inForce(): void {
    this.#inForce.push(...this.#last);
    this.#last = [];
  }

  /** What counts and has not been taken yet, one for each message. */
  take(): readonly DraftNote[] {
    return [...new Map(this.#inForce.splice(0).map((note) => [note.message, note])).values()];
  }
}
