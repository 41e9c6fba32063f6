import { DctError } from '../../error';

/**
 * Takes back a signature. Terraform does that before it comes to the repository, so nobody knows yet whether that goes as a
 * whole: whose key is not here (`key_not_at_hand`) is told what to do then.
 */
export async function takingBack<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DctError) || error.code !== 'key_not_at_hand') throw error;
    const cure = `${error.cure ?? 'lend the key'}; or, ${WHERE_ALL_GOES}`;
    throw new DctError(error.code, error.message, { cause: error, cure });
  }
}

const WHERE_ALL_GOES =
  'where the trust data goes as a whole (on_destroy = "delete" of its dct_repository), set on_destroy = "keep" here and ' +
  'allow_unsigning = true in its dct_signer_delegation, apply that, which sends nothing, and destroy then';
