import type { BaseRole, Gun, KeyObject, RoleKeys, Root } from '../documents';
import { PublicKey } from '../keys';
import type { Edits } from './edits';
import type { KeyRing, SigningKey } from './key-ring';
import { expiry, sign, type SignedFile } from './signing';
import { nextVersion, type TrustView } from './view';

/**
 * The next root, where it is renewed or names other keys: signed by enough keys of the root before it and of its own, so
 * that whoever knows the one follows to the other (TUF 6.1). Root keys that were replaced stay in `keys`, as notary leaves
 * them. Throws `key_not_at_hand`.
 */
export async function nextRoot(
  gun: Gun,
  view: TrustView | undefined,
  { renewed, roleKeys }: Edits,
  ring: KeyRing,
  now: Date,
): Promise<SignedFile<Root> | undefined> {
  if (view === undefined || (!renewed.has('root') && roleKeys.size === 0)) return undefined;
  const old = view.root.signed;
  const keys = new Map(old.keys);
  const roles = new Map(old.roles);
  for (const [role, publicKeys] of roleKeys) {
    for (const key of publicKeys) keys.set(key.tufId, key.toDocument());
    const threshold = Math.min(old.roles.get(role)?.threshold ?? 1, publicKeys.length);
    roles.set(role, { keyids: publicKeys.map((key) => key.tufId), threshold });
  }
  const replaced = old.roles.get('root');
  const root: Root = {
    ...old,
    expires: expiry('root', now),
    keys: named(keys, replaced === undefined ? [...roles.values()] : [...roles.values(), replaced]),
    roles,
    version: nextVersion(view, 'root', old.version),
  };
  const before = await rootSigners(gun, old, ring);
  const after = await rootSigners(gun, root, ring);
  const ids = new Set(before.map(({ publicKey }) => publicKey.tufId));
  return sign(root, [...before, ...after.filter(({ publicKey }) => !ids.has(publicKey.tufId))]);
}

/** The keys of a base role as a root names them; a key listed under another ID than its own counts as none. */
export function baseRoleKeys(root: Root, role: BaseRole): PublicKey[] {
  return (root.roles.get(role)?.keyids ?? []).flatMap((id) => {
    const object = root.keys.get(id);
    const key = object && PublicKey.fromDocument(object);
    return key?.tufId === id ? [key] : [];
  });
}

async function rootSigners(gun: Gun, root: Root, ring: KeyRing): Promise<SigningKey[]> {
  const keys = baseRoleKeys(root, 'root');
  const atHand = await ring.atHand(keys);
  if (atHand.length >= (root.roles.get('root')?.threshold ?? 1)) return atHand;
  throw await ring.missing(gun, 'root', keys, 'the root cannot be changed');
}

function named(keys: ReadonlyMap<string, KeyObject>, roles: readonly RoleKeys[]): Map<string, KeyObject> {
  const used = new Set(roles.flatMap(({ keyids }) => keyids ?? []));
  return new Map([...keys].filter(([id]) => used.has(id)));
}
