import { DctError } from '../../error';
import { instantOf, parseDocument, type Root } from '../documents';
import { baseRoleKeys } from '../draft';
import { fetchHighest, type FileOptions } from './fetch-file';
import type { Session } from './session';

/**
 * A notary-server makes no timestamp over what has ended and it cannot sign again, the root or a client's snapshot, and says
 * no more than that it failed (measured: 0.7). Nothing can be read then, and nothing changed, by docker and notary neither.
 * Any other error is returned as it is.
 */
export async function withoutTimestamp(
  session: Session,
  root: Root,
  error: unknown,
  now: Date,
  options: FileOptions,
): Promise<unknown> {
  if (!(error instanceof DctError) || error.code !== 'server_failed') return error;
  const ended = await whatHasEnded(session, root, now, options).catch(() => undefined);
  if (ended === undefined) return error;
  const { gun } = session;
  return new DctError('ended_trust_data', `${error.message}\nThe server makes no timestamp, since ${ended}`, {
    cure:
      `make the trust data of ${gun} anew, for docker cannot read this repository any more either: notary delete --remote ${gun}, ` +
      'initialise it again, and sign what is still wanted',
    cause: error,
  });
}

async function whatHasEnded(
  session: Session,
  root: Root,
  now: Date,
  options: FileOptions,
): Promise<string | undefined> {
  const hasEnded = (expires: string): boolean => instantOf(expires) <= now;
  if (hasEnded(root.expires)) return `its root expired on ${instantOf(root.expires).toISOString()}`;
  const file = await fetchHighest(session, 'snapshot', options);
  const expires = file && parseDocument(file, 'snapshot').signed.expires;
  if (expires === undefined || !hasEnded(expires)) return undefined;
  const ids = baseRoleKeys(root, 'snapshot').map(({ canonicalId }) => canonicalId);
  return `its snapshot, which whoever has the key ${ids.join(' or ')} signs, expired on ${instantOf(expires).toISOString()}`;
}
