import { DctError } from '../../error';
import { type Gun, type ParsedDocument, parseKey, type Root } from '../documents';
import { baseRoleKeys } from '../draft';
import { PublicKey } from '../keys';
import type { KeysAtHand } from '../trust-store';
import { isNotFound, refusal } from './refusal';
import type { Session } from './session';
import type { SnapshotManager, TrustData } from './trust-data';

/**
 * Who holds the snapshot key the root names. When it is not at hand the server is asked for its own, which takes the right to
 * push; undefined: without that nobody can say. Throws what the server answers else.
 */
export async function askSnapshotManager(
  session: Session,
  root: ParsedDocument<Root>,
  keys: KeysAtHand,
): Promise<SnapshotManager | undefined> {
  const named = root.signed.roles.get('snapshot')?.keyids ?? [];
  for (const id of named) {
    const object = root.signed.keys.get(id);
    if (object && (await keys.find(PublicKey.fromDocument(object).canonicalId)) !== undefined) return 'client';
  }
  try {
    const response = await session.request('snapshot.key', 'pull,push', { method: 'GET' });
    if (response.status === 403 || isNotFound(response)) return undefined;
    if (response.status !== 200) throw refusal(response, session.gun, 'get snapshot.key of');
    const own = PublicKey.fromDocument(parseKey(response.bytes, 'snapshot.key'));
    return named.includes(own.tufId) ? 'server' : 'client';
  } catch (error) {
    if (error instanceof DctError && error.code === 'unauthorised') return undefined;
    throw error;
  }
}

/** Without the snapshot's key every publish is refused, whatever is in it, unless it hands the snapshot over to the server. */
export function snapshotKeyMissing(gun: Gun, cause?: Error): DctError {
  return new DctError('snapshot_key_not_at_hand', `the snapshot of ${gun} is signed by a key that is not at hand`, {
    cure: `let the server sign it, where the root key is at hand: notary key rotate ${gun} snapshot -r; or copy the snapshot key into this trust store`,
    cause,
  });
}

/** Throws `snapshot_key_not_at_hand` where a client signs the snapshot, and not this one. */
export async function checkSnapshotKey({ gun, trust, snapshotManagedBy }: TrustData, keys: KeysAtHand): Promise<void> {
  if (snapshotManagedBy !== 'client') return;
  const { root } = trust;
  const found = await Promise.all(
    baseRoleKeys(root.signed, 'snapshot').map(({ canonicalId }) => keys.find(canonicalId)),
  );
  const needed = root.signed.roles.get('snapshot')?.threshold ?? 1;
  if (found.filter((key) => key !== undefined).length < needed) throw snapshotKeyMissing(gun);
}
