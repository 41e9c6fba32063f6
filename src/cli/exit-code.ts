/** How `dct` ends, for scripts. */
export const exitCode = {
  success: 0,
  /** It could not be done, or the answer is no. */
  failure: 1,
  /** The command line makes no sense. */
  usage: 2,
} as const;
