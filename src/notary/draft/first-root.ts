import type { KeyObject, Root } from '../documents';
import type { PrivateKey, PublicKey } from '../keys';
import { expiry, sign, type SignedFile } from './signing';

/** What a new repository is made of. */
export interface NewRepository {
  /** The root key, and the self-signed certificate of it for this GUN (common name = GUN). */
  readonly rootKey: PrivateKey;
  readonly rootCertificate: PublicKey;
  /** Signs delegations; already on disk. */
  readonly targetsKey: PrivateKey;
  /** The server's keys for this GUN, as it answers `timestamp.key` and `snapshot.key`. */
  readonly timestampKey: PublicKey;
  readonly snapshotKey: PublicKey;
}

/** The first root of a repository: version 1, every role one key and threshold 1, the snapshot the server's (docker's default). */
export function firstRoot(made: NewRepository, now: Date): SignedFile<Root> {
  const { rootCertificate, targetsKey, timestampKey, snapshotKey, rootKey } = made;
  const keys = new Map<string, KeyObject>();
  const role = (key: PublicKey): { keyids: string[]; threshold: number } => {
    keys.set(key.tufId, key.toDocument());
    return { keyids: [key.tufId], threshold: 1 };
  };
  const roles = new Map([
    ['root', role(rootCertificate)],
    ['snapshot', role(snapshotKey)],
    ['targets', role(targetsKey.publicKey)],
    ['timestamp', role(timestampKey)],
  ]);
  const root: Root = {
    _type: 'Root',
    consistent_snapshot: false,
    expires: expiry('root', now),
    keys,
    roles,
    version: 1,
  };
  return sign(root, [{ publicKey: rootCertificate, privateKey: rootKey }]);
}
