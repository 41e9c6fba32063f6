/** How `dct` ends, for scripts. */
export const exitCode = {
  success: 0,
  /** It could not be done, or the answer is no. */
  failure: 1,
  /** The command line makes no sense. */
  usage: 2,
} as const;

/** Thrown by a command that has printed its answer, when that is no, or only a part could be done: nothing more is printed. */
export class AnswerIsNo extends Error {
  override readonly name = 'AnswerIsNo';
}
