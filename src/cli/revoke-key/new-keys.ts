import {
  type BaseRole,
  checkSnapshotKey,
  type KeysAtHand,
  type NextRootOfTrust,
  nextRootKeys,
  PrivateKey,
  type Rotation,
  standInRotation,
  type TrustData,
  type TrustRepository,
  type TrustStore,
} from '../../notary';

/** Where new keys come from that take the place of a revoked one. */
export interface NewKeys {
  readonly store: TrustStore;
  readonly atHand: KeysAtHand;
  readonly roots: NextRootOfTrust;
  /** Whether the next key of a snapshot that a client signs is a client's again, and not the server's. */
  readonly ownSnapshotKey: boolean;
}

export interface NewKeysOptions extends Pick<NewKeys, 'store' | 'atHand' | 'ownSnapshotKey'> {
  /** The root key to go to; undefined: the only one of the store that is not revoked. */
  readonly rootKeyId: string | undefined;
  readonly createRootKey: boolean;
}

/** `revoked`: canonical IDs. */
export function newKeys({ rootKeyId, createRootKey, ...rest }: NewKeysOptions, revoked: ReadonlySet<string>): NewKeys {
  const { store } = rest;
  const next = nextRootKeys(store, async () => {
    const others = (await store.list()).filter(({ id, role }) => role === 'root' && !revoked.has(id));
    const id = rootKeyId !== undefined && !revoked.has(rootKeyId) ? rootKeyId : undefined;
    const only = others.length === 1 ? others[0]?.id : undefined;
    const chosen = id ?? only;
    return { create: createRootKey, ...(chosen !== undefined && { rootKeyId: chosen }) };
  });
  return { ...rest, roots: { ...next, rootKey: () => store.rootKey(), add: (key, about) => store.add(key, about) } };
}

/**
 * Keys to try with what `madeFor` would make, and the IDs of those that are there already. Throws what keeps the others from
 * being made, where that can be known here.
 */
export async function triedFor(
  data: TrustData,
  roles: readonly BaseRole[],
  keys: NewKeys,
): Promise<{ readonly rotation: Rotation; readonly known: ReadonlyMap<BaseRole, string> }> {
  const { gun, rootKeyIds } = data;
  if (!roles.includes('snapshot')) await checkSnapshotKey(data, keys.atHand);
  const next = roles.includes('root') ? await keys.roots.nextRootKey(rootKeyIds) : undefined;
  if (roles.includes('root') && next === undefined) keys.store.checkNewKey({ role: 'root' });
  if (roles.includes('targets')) keys.store.checkNewKey({ role: 'targets', gun });
  const standIns = standInRotation(gun, roles, new Date(), next);
  const known = new Map<BaseRole, string>(next === undefined ? [] : [['root', next.canonicalId]]);
  if (!isOwnSnapshot(data, roles, keys)) return { rotation: standIns, known };
  keys.store.checkNewKey({ role: 'snapshot', gun });
  return { rotation: { ...standIns, snapshot: PrivateKey.generate() }, known };
}

/** New keys for these roles; none are made where there are no such roles. */
export async function madeFor(
  repository: TrustRepository,
  data: TrustData,
  roles: readonly BaseRole[],
  keys: NewKeys,
): Promise<Rotation> {
  if (roles.length === 0) return {};
  return repository.prepareRotation(keys.roots, roles, { ownSnapshotKey: isOwnSnapshot(data, roles, keys) });
}

/** Canonical IDs of the keys that roles go to. */
export function idsOf({ root, targets, snapshot, timestamp }: Rotation): ReadonlyMap<BaseRole, string> {
  const key = snapshot instanceof PrivateKey ? snapshot.publicKey : snapshot;
  const all = { root: root?.publicKey, targets: targets?.publicKey, snapshot: key, timestamp };
  return new Map(
    (['root', 'targets', 'snapshot', 'timestamp'] as const).flatMap((role) => {
      const id = all[role]?.canonicalId;
      return id === undefined ? [] : [[role, id]];
    }),
  );
}

function isOwnSnapshot({ snapshotManagedBy }: TrustData, roles: readonly BaseRole[], keys: NewKeys): boolean {
  return roles.includes('snapshot') && keys.ownSnapshotKey && snapshotManagedBy === 'client';
}
