import { DctError } from '../../error';
import { type Gun, parseKey } from '../documents';
import type { NewRepository } from '../draft';
import { PrivateKey, PublicKey, rootCertificate } from '../keys';
import { inTurn } from './in-turn';
import { refusal } from './refusal';
import type { Session } from './session';

/** Where the root key comes from and new keys go to: a trust store. */
export interface RootOfTrust {
  rootKey(): Promise<PrivateKey>;
  /** Keeps a key, on disk and synced when it returns. */
  add(key: PrivateKey, about: { readonly role: string; readonly gun?: Gun }): Promise<void>;
}

/**
 * The keys of a new repository. Asks the server for its own (it makes new ones at every question until a root names them), and
 * stores the new targets key. Throws `already_initialised` before any key is made.
 */
export async function prepareRepository(
  session: Session,
  store: RootOfTrust,
  now: Date,
  signal: AbortSignal | undefined,
): Promise<NewRepository> {
  const { gun } = session;
  const rootKey = await store.rootKey();
  const existing = await session.request('root.json', 'pull,push', { method: 'GET', signal });
  if (existing.status === 200) {
    throw new DctError('already_initialised', `${gun} already has trust data on ${session.host}`, {
      cure: 'import it, or adopt it with the root key IDs it is known to have',
    });
  }
  const key = (path: string) => inTurn(session.host, () => serverKey(session, path, signal));
  const [timestampKey, snapshotKey] = await Promise.all([key('timestamp.key'), key('snapshot.key')]);
  const targetsKey = PrivateKey.generate();
  await store.add(targetsKey, { role: 'targets', gun });
  return { rootKey, rootCertificate: rootCertificate(rootKey, gun, now), targetsKey, timestampKey, snapshotKey };
}

async function serverKey(session: Session, path: string, signal: AbortSignal | undefined): Promise<PublicKey> {
  const response = await session.request(path, 'pull,push', { method: 'GET', maxBytes: 256 * 1024, signal });
  if (response.status !== 200) throw refusal(response, session.gun, `get ${path} of`);
  return PublicKey.fromDocument(parseKey(response.bytes, path));
}
