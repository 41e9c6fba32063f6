import { DctError } from '../../error';
import { RawJson, messageOf } from './canonical';
import { Field } from './field';
import { decodeUtf8, parseJson } from './json';
import type {
  DelegationRole,
  Delegations,
  FileMeta,
  KeyObject,
  ParsedDocument,
  RoleKeys,
  RoleName,
  Root,
  Signature,
  Snapshot,
  Targets,
  TargetsRole,
  Timestamp,
  TrustDocument,
} from './model';
import { isBaseRole, isDelegationName, parentRole } from './names';
import { normaliseTime } from './time';

/** What docker's client reads at most (notary, const.go). */
export const MAX_METADATA_BYTES = 100 * 1024 * 1024;
export const MAX_TIMESTAMP_BYTES = 1024 * 1024;
/** docker reads as much of a root as of anything; here less, for nothing vouches for it before it is read: some 300 certificates. */
export const MAX_ROOT_BYTES = 1024 * 1024;

/**
 * Reads one file of trust data and checks its structure as docker does (notary, tuf/data: `_type`, version from 1, thresholds
 * from 1, every key ID with a key, the roles and hashes that must be there). Checks no signature, hash or time.
 * Throws `malformed_document` naming role and place, `wrong_role_type` for a file of another role, `document_too_large`.
 */
export function parseDocument(bytes: Uint8Array, role: 'root'): ParsedDocument<Root>;
export function parseDocument(bytes: Uint8Array, role: 'snapshot'): ParsedDocument<Snapshot>;
export function parseDocument(bytes: Uint8Array, role: 'timestamp'): ParsedDocument<Timestamp>;
export function parseDocument(bytes: Uint8Array, role: TargetsRole): ParsedDocument<Targets>;
export function parseDocument(bytes: Uint8Array, role: RoleName): ParsedDocument;
export function parseDocument(bytes: Uint8Array, role: RoleName): ParsedDocument {
  const file = `${role}.json`;
  const limit = role === 'timestamp' ? MAX_TIMESTAMP_BYTES : role === 'root' ? MAX_ROOT_BYTES : MAX_METADATA_BYTES;
  if (bytes.length > limit) {
    throw new DctError('document_too_large', `${file} has ${bytes.length} bytes; more than ${limit} are never read`);
  }
  const text = decodeUtf8(bytes, file);
  const top = new Field(parseJson(text, file), '', file, text);
  const envelope = top.struct(['signed', 'signatures']);
  const signed = need(top, envelope, 'signed');
  return {
    role,
    signed: readSigned(signed, role),
    signatures: envelope('signatures')?.orNull((field) => field.list(readSignature)) ?? [],
    message: messageOf(signed.node, file),
    bytes: Buffer.from(bytes),
  };
}

/** Reads the `{keytype, keyval}` that the server gives for `timestamp.key` and `snapshot.key`, whatever its field order. */
export function parseKey(bytes: Uint8Array, what: string): KeyObject {
  const text = decodeUtf8(bytes, what);
  return readKey(new Field(parseJson(text, what), '', what, text));
}

type Struct = (name: string) => Field | undefined;

function need(owner: Field, struct: Struct, name: string): Field {
  return struct(name) ?? owner.fail(`the field "${name}" is missing`);
}

function readSigned(field: Field, role: RoleName): TrustDocument {
  switch (role) {
    case 'root':
      return readRoot(field);
    case 'snapshot':
      return readSnapshot(field);
    case 'timestamp':
      return readTimestamp(field);
    default:
      return readTargets(field, role);
  }
}

/** The fields every file has; `_type` first, so that a file served in another's place is named as that. */
function readCommon<T extends string>(field: Field, struct: Struct, type: T) {
  const found = need(field, struct, '_type').string();
  if (found !== type) {
    throw new DctError(
      'wrong_role_type',
      `${field.describe()}: expected a file of type ${type}, found ${quoted(found)}`,
    );
  }
  const version = need(field, struct, 'version');
  if (version.integer() < 1) version.fail('the version must be 1 or more');
  const expires = need(field, struct, 'expires');
  return {
    _type: type,
    expires: normaliseTime(expires.string()) ?? expires.fail('expected a time such as 2030-01-02T03:04:05Z'),
    version: version.integer(),
  };
}

function readRoot(field: Field): Root {
  const struct = field.struct(['_type', 'consistent_snapshot', 'expires', 'keys', 'roles', 'version']);
  const common = readCommon(field, struct, 'Root');
  const keys = need(field, struct, 'keys').map(readKey);
  const rolesField = need(field, struct, 'roles');
  const roles = rolesField.map((role, name) => readRoleKeys(role, isBaseRole(name) ? keys : undefined));
  for (const role of ['root', 'targets', 'snapshot', 'timestamp']) {
    if (!roles.has(role)) rolesField.fail(`the role ${role} is missing`);
  }
  return { ...common, consistent_snapshot: struct('consistent_snapshot')?.boolean() ?? false, keys, roles };
}

