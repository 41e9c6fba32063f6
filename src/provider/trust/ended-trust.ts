import { DctError } from '../../error';
import type { Context } from '../../plugin';

/**
 * Takes something out of trust data, unless what all of it hangs on has ended: nothing in it counts for anybody, docker or a
 * cluster, and nobody can change it any more. Then nothing is sent, with a warning, so that a destroy is possible.
 */
export async function unlessEnded<T>(
  gun: string,
  warn: Context['warn'],
  take: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof DctError) || !['expired_root_certificate', 'ended_trust_data'].includes(error.code))
      throw error;
    const detail = `It cannot be changed: ${error.message}.\nIt goes with all of the trust data: on_destroy = "delete" of its dct_repository, or notary delete --remote ${gun}.`;
    warn(undefined, `Nothing can be taken out of the trust data of ${gun}, and nothing in it counts any more`, detail);
    return undefined;
  }
}
