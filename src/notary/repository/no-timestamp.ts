import { DctError } from '../../error';
import { instantOf, type ParsedDocument, parseDocument, type Root } from '../documents';
import { baseRoleKeys } from '../draft';
import { fetchHighest, type FileOptions } from './fetch-file';
import type { Session } from './session';
import { askSnapshotManager } from './snapshot-manager';

/**
 * A notary-server makes no timestamp over a client's snapshot that has ended, and says no more than that it failed (measured:
 * 0.7). Nothing can be read then, and nothing changed, by docker and notary neither. Any other error is returned as it is.
 */
export async function withoutTimestamp(
  session: Session,
  root: ParsedDocument<Root>,
  error: unknown,
  now: Date,
  options: FileOptions,
): Promise<unknown> {
  if (!(error instanceof DctError) || !/ answered 500: UNKNOWN\b/.test(error.message)) return error;
  const end = await endOfSnapshot(session, options).catch(() => undefined);
  if (end === undefined || end > now) return error;
  // One of its own the server signs again, so that it is something else that failed.
  const nobody = { find: () => Promise.resolve(undefined) };
  const manager = await askSnapshotManager(session, root, nobody).catch(() => undefined);
  if (manager !== 'client') return error;
  const { gun } = session;
  const ids = baseRoleKeys(root.signed, 'snapshot').map(({ canonicalId }) => canonicalId);
  const why = `its snapshot, which whoever has the key ${ids.join(' or ')} signs, expired on ${end.toISOString()}`;
  return new DctError('ended_trust_data', `${error.message}\nThe server makes no timestamp, since ${why}`, {
    cure:
      `make the trust data of ${gun} anew, for docker cannot read this repository any more either: notary delete --remote ${gun}, ` +
      'initialise it again, and sign what is still wanted',
    cause: error,
  });
}

async function endOfSnapshot(session: Session, options: FileOptions): Promise<Date | undefined> {
  const file = await fetchHighest(session, 'snapshot', options);
  return file && instantOf(parseDocument(file, 'snapshot').signed.expires);
}