function readTargets(field: Field, role: TargetsRole): Targets {
  const struct = field.struct(['_type', 'delegations', 'expires', 'targets', 'version']);
  const common = readCommon(field, struct, 'Targets');
  return {
    ...common,
    delegations: struct('delegations')?.orNull((d) => readDelegations(d, role)) ?? { keys: null, roles: null },
    targets: struct('targets')?.orNull((targets) => targets.map(readFileMeta)) ?? null,
  };
}

function readDelegations(field: Field, parent: TargetsRole): Delegations {
  const struct = field.struct(['keys', 'roles']);
  const keys = struct('keys')?.orNull((list) => list.map(readKey)) ?? null;
  const roles = struct('roles')?.orNull((list) => list.list((role) => readDelegationRole(role, keys, parent))) ?? null;
  return { keys, roles };
}

function readDelegationRole(
  field: Field,
  keys: ReadonlyMap<string, KeyObject> | null,
  parent: TargetsRole,
): DelegationRole {
  const struct = field.struct(['keyids', 'name', 'paths', 'threshold']);
  const nameField = need(field, struct, 'name');
  const name = nameField.string();
  if (!isDelegationName(name) || parentRole(name) !== parent) {
    return nameField.fail(`${quoted(name)} is not the name of a delegation directly under ${parent}`);
  }
  const paths = struct('paths')?.orNull((list) => list.list((path) => path.string()));
  return { ...readRoleKeys(field, keys ?? new Map()), name, ...(paths?.length ? { paths } : {}) };
}

function readRoleKeys(field: Field, keys: ReadonlyMap<string, KeyObject> | undefined): RoleKeys {
  const struct = field.struct(['keyids', 'threshold']);
  const thresholdField = need(field, struct, 'threshold');
  const threshold = thresholdField.integer();
  if (keys && threshold < 1) thresholdField.fail('the threshold must be 1 or more');
  const readId = (id: Field) => {
    const keyid = id.string();
    if (keys && !keys.has(keyid)) id.fail(`there is no key with the ID ${quoted(keyid)}`);
    return keyid;
  };
  return { keyids: struct('keyids')?.orNull((ids) => ids.list(readId)) ?? null, threshold };
}

function readKey(field: Field): KeyObject {
  const struct = field.struct(['keytype', 'keyval']);
  const valueField = need(field, struct, 'keyval');
  const value = valueField.struct(['private', 'public']);
  const secret = value('private');
  if (secret && secret.node.kind !== 'null') secret.fail('a private key does not belong into trust data');
  return {
    keytype: need(field, struct, 'keytype').string(),
    keyval: { private: null, public: need(valueField, value, 'public').base64() },
  };
}

function readSnapshot(field: Field): Snapshot {
  const struct = field.struct(['_type', 'expires', 'meta', 'version']);
  const common = readCommon(field, struct, 'Snapshot');
  const metaField = need(field, struct, 'meta');
  const meta = metaField.map(readFileMeta);
  requireHash(metaField, meta, 'root');
  requireHash(metaField, meta, 'targets');
  return { ...common, meta };
}

function readTimestamp(field: Field): Timestamp {
  const struct = field.struct(['_type', 'expires', 'meta', 'version']);
  const common = readCommon(field, struct, 'Timestamp');
  const metaField = need(field, struct, 'meta');
  const meta = metaField.map(readFileMeta);
  requireHash(metaField, meta, 'snapshot');
  return { ...common, meta };
}

function requireHash(field: Field, meta: ReadonlyMap<string, FileMeta>, role: string): void {
  const hashes = meta.get(role)?.hashes;
  const sha256 = hashes?.get('sha256');
  const sha512 = hashes?.get('sha512');
  if (sha256 === undefined) field.fail(`the sha256 hash of ${role} is missing`);
  else if (byteLength(sha256) !== 32) field.fail(`the sha256 hash of ${role} is not 32 bytes long`);
  if (sha512 !== undefined && byteLength(sha512) !== 64) field.fail(`the sha512 hash of ${role} is not 64 bytes long`);
}

function readFileMeta(field: Field): FileMeta {
  const struct = field.struct(['custom', 'hashes', 'length']);
  const custom = struct('custom')?.orNull((raw) => RawJson.from(raw.text()));
  return {
    hashes: need(field, struct, 'hashes').orNull((hashes) => hashes.map((hash) => hash.base64())),
    length: need(field, struct, 'length').length(),
    ...(custom ? { custom } : {}),
  };
}

function readSignature(field: Field): Signature {
  const struct = field.struct(['keyid', 'method', 'sig']);
  return {
    keyid: need(field, struct, 'keyid').string(),
    method: need(field, struct, 'method').string().toLowerCase(),
    sig: need(field, struct, 'sig').base64(),
  };
}

function byteLength(base64: string): number {
  return Buffer.from(base64, 'base64').length;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
