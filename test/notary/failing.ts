import { DctError } from '../../src/error';

/** The DctError that a call ends with; undefined if it ends well. Any other error is a bug and goes on. */
export function failing(run: () => unknown): DctError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof DctError) return error;
    throw error;
  }
  return undefined;
}

export async function rejecting(promise: Promise<unknown>): Promise<DctError | undefined> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DctError) return error;
    throw error;
  }
  return undefined;
}

/** Message and cure in one, for looking for words. */
export function wordsOf(error: DctError | undefined): string {
  return error ? `${error.message} | ${error.cure ?? ''}` : '(no error)';
}
