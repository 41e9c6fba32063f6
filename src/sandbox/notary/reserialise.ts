import { createHash } from 'node:crypto';
import type { Common, DelegationRole, FileMeta, Key, Listing, RoleKeys, Root, Targets } from './documents';
import { canonical, type GoValue } from './go-encoding';

/** The struct as a value to write: what the server hashes instead of what it was sent. */
export function rootValue(root: Root): GoValue {
  return new Map<string, GoValue>([
    ...commonValue(root),
    ['consistent_snapshot', root.consistentSnapshot],
    ['keys', keysValue(root.keys)],
    ['roles', mapValue(root.roles, (role) => (role === null ? null : new Map(roleKeysValue(role))))],
  ]);
}

export function targetsValue(targets: Targets): GoValue {
  const delegations = new Map<string, GoValue>([
    ['keys', keysValue(targets.delegationKeys)],
    ['roles', targets.delegationRoles === null ? null : targets.delegationRoles.map(delegationRoleValue)],
  ]);
  return new Map<string, GoValue>([
    ...commonValue(targets),
    ['delegations', delegations],
    ['targets', mapValue(targets.targets, fileMetaValue)],
  ]);
}

export function listingValue(listing: Listing): GoValue {
  return new Map<string, GoValue>([...commonValue(listing), ['meta', mapValue(listing.meta, fileMetaValue)]]);
}

/** What a signature of the struct is over. */
export function signedValueBytes(value: GoValue): Buffer {
  return Buffer.from(canonical(value), 'utf8');
}

/** The TUF key ID: sha256 of the key object in canonical form, whatever its private half says. */
export function keyId(key: Key): string {
  return createHash('sha256')
    .update(canonical(keyValue({ ...key, privateBytes: null })))
    .digest('hex');
}

/** Length and both hashes of a file's bytes. */
export function fileMetaOf(bytes: Buffer): FileMeta {
  const hash = (name: string): [string, Buffer] => [name, createHash(name).update(bytes).digest()];
  return { length: BigInt(bytes.length), hashes: new Map([hash('sha256'), hash('sha512')]), custom: undefined };
}

function commonValue(common: Common): [string, GoValue][] {
  return [
    ['_type', common.type],
    ['expires', common.expires.text],
    ['version', BigInt(common.version)],
  ];
}

function keysValue(keys: ReadonlyMap<string, Key> | null): GoValue {
  return mapValue(keys, keyValue);
}

function keyValue(key: Key): GoValue {
  const pair = new Map<string, GoValue>([
    ['private', bytesValue(key.privateBytes)],
    ['public', bytesValue(key.publicBytes)],
  ]);
  return new Map<string, GoValue>([
    ['keytype', key.type],
    ['keyval', pair],
  ]);
}

function roleKeysValue(role: RoleKeys): [string, GoValue][] {
  return [
    ['keyids', role.keyIds],
    ['threshold', BigInt(role.threshold)],
  ];
}

function delegationRoleValue(role: DelegationRole): GoValue {
  const paths = role.paths ?? [];
  return new Map<string, GoValue>([
    ...roleKeysValue(role),
    ['name', role.name],
    ...(paths.length === 0 ? [] : [['paths', paths] as const]),
  ]);
}

function fileMetaValue(meta: FileMeta): GoValue {
  return new Map<string, GoValue>([
    ...(meta.custom === undefined ? [] : [['custom', { raw: meta.custom }] as const]),
    ['hashes', mapValue(meta.hashes, bytesValue)],
    ['length', meta.length],
  ]);
}

function bytesValue(bytes: Buffer | null): GoValue {
  return bytes === null ? null : bytes.toString('base64');
}

function mapValue<T>(map: ReadonlyMap<string, T> | null, value: (item: T) => GoValue): GoValue {
  return map === null ? null : new Map([...map].map(([name, item]) => [name, value(item)]));
}
