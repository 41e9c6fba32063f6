import { DctError } from '../../error';

/** Publishes; where an interrupted publish stands in the way, goes past it and publishes again. */
export async function goingPast<T>(publish: () => Promise<T>, goPast: () => Promise<unknown>): Promise<T> {
  try {
    return await publish();
  } catch (error) {
    if (!(error instanceof DctError) || error.code !== 'left_behind') throw error;
    await goPast();
    return publish();
  }
}
