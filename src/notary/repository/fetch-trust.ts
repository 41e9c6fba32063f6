import { createHash } from 'node:crypto';
import { DctError } from '../../error';
import {
  type BaseRole,
  type DelegationName,
  type FileMeta,
  isDelegationName,
  MAX_ROOT_BYTES,
  MAX_TIMESTAMP_BYTES,
  parentRole,
  type ParsedDocument,
  parseDocument,
  type Root,
  type Snapshot,
  type Targets,
} from '../documents';
import {
  checkMeta,
  failure,
  type Expectations,
  stepBack,
  verifyListed,
  type VerifiedDocument,
  type VerifiedTrust,
  verifyRoot,
  verifySnapshot,
  verifyTimestamp,
} from '../verification';
import { fetchByHash, fetchFile, fetchNewest, type FileOptions } from './fetch-file';
import { missing, missingRoot } from './missing-files';
import { findOvertaken } from './overtaken';
import { isSameDocument } from './same-document';
import { withoutTimestamp } from './no-timestamp';
import type { Session } from './session';

/** More rotations than any root key goes through. */
const MAX_ROOTS = 256;
/** The server signs the snapshot: what it makes a reader fetch has an end, all together. */
const MAX_DELEGATIONS = 5000;
const MAX_DELEGATION_BYTES = 256 * 1024 * 1024;

export interface FetchOptions extends FileOptions {
  /** Each: IDs of root keys from one of which the root must chain. */
  readonly pins?: readonly (readonly string[])[];
  /** For writers: what stands in the way of reading one delegation does not stand in the way of writing it anew. */
  readonly repair: boolean;
  /** Goes on without what the snapshot names but nobody can get, if the server holds another file that verifies. */
  readonly allowDamaged?: boolean;
  /** What is seen does not pass: it was looked at before. */
  readonly isSettled?: boolean;
  /** Looks for targets that a publish at the same time has put out of force again. */
  readonly lookBehind?: boolean;
}

/** One repository as the server has it, verified. */
export interface FetchedRepository {
  readonly trust: VerifiedTrust;
  /** Files of delegations that are no longer declared. */
  readonly leftovers: ReadonlyMap<DelegationName, ParsedDocument<Targets>>;
  /** With `repair`: files that cannot be had under their hash, since somebody published them in another form. */
  readonly broken: ReadonlyMap<DelegationName, ParsedDocument<Targets>>;
  /** With `lookBehind`: see `findOvertaken`. */
  readonly overtaken: VerifiedDocument<Targets> | undefined;
}

/** How often all is read again since something was published while it was being read. */
const MAX_READINGS = 3;

/**
 * The client workflow of TUF over the wire: root and timestamp, the snapshot by its hash, then targets and delegations by
 * theirs, all at once. Three round trips. Undefined when the server has neither root nor timestamp for the GUN.
 *
 * A file that cannot be had by its hash is looked for as the newest of its role (`allowDamaged`), which is that of another
 * snapshot once somebody has published meanwhile: the one who heals it, say. Then all is read again.
 */
export async function fetchTrust(
  session: Session,
  expected: Expectations,
  options: FetchOptions,
): Promise<FetchedRepository | undefined> {
  for (let reading = 1; ; reading++) {
    let timestamp: Buffer | undefined;
    try {
      return await fetchOnce(session, expected, options, (file) => (timestamp = file));
    } catch (error) {
      const isMissing = error instanceof DctError && error.code === 'missing_metadata';
      if (!isMissing || timestamp === undefined || options.allowDamaged !== true || reading === MAX_READINGS)
        throw error;
      const now = await fetchFile(session, 'timestamp.json', options, MAX_TIMESTAMP_BYTES);
      if (now === undefined || now.equals(timestamp)) throw error;
    }
  }
}

