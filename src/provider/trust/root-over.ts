import { DctError } from '../../error';
import type { Context } from '../../plugin';

/**
 * Takes something out of trust data, unless its root certificate has expired: nothing in it counts for anybody, docker or a
 * cluster, and nobody can change it any more. Then nothing is sent, with a warning, so that a destroy is possible.
 */
export async function unlessRootIsOver<T>(
  gun: string,
  warn: Context['warn'],
  take: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof DctError) || error.code !== 'expired_root_certificate') throw error;
    const detail = `It cannot be changed: ${error.message}.\nIt goes with all of the trust data: on_destroy = "delete" of its dct_repository, or notary delete --remote ${gun}.`;
    warn(undefined, `Nothing can be taken out of the trust data of ${gun}, and nothing in it counts any more`, detail);
    return undefined;
  }
}
