/** Makes something at the first call, for all callers. */
export interface Once<T> {
  (): Promise<T>;
  /** What was made or is being made, if anything. */
  readonly made: Promise<T> | undefined;
}

/** A failure is not kept: the next call tries again. */
export function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined;
  const call = (): Promise<T> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return Object.defineProperty(call, 'made', { get: () => made }) as Once<T>;
}
