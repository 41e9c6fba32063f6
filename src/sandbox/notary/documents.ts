import { goBool, goBytes, goInt, goMap, goSlice, goStruct, goText, type GoTime, goTime, zeroTime } from './go-decoding';
import { compact, type GoSignature } from './go-encoding';
import { GoJsonError, type Json, parseJson } from './go-json';

/** A file as received: the text of `signed`, not looked into yet, and the signatures. */
export interface Envelope {
  readonly signed: Json | undefined;
  readonly signatures: readonly GoSignature[];
}

export interface Common {
  readonly type: string;
  readonly expires: GoTime;
  readonly version: number;
}

export interface Key {
  readonly type: string;
  readonly publicBytes: Buffer | null;
  readonly privateBytes: Buffer | null;
}

export interface RoleKeys {
  readonly keyIds: readonly string[] | null;
  readonly threshold: number;
}

export interface DelegationRole extends RoleKeys {
  readonly name: string;
  readonly paths: readonly string[] | null;
}

export interface FileMeta {
  readonly length: bigint;
  readonly hashes: ReadonlyMap<string, Buffer | null> | null;
  /** JSON text. */
  readonly custom: string | undefined;
}

export interface Root extends Common {
  readonly keys: ReadonlyMap<string, Key> | null;
  readonly roles: ReadonlyMap<string, RoleKeys | null> | null;
  readonly consistentSnapshot: boolean;
}

export interface Targets extends Common {
  readonly targets: ReadonlyMap<string, FileMeta> | null;
  readonly delegationKeys: ReadonlyMap<string, Key> | null;
  readonly delegationRoles: readonly DelegationRole[] | null;
}

/** snapshot.json and timestamp.json */
export interface Listing extends Common {
  readonly meta: ReadonlyMap<string, FileMeta> | null;
}

/** @throws GoJsonError */
export function readEnvelope(bytes: Buffer): Envelope {
  return envelopeOf(parseJson(bytes.toString('utf8')));
}

export function envelopeOf(json: Json): Envelope {
  let signed: Json | undefined;
  let signatures: readonly GoSignature[] = [];
  goStruct(json, {
    signed: (value) => (signed = value.kind === 'null' ? undefined : value),
    signatures: (value) => (signatures = goSlice(value, readSignature) ?? []),
  });
  return { signed, signatures };
}

/** The fields every file has. @throws GoJsonError */
export function readCommon(json: Json | undefined): Common {
  const common = { type: '', expires: zeroTime, version: 0 };
  if (json !== undefined) goStruct(json, commonFields(common));
  return common;
}

export function readRoot(json: Json): Root {
  const root = {
    ...readCommon(json),
    keys: null as Root['keys'],
    roles: null as Root['roles'],
    consistentSnapshot: false,
  };
  goStruct(json, {
    keys: (value) => (root.keys = readKeys(value)),
    roles: (value) => (root.roles = goMap(value, (role) => (role.kind === 'null' ? null : readRoleKeys(role)))),
    consistent_snapshot: (value) => (root.consistentSnapshot = goBool(value)),
  });
  return root;
}

export function readTargets(json: Json): Targets {
  const targets = {
    ...readCommon(json),
    targets: null as Targets['targets'],
    delegationKeys: null as Targets['delegationKeys'],
    delegationRoles: null as Targets['delegationRoles'],
  };
  goStruct(json, {
    targets: (value) => (targets.targets = goMap(value, readFileMeta)),
    delegations: (value) => {
      goStruct(value, {
        keys: (keys) => (targets.delegationKeys = readKeys(keys)),
        roles: (roles) => (targets.delegationRoles = goSlice(roles, readDelegationRole)),
      });
    },
  });
  return targets;
}

export function readListing(json: Json): Listing {
  const listing = { ...readCommon(json), meta: null as Listing['meta'] };
  goStruct(json, { meta: (value) => (listing.meta = goMap(value, readFileMeta)) });
  return listing;
}

function commonFields(common: {
  type: string;
  expires: GoTime;
  version: number;
}): Record<string, (value: Json) => void> {
  return {
    _type: (value) => (common.type = goText(value)),
    expires: (value) => (common.expires = goTime(value)),
    version: (value) => (common.version = Number(goInt(value, 'int'))),
  };
}

function readSignature(json: Json): GoSignature {
  const signature = { keyId: '', method: '', signature: null as Buffer | null };
  goStruct(json, {
    keyid: (value) => (signature.keyId = goText(value)),
    method: (value) => (signature.method = goText(value).toLowerCase()),
    sig: (value) => (signature.signature = goBytes(value)),
  });
  return signature;
}

/** A map of keys has a decoder of its own in Go, which makes an empty map of null. */
function readKeys(json: Json): ReadonlyMap<string, Key> {
  return goMap(json, readKey) ?? new Map<string, Key>();
}

function readKey(json: Json): Key {
  const key = { type: '', publicBytes: null as Buffer | null, privateBytes: null as Buffer | null };
  goStruct(json, {
    keytype: (value) => (key.type = goText(value)),
    keyval: (pair) => {
      goStruct(pair, {
        public: (value) => (key.publicBytes = goBytes(value)),
        private: (value) => (key.privateBytes = goBytes(value)),
      });
    },
  });
  return key;
}

function readRoleKeys(json: Json): RoleKeys {
  const role = { keyIds: null as RoleKeys['keyIds'], threshold: 0 };
  goStruct(json, {
    keyids: (value) => (role.keyIds = goSlice(value, goText)),
    threshold: (value) => (role.threshold = Number(goInt(value, 'int'))),
  });
  return role;
}

function readDelegationRole(json: Json): DelegationRole {
  if (json.kind === 'null') throw new GoJsonError('runtime error: invalid memory address or nil pointer dereference');
  const role = { ...readRoleKeys(json), name: '', paths: null as DelegationRole['paths'] };
  goStruct(json, {
    name: (value) => (role.name = goText(value)),
    paths: (value) => (role.paths = goSlice(value, goText)),
  });
  return role;
}

function readFileMeta(json: Json): FileMeta {
  const meta = { length: 0n, hashes: null as FileMeta['hashes'], custom: undefined as string | undefined };
  goStruct(json, {
    length: (value) => (meta.length = goInt(value, 'int64')),
    hashes: (value) => (meta.hashes = goMap(value, goBytes)),
    custom: (value) => (meta.custom = value.kind === 'null' ? undefined : compact(value.text)),
  });
  return meta;
}
