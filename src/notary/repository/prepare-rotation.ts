import { DctError } from '../../error';
import { type BaseRole, parseKey } from '../documents';
import type { Rotation } from '../draft';
import { PrivateKey, PublicKey, rootCertificate } from '../keys';
import { inTurn } from './in-turn';
import type { RootOfTrust } from './prepare-repository';
import { refusal } from './refusal';
import type { Session } from './session';
import type { TrustData } from './trust-data';

/** Where new keys go to, also root keys. */
export interface NextRootOfTrust extends RootOfTrust {
  /**
   * The root key to go to from these (canonical IDs); undefined: a new one has to be made. Throws where there is none and none
   * may be made, and where there are several to choose from.
   */
  nextRootKey(current: readonly string[]): Promise<PrivateKey | undefined>;
  /** Makes a root key other than these, and keeps it: on disk and synced when it returns. */
  makeRootKey(current: readonly string[]): Promise<PrivateKey>;
}

export interface RotationOptions {
  readonly signal?: AbortSignal | undefined;
  /** A snapshot key of ours, in place of the server's. */
  readonly ownSnapshotKey?: boolean | undefined;
}

/**
 * New keys for these roles: a targets key and, where they have to be made, a root key and a snapshot key of ours, which are in
 * the store before anything names them; and keys of the server, which it makes for whoever has the scope `*`. Asks the server first: what it
 * refuses leaves no keys behind. Throws `unauthorised` or `forbidden`, naming the role.
 */
export async function prepareRotation(
  session: Session,
  store: NextRootOfTrust,
  { gun, rootKeyIds }: TrustData,
  roles: readonly BaseRole[],
  now: Date,
  { signal, ownSnapshotKey = false }: RotationOptions,
): Promise<Rotation> {
  const next = roles.includes('root') ? await store.nextRootKey(rootKeyIds) : undefined;
  const serverSnapshot =
    roles.includes('snapshot') && !ownSnapshotKey
      ? await inTurn(session.host, () => newServerKey(session, 'snapshot', signal))
      : undefined;
  const timestamp = roles.includes('timestamp')
    ? await inTurn(session.host, () => newServerKey(session, 'timestamp', signal))
    : undefined;
  const own = async (role: 'targets' | 'snapshot'): Promise<PrivateKey> => {
    const key = PrivateKey.generate();
    await store.add(key, { role, gun });
    return key;
  };
  const targets = roles.includes('targets') ? await own('targets') : undefined;
  const snapshot = roles.includes('snapshot') && ownSnapshotKey ? await own('snapshot') : serverSnapshot;
  const root = roles.includes('root') ? (next ?? (await store.makeRootKey(rootKeyIds))) : undefined;
  return {
    ...(root && { root: { privateKey: root, publicKey: rootCertificate(root, gun, now) } }),
    ...(targets && { targets }),
    ...(snapshot && { snapshot }),
    ...(timestamp && { timestamp }),
  };
}

async function newServerKey(
  session: Session,
  role: 'snapshot' | 'timestamp',
  signal: AbortSignal | undefined,
): Promise<PublicKey> {
  const path = `${role}.key`;
  try {
    const response = await session.request(path, '*', { method: 'POST', maxBytes: 256 * 1024, signal });
    if (response.status !== 200) throw refusal(response, session.gun, `rotate the ${role} key of`);
    return PublicKey.fromDocument(parseKey(response.bytes, path));
  } catch (error) {
    throw isDenied(error) ? notAllowed(session, role, error) : error;
  }
}

function isDenied(error: unknown): error is DctError {
  return error instanceof DctError && ['unauthorised', 'forbidden'].includes(error.code);
}

function notAllowed({ gun, host }: Session, role: string, cause: DctError): DctError {
  const message = `not allowed to rotate the ${role} key of ${gun}, which the server ${host} makes: that takes the scope "*" for the repository. ${cause.message}`;
  return new DctError(cause.code, message, {
    cure: `let an administrator do this: in a DTR that is an administrator of the repository or of its organisation, or of the whole DTR; or leave the ${role} key as it is`,
    cause,
  });
}
