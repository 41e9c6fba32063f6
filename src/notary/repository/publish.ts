import { DctError } from '../../error';
import { HttpError, type HttpResponse } from '../../http';
import type { Publication } from '../draft';
import { isConflict, isInvalidUpdate, refusal } from './refusal';
import type { Session } from './session';

/**
 * What became of an upload. `unknown`: the reply was lost, or was an error after which the server may have applied it or not.
 * `refused`: the server says it is wrong; nothing was applied.
 */
export type Upload =
  { readonly outcome: 'accepted' } | { readonly outcome: 'conflict' | 'unknown' | 'refused'; readonly error: Error };

/** Sends the files of a publication; the server takes all or none. Throws where nothing can have been applied or tried again. */
export async function upload(session: Session, publication: Publication): Promise<Upload> {
  const body = [...publication.files].map(([role, { bytes }]) => ({
    name: 'files',
    filename: role,
    contentType: 'application/octet-stream',
    bytes,
  }));
  let response: HttpResponse;
  try {
    response = await session.request('', 'pull,push', { method: 'POST', body });
  } catch (error) {
    if (error instanceof HttpError && ['reset', 'timeout', 'protocol'].includes(error.code)) {
      return { outcome: 'unknown', error };
    }
    throw error;
  }
  if (response.status === 200) return { outcome: 'accepted' };
  const error = refusal(response, publication.gun, 'publish to');
  if (isConflict(response)) return { outcome: 'conflict', error };
  if (isInvalidUpdate(response)) return { outcome: 'refused', error };
  if (response.status >= 500) return { outcome: 'unknown', error };
  throw error;
}

/** The server took a file that it cannot give out under the hash its snapshot names: docker cannot read the repository now. */
export function notByteExact(session: Session, role: string): DctError {
  const message = `${session.host} took ${role} of ${session.gun}, but does not give it out as it was sent under the hash its snapshot names`;
  return new DctError('not_byte_exact', message, {
    cure: 'run again: the next version of the role repairs it; if it happens again, look for a proxy that changes requests on their way',
  });
}
