import { DctError } from '../../error';
import { type ParsedDocument, parseKey, type Root } from '../documents';
import { PublicKey } from '../keys';
import type { KeysAtHand } from '../trust-store';
import type { Session } from './session';
import type { SnapshotManager } from './trust-data';

/**
 * Who holds the snapshot key the root names. When it is not at hand the server is asked for its own, which takes the right to
 * push; without that, docker's default is assumed.
 */
export async function askSnapshotManager(
  session: Session,
  root: ParsedDocument<Root>,
  keys: KeysAtHand,
): Promise<SnapshotManager> {
  const named = root.signed.roles.get('snapshot')?.keyids ?? [];
  for (const id of named) {
    const object = root.signed.keys.get(id);
    if (object && (await keys.find(PublicKey.fromDocument(object).canonicalId)) !== undefined) return 'client';
  }
  try {
    const response = await session.request('snapshot.key', 'pull,push', { method: 'GET' });
    if (response.status !== 200) return 'server';
    const own = PublicKey.fromDocument(parseKey(response.bytes, 'snapshot.key'));
    return named.includes(own.tufId) ? 'server' : 'client';
  } catch (error) {
    if (error instanceof DctError && error.code === 'unauthorised') return 'server';
    throw error;
  }
}
