import { createHash } from 'node:crypto';
import {
  canonicalJson,
  type DelegationName,
  type Delegations,
  type FileMeta,
  type Gun,
  type KeyObject,
  type RoleName,
  type Root,
  type Snapshot,
  type Targets,
} from '../documents';
import type { PublicKey } from '../keys';
import { storedFile, type Tags, trustedFile } from './content';
import { findRole, keysOf } from './delegations';
import type { Edits } from './edits';
import type { KeyRing, SigningKey } from './key-ring';
import { expiry, sign, type SignedFile } from './signing';
import { declaredIn } from './nested';
import { baseRoleKeys, nextRoot } from './next-root';
import { filesToSignAgain } from './unsigning';
import { nextVersion, type TrustView } from './view';

/** One publish: the files to send, by role. All of them take effect, or none. */
export interface Publication {
  readonly gun: Gun;
  readonly files: ReadonlyMap<RoleName, SignedFile>;
}

/** Versions, expiries and signatures for everything that changed, and for what rule 5 wants signed again. */
export async function finish(
  gun: Gun,
  view: TrustView | undefined,
  edits: Edits,
  ring: KeyRing,
  now: Date,
): Promise<Publication | undefined> {
  const files = new Map<RoleName, SignedFile>();
  const root = edits.made?.root ?? (await nextRoot(gun, view, edits, ring, now));
  if (root !== undefined) files.set('root', root);
  const inForce = root?.signed ?? view?.root.signed;
  const targets = await nextTargets(gun, view, inForce, edits, ring, now);
  if (targets !== undefined) files.set('targets', targets);
  const again = await filesToSignAgain(gun, view, edits, ring, now);
  for (const [role, tags] of new Map([...edits.contents, ...again])) {
    const keys = await keysForDelegation(view, role, edits, ring);
    // Signers left after the edit, and nobody else's key is at hand. What the file lists may go, or is nothing.
    if (keys === undefined) continue;
    files.set(role, sign(nextDelegation(view, edits, role, tags, now), keys));
  }
  if (files.size === 0 && !edits.renewed.has('snapshot')) return undefined;
  const snapshot = view && inForce && (await nextSnapshot(view, inForce, files, ring, now));
  if (snapshot !== undefined) files.set('snapshot', snapshot);
  return files.size === 0 ? undefined : { gun, files };
}

async function nextTargets(
  gun: Gun,
  view: TrustView | undefined,
  root: Root | undefined,
  edits: Edits,
  ring: KeyRing,
  now: Date,
): Promise<SignedFile<Targets> | undefined> {
  const expires = expiry('targets', now);
  const { delegations, made, renewed, roleKeys } = edits;
  if (made !== undefined) {
    const { targetsKey } = made;
    const first: Targets = { _type: 'Targets', delegations, expires, targets: new Map(), version: 1 };
    return sign(first, [{ publicKey: targetsKey.publicKey, privateKey: targetsKey }]);
  }
  const old = view?.targets.signed;
  if (old === undefined || root === undefined) return undefined;
  const changed = !same(old.delegations, delegations);
  if (!changed && !renewed.has('targets') && !roleKeys.has('targets')) return undefined;
  const keys = await keysForBaseRole(root, 'targets', ring);
  if (!keys.enough) {
    const why = changed ? 'signers cannot be changed' : 'the list of signers cannot be signed again';
    throw await ring.missing(gun, 'targets', keys.all, why);
  }
  const version = nextVersion(view, 'targets', old.version);
  return sign({ ...old, delegations: asGoKeeps(delegations), expires, version }, keys.atHand);
}

/** The next version of a delegation's file. What it delegates itself is left as it is, but for the keys that go. */
function nextDelegation(
  view: TrustView | undefined,
  edits: Edits,
  role: DelegationName,
  targets: Tags,
  now: Date,
): Targets {
  const trusted = view && trustedFile(view, edits.delegations, role);
  const own = edits.nested.get(role) ?? trusted?.signed.delegations;
  const delegations = asGoKeeps(own ?? { keys: new Map(), roles: [] });
  const version = nextVersion(view, role, storedFile(view, role)?.signed.version ?? 0);
  return { _type: 'Targets', delegations, expires: expiry(role, now), targets, version };
}

/** As docker: every key of the role that is at hand. Undefined: too few. */
async function keysForDelegation(
  view: TrustView | undefined,
  role: DelegationName,
  edits: Edits,
  ring: KeyRing,
): Promise<SigningKey[] | undefined> {
  const delegations = declaredIn(view, edits, role);
  const atHand = await ring.atHand(keysOf(delegations, role));
  return atHand.length >= (findRole(delegations, role)?.threshold ?? 1) ? atHand : undefined;
}

/** Only where the snapshot's key is ours (`notary init` makes it so); else the server signs the snapshot. */
async function nextSnapshot(
  view: TrustView,
  root: Root,
  files: ReadonlyMap<RoleName, SignedFile>,
  ring: KeyRing,
  now: Date,
): Promise<SignedFile<Snapshot> | undefined> {
  const keys = await keysForBaseRole(root, 'snapshot', ring);
  if (!keys.enough) return undefined;
  const old = view.snapshot.signed;
  const meta = new Map(old.meta);
  for (const [role, file] of files) meta.set(role, metaOf(file.bytes));
  const version = nextVersion(view, 'snapshot', old.version);
  return sign({ ...old, expires: expiry('snapshot', now), meta, version }, keys.atHand);
}

async function keysForBaseRole(
  root: Root,
  role: 'targets' | 'snapshot',
  ring: KeyRing,
): Promise<{ all: PublicKey[]; atHand: SigningKey[]; enough: boolean }> {
  const all = baseRoleKeys(root, role);
  const atHand = await ring.atHand(all);
  return { all, atHand, enough: atHand.length >= (root.roles.get(role)?.threshold ?? 1) };
}

function metaOf(bytes: Buffer): FileMeta {
  const hash = (name: string): string => createHash(name).update(bytes).digest('base64');
  const hashes = new Map([
    ['sha256', hash('sha256')],
    ['sha512', hash('sha512')],
  ]);
  return { hashes, length: bytes.length };
}

/** Go writes `null` for keys that are left out, but reads that as `{}`, and so would hash another file than it is sent. */
function asGoKeeps(delegations: Delegations): Delegations {
  return { ...delegations, keys: delegations.keys ?? new Map<string, KeyObject>() };
}

function same(a: Delegations, b: Delegations): boolean {
  return canonicalJson({ ...a }).equals(canonicalJson({ ...b }));
}
