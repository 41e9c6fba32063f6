import type { DelegationName, DelegationRole, Delegations, KeyObject } from '../documents';
import { PublicKey } from '../keys';

export const releases: DelegationName = 'targets/releases';

/**
 * Adds a signer's keys as docker does (`docker trust signer add`, notary AddDelegation): roles `targets/<signer>` and
 * `targets/releases` are made or get the keys they lack, existing roles and keys keep their place and threshold, a path
 * that is missing is added. The same object when nothing changes.
 */
export function withSigner(delegations: Delegations, role: DelegationName, keys: readonly PublicKey[]): Delegations {
  const ids = tufIds(keys);
  const isThere = (name: DelegationName): boolean => {
    const old = findRole(delegations, name);
    return old?.paths?.includes('') === true && ids.every((id) => old.keyids?.includes(id));
  };
  if (isThere(role) && isThere(releases)) return delegations;
  const roles = [...(delegations.roles ?? [])];
  for (const name of [role, releases]) {
    const index = roles.findIndex((each) => each.name === name);
    const old = roles[index];
    if (old === undefined) roles.push({ name, keyids: ids, paths: [''], threshold: 1 });
    else roles[index] = { ...old, keyids: union(old.keyids ?? [], ids), paths: union(old.paths ?? [], ['']) };
  }
  const known = new Map(delegations.keys);
  for (const key of keys) known.set(key.tufId, key.toDocument());
  return { keys: known, roles };
}

/**
 * Gives a signer exactly these keys. Keys it no longer has leave `targets/releases` too unless another signer still has
 * them, and leave the list of keys when no role names them any more.
 */
export function withSignerKeys(
  delegations: Delegations,
  role: DelegationName,
  keys: readonly PublicKey[],
): Delegations {
  const ids = tufIds(keys);
  const gone = keyIdsOf(delegations, role).filter((id) => !ids.includes(id) && !heldByOthers(delegations, role, id));
  const added = withSigner(delegations, role, keys);
  return cleaned(added, (each) => {
    if (each.name === role) return { ...each, keyids: (each.keyids ?? []).filter((id) => ids.includes(id)) };
    return each.name === releases ? without(each, gone) : each;
  });
}

/**
 * Takes a signer away as `docker trust signer remove` is meant to (and in 28.2.2 does not): its role goes, and from
 * `targets/releases` every form (certificate or bare) of its keys, unless another signer has that form. An emptied releases
 * role stays, with `keyids: null` as Go writes it.
 */
export function withoutSigner(delegations: Delegations, role: DelegationName): Delegations {
  const canonical = new Set(keyIdsOf(delegations, role).map((id) => canonicalIdIn(delegations, id)));
  const gone = keyIdsOf(delegations, releases).filter(
    (id) => canonical.has(canonicalIdIn(delegations, id)) && !heldByOthers(delegations, role, id),
  );
  return cleaned(delegations, (each) => {
    if (each.name === role) return undefined;
    return each.name === releases ? without(each, gone) : each;
  });
}

/** Takes keys (canonical IDs), in every form, from a role that is no signer's. It goes with its last key. */
export function withoutKeys(delegations: Delegations, role: DelegationName, keyIds: ReadonlySet<string>): Delegations {
  return cleaned(delegations, (each) => {
    if (each.name !== role) return each;
    const left = (each.keyids ?? []).filter((id) => !keyIds.has(canonicalIdIn(delegations, id)));
    return left.length === 0 ? undefined : { ...each, keyids: left };
  });
}

export function findRole(delegations: Delegations, role: DelegationName): DelegationRole | undefined {
  return delegations.roles?.find((each) => each.name === role);
}

export function keyIdsOf(delegations: Delegations, role: DelegationName): readonly string[] {
  return findRole(delegations, role)?.keyids ?? [];
}

/** The keys of a role that its document really has; a key listed under another ID than its own counts as none. */
export function keysOf(delegations: Delegations, role: DelegationName): PublicKey[] {
  return keyIdsOf(delegations, role).flatMap((id) => {
    const object = delegations.keys?.get(id);
    const key = object && publicKeyOf(object);
    return key?.tufId === id ? [key] : [];
  });
}

/** Signers: direct delegations other than `targets/releases`. */
export function signersOf(delegations: Delegations): DelegationName[] {
  return (delegations.roles ?? []).map((role) => role.name).filter((name) => name !== releases);
}

export function signerOf(role: DelegationName): string {
  return role.slice('targets/'.length);
}

/** Reading a key takes longer than everything else here, and the same objects are asked about over and over. */
const read = new WeakMap<KeyObject, PublicKey>();

function publicKeyOf(object: KeyObject): PublicKey {
  const key = read.get(object) ?? PublicKey.fromDocument(object);
  read.set(object, key);
  return key;
}

function heldByOthers(delegations: Delegations, role: DelegationName, id: string): boolean {
  return signersOf(delegations).some((other) => other !== role && keyIdsOf(delegations, other).includes(id));
}

function canonicalIdIn(delegations: Delegations, id: string): string {
  const object = delegations.keys?.get(id);
  return object === undefined ? id : publicKeyOf(object).canonicalId;
}

function without(role: DelegationRole, gone: readonly string[]): DelegationRole {
  const left = (role.keyids ?? []).filter((id) => !gone.includes(id));
  return { ...role, keyids: left.length > 0 ? left : null };
}

/** Changes or (undefined) drops roles, then drops the keys that no role names any more. */
function cleaned(delegations: Delegations, change: (role: DelegationRole) => DelegationRole | undefined): Delegations {
  const before = new Set((delegations.roles ?? []).flatMap((role) => role.keyids ?? []));
  const roles = (delegations.roles ?? []).flatMap((role) => change(role) ?? []);
  const used = new Set(roles.flatMap((role) => role.keyids ?? []));
  // a key that no role named before either is not ours to drop
  const keep = ([id]: readonly [string, KeyObject]): boolean => used.has(id) || !before.has(id);
  return { keys: new Map([...(delegations.keys ?? [])].filter(keep)), roles: roles.length > 0 ? roles : null };
}

/** Each once: one certificate may have been given in two spellings. */
function tufIds(keys: readonly PublicKey[]): string[] {
  return [...new Set(keys.map((key) => key.tufId))];
}

function union(old: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...old, ...more])];
}