/** @param begins told what all of it hangs on */
async function fetchOnce(
  session: Session,
  expected: Expectations,
  options: FetchOptions,
  begins: (timestamp: Buffer) => void,
): Promise<FetchedRepository | undefined> {
  const coming = fetchFile(session, 'timestamp.json', options, MAX_TIMESTAMP_BYTES);
  // a server whose root is beyond use cannot make a timestamp either: what is wrong with the root is what to say then
  coming.catch(() => undefined);
  const inForce = await fetchFile(session, 'root.json', options, MAX_ROOT_BYTES);
  if (inForce === undefined && (await coming.catch(() => undefined)) === undefined) return undefined;
  const damaged = new Set<BaseRole>();
  const newest = async (role: BaseRole): Promise<Buffer> => {
    const stored = options.allowDamaged === true ? await fetchNewest(session, role, options) : undefined;
    if (stored === undefined) throw missing(session, role);
    return stored;
  };
  const instead = async (role: 'snapshot' | 'targets', meta: FileMeta | undefined): Promise<Buffer> => {
    const stored = await newest(role);
    if (!isSameDocument(stored, role, meta)) throw missing(session, role);
    damaged.add(role);
    return stored;
  };
  const hasNoRoot = async () => (await fetchNewest(session, 'root', options)) === undefined;
  if (inForce === undefined && options.isSettled === true && (await hasNoRoot())) throw missingRoot(session);
  const rootFile = inForce ?? (await newest('root'));
  const root = await pinnedRoot(session, rootFile, expected, options);
  const timestampFile = await coming.catch(async (error: unknown) => {
    throw await withoutTimestamp(session, root, error, expected.now, options);
  });
  if (timestampFile === undefined) throw missing(session, 'timestamp');
  begins(timestampFile);
  const timestamp = verifyTimestamp(timestampFile, root, expected);
  const listed = timestamp.signed.meta.get('snapshot');
  const snapshotFile = (await fetchByHash(session, 'snapshot', listed, options)) ?? (await instead('snapshot', listed));
  if (options.allowDamaged === true && isDamaged(root, parseDocument(snapshotFile, 'snapshot'))) damaged.add('root');
  const snapshot = verifySnapshot(snapshotFile, root, timestamp, { ...expected, damaged });
  const [targets, delegations] = await Promise.all([
    fetchByHash(session, 'targets', snapshot.signed.meta.get('targets'), options).then(
      (found) => found ?? instead('targets', snapshot.signed.meta.get('targets')),
    ),
    fetchDelegations(session, snapshot, options),
  ]);
  const verified = { root, timestamp, snapshot };
  const trust = verifyListed(
    verified,
    { targets, delegations },
    { ...expected, damaged, allowBrokenDelegations: true },
  );
  if (!options.repair) throwTampering(trust);
  const leftovers = leftoversOf(trust, delegations);
  const overtaken = options.lookBehind === true ? await findOvertaken(session, trust, expected, options) : undefined;
  return {
    trust,
    leftovers,
    overtaken,
    broken: options.repair ? await fetchBroken(session, trust, leftovers, options) : new Map(),
  };
}

/** The root, as all pins know it. */
async function pinnedRoot(
  session: Session,
  inForce: Buffer,
  expected: Expectations,
  options: FetchOptions,
): Promise<VerifiedTrust['root']> {
  let root: VerifiedTrust['root'] | undefined;
  for (const rootPins of options.pins ?? []) {
    root = await verifiedRoot(session, inForce, { ...expected, rootPins }, options);
  }
  return root ?? verifyRoot([inForce], expected);
}

/**
 * A pinned key may have been rotated away since: then the root is followed back, version by version, to one that it signed.
 */
async function verifiedRoot(
  session: Session,
  inForce: Buffer,
  expected: Expectations,
  options: FetchOptions,
): Promise<VerifiedTrust['root']> {
  let unpinned: DctError;
  try {
    return verifyRoot([inForce], expected);
  } catch (error) {
    if (!(error instanceof DctError) || error.code !== 'unpinned_root') throw error;
    unpinned = error;
  }
  // every link is checked as it comes, so that a server cannot make up a chain without end
  const roots = [inForce];
  let newer = inForce;
  for (let { version } = parseDocument(inForce, 'root').signed; version > 1; version--) {
    if (roots.length >= MAX_ROOTS) throw endless(session);
    const older = await fetchFile(session, `${version - 1}.root.json`, options, MAX_ROOT_BYTES);
    if (older === undefined) throw unpinned;
    roots.unshift(older);
    if (stepBack(older, newer, expected).isPinned) return verifyRoot(roots, expected);
    newer = older;
  }
  throw unpinned;
}

