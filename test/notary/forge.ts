import { createHash } from 'node:crypto';
import {
  type DelegationName,
  type DelegationRole,
  type FileMeta,
  type KeyObject,
  type Root,
  type Targets,
  type TrustDocument,
  formatTime,
  serialise,
  signedBytes,
} from '../../src/notary/documents';
import { PrivateKey, type PublicKey, rootCertificate } from '../../src/notary/keys';
import type { FetchedTrust } from './verify-files';

export const GUN = 'dtr.local/admin/demo';
export const NOW = new Date('2026-11-23T12:00:00Z');

/** A key and the form it has in the documents: bare, or a certificate over it. */
export interface Pair {
  readonly secret: PrivateKey;
  readonly open: PublicKey;
}

export const pair = (secret = PrivateKey.generate()): Pair => ({ secret, open: secret.publicKey });
export const rootPair = (gun = GUN, now = NOW, secret = PrivateKey.generate()): Pair => ({
  secret,
  open: rootCertificate(secret, gun, now),
});

/** Everything about a repository that a test may want otherwise. */
export interface Plan {
  readonly root: readonly Pair[];
  readonly targets: readonly Pair[];
  readonly snapshot: readonly Pair[];
  readonly timestamp: readonly Pair[];
  readonly threshold: number;
  readonly version: number;
  readonly expires: Date;
  readonly signers: Readonly<Record<string, readonly Pair[]>>;
  readonly tags: ReadonlyMap<string, FileMeta>;
  readonly editRoot: (root: Root) => Root;
  readonly editTargets: (targets: Targets) => Targets;
}

const tag: FileMeta = { hashes: new Map([['sha256', sha('sha256', 'manifest')]]), length: 422 };

export const plan = (over: Partial<Plan> = {}): Plan => ({
  root: [rootPair()],
  targets: [pair()],
  snapshot: [pair()],
  timestamp: [pair(PrivateKey.generate('ed25519'))],
  threshold: 1,
  version: 3,
  expires: new Date('2028-01-01T00:00:00Z'),
  signers: {},
  tags: new Map([['v1', tag]]),
  editRoot: (root) => root,
  editTargets: (targets) => targets,
  ...over,
});

export function sign(signed: TrustDocument, by: readonly Pair[]): Buffer {
  const message = signedBytes(signed);
  return serialise(
    signed,
    by.map(({ secret, open }) => ({ keyid: open.tufId, ...secret.sign(message) })),
  );
}

export function metaOf(bytes: Buffer): FileMeta {
  return {
    hashes: new Map([
      ['sha256', sha('sha256', bytes)],
      ['sha512', sha('sha512', bytes)],
    ]),
    length: bytes.length,
  };
}

export function rootDocument(p: Plan): Root {
  const all = [...p.root, ...p.targets, ...p.snapshot, ...p.timestamp];
  const role = (pairs: readonly Pair[]) => ({ keyids: pairs.map(({ open }) => open.tufId), threshold: p.threshold });
  return p.editRoot({
    _type: 'Root',
    consistent_snapshot: false,
    expires: formatTime(p.expires),
    keys: keyMap(all),
    roles: new Map([
      ['root', role(p.root)],
      ['targets', role(p.targets)],
      ['snapshot', role(p.snapshot)],
      ['timestamp', role(p.timestamp)],
    ]),
    version: p.version,
  });
}

export function targetsDocument(p: Plan, over: Partial<Targets> = {}): Targets {
  return {
    _type: 'Targets',
    delegations: { keys: new Map(), roles: [] },
    expires: formatTime(p.expires),
    targets: new Map(),
    version: p.version,
    ...over,
  };
}

/** Files of a sound repository after `p`; `files` replaces some, with snapshot and timestamp made to match. */
export function forge(p: Plan, files: Readonly<Record<string, Buffer>> = {}): FetchedTrust {
  const root = files['root'] ?? sign(rootDocument(p), p.root);
  const roles = Object.entries(p.signers).map(([name, pairs]): DelegationRole => {
    const role: DelegationName = `targets/${name}`;
    return { keyids: pairs.map(({ open }) => open.tufId), name: role, paths: [''], threshold: p.threshold };
  });
  const keys = keyMap(Object.values(p.signers).flat());
  const targets =
    files['targets'] ?? sign(p.editTargets(targetsDocument(p, { delegations: { keys, roles } })), p.targets);
  const delegations = new Map<string, Buffer>();
  for (const [name, pairs] of Object.entries(p.signers)) {
    const role = `targets/${name}`;
    delegations.set(role, files[role] ?? sign(targetsDocument(p, { targets: p.tags }), pairs));
  }
  for (const [role, bytes] of Object.entries(files)) if (role.startsWith('targets/')) delegations.set(role, bytes);
  const common = { expires: formatTime(p.expires), version: p.version };
  const meta = new Map(
    [...delegations, ['root', root] as const, ['targets', targets] as const].map(([role, bytes]) => [
      role,
      metaOf(bytes),
    ]),
  );
  const snapshot = files['snapshot'] ?? sign({ _type: 'Snapshot', meta, ...common }, p.snapshot);
  const snapshotMeta = new Map([['snapshot', metaOf(snapshot)]]);
  const timestamp = files['timestamp'] ?? sign({ _type: 'Timestamp', meta: snapshotMeta, ...common }, p.timestamp);
  return { roots: [root], timestamp, snapshot, targets, delegations };
}

/** The file with some text in it changed. */
export function tamper(bytes: Buffer, from: string, to: string): Buffer {
  const text = bytes.toString('utf8');
  if (!text.includes(from)) throw new Error(`nothing to change: ${from}`);
  return Buffer.from(text.replace(from, to));
}

function keyMap(pairs: readonly Pair[]): Map<string, KeyObject> {
  return new Map(pairs.map(({ open }) => [open.tufId, open.toDocument()]));
}

function sha(algorithm: string, bytes: string | Buffer): string {
  return createHash(algorithm).update(bytes).digest('base64');
}