function endless({ gun }: Session): DctError {
  return failure('broken_root_chain', gun, 'root', `none of the last ${MAX_ROOTS} roots was signed by a pinned key`);
}

async function fetchDelegations(
  session: Session,
  snapshot: ParsedDocument<Snapshot>,
  options: FetchOptions,
): Promise<Map<string, Buffer>> {
  const wanted = [...snapshot.signed.meta].filter(([role]) => isDelegationName(role));
  const bytes = wanted.reduce((sum, [, { length }]) => sum + Number(length), 0);
  if (wanted.length > MAX_DELEGATIONS || bytes > MAX_DELEGATION_BYTES) {
    const message = `trust data of ${session.gun}: its snapshot lists ${wanted.length} delegations of ${bytes} bytes together; at most ${MAX_DELEGATIONS} of ${MAX_DELEGATION_BYTES} are read`;
    throw new DctError('document_too_large', message, {
      cure: 'look at who publishes to this repository; no real one is of that size',
    });
  }
  const files = await Promise.all(
    wanted.map(async ([role, meta]) => {
      const bytes = isDelegationName(role) ? await fetchByHash(session, role, meta, options) : undefined;
      return bytes === undefined ? [] : [[role, bytes] as const];
    }),
  );
  return new Map(files.flat());
}

/** docker goes on without a delegation that has too few signatures or expired; anything else about one is an attack or damage. */
function throwTampering(trust: VerifiedTrust): void {
  const harmless = ['threshold_not_met', 'bad_signature', 'expired_metadata', 'missing_metadata'];
  for (const { failure } of trust.delegations.values()) {
    if (failure !== undefined && !harmless.includes(failure.code)) throw failure;
  }
}

function isDamaged(root: ParsedDocument<Root>, { signed }: ParsedDocument<Snapshot>): boolean {
  const meta = signed.meta.get('root');
  const isListed = meta?.hashes?.get('sha256') === createHash('sha256').update(root.bytes).digest('base64');
  return !isListed && isSameDocument(root.bytes, 'root', meta);
}

function leftoversOf(
  trust: VerifiedTrust,
  files: ReadonlyMap<string, Buffer>,
): Map<DelegationName, ParsedDocument<Targets>> {
  const leftovers = new Map<DelegationName, ParsedDocument<Targets>>();
  for (const [role, bytes] of files) {
    if (!isDelegationName(role) || parentRole(role) !== 'targets' || trust.delegations.has(role)) continue;
    try {
      checkMeta(bytes, trust.snapshot.signed.meta.get(role), trust.gun, role);
      leftovers.set(role, parseDocument(bytes, role));
    } catch (error) {
      if (!(error instanceof DctError)) throw error;
    }
  }
  return leftovers;
}

async function fetchBroken(
  session: Session,
  trust: VerifiedTrust,
  leftovers: ReadonlyMap<DelegationName, unknown>,
  options: FetchOptions,
): Promise<FetchedRepository['broken']> {
  const { meta } = trust.snapshot.signed;
  const roles = [...meta.keys()].filter(isDelegationName).filter((role) => {
    return parentRole(role) === 'targets' && !leftovers.has(role) && !isReadable(trust, role);
  });
  const broken = new Map<DelegationName, ParsedDocument<Targets>>();
  await Promise.all(
    roles.map(async (role) => {
      const bytes = await fetchNewest(session, role, options);
      if (bytes === undefined) return;
      if (isSameDocument(bytes, role, meta.get(role))) broken.set(role, parseDocument(bytes, role));
    }),
  );
  return broken;
}

/** Whether the file is the one the snapshot names; whether it counts is another question. */
export function isReadable(trust: VerifiedTrust, role: DelegationName): boolean {
  const delegation = trust.delegations.get(role);
  if (delegation?.document === undefined) return false;
  const code = delegation.failure?.code;
  return code === undefined || ['threshold_not_met', 'bad_signature', 'expired_metadata'].includes(code);
}
