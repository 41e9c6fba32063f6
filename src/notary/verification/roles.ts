import { DctError } from '../../error';
import {
  type DelegationRole,
  type FileMeta,
  type ParsedDocument,
  type Root,
  type Snapshot,
  type Targets,
  type TargetsRole,
  type Timestamp,
  type TrustDocument,
  parseDocument,
} from '../documents';
import type { PublicKey } from '../keys';
import { failure, isIgnorable, naming } from './failure';
import { checkExpiry, checkMeta, checkStillListed, checkVersion } from './freshness';
import type { Expectations, VerifiedDelegation, VerifiedDocument } from './model';
import { keysOf, thresholdOf } from './root';
import { requireThreshold, roleKeys, validSigners } from './signatures';

/** TUF 5.4. Throws `bad_signature`, `threshold_not_met`, `version_rollback`, `expired_metadata`, `malformed_document`. */
export function verifyTimestamp(
  bytes: Uint8Array,
  root: ParsedDocument<Root>,
  expected: Expectations,
): VerifiedDocument<Timestamp> {
  return verifyBase(
    naming(expected.gun, () => parseDocument(bytes, 'timestamp')),
    'timestamp',
    root,
    { ...expected, allowExpired: false },
  );
}

/** TUF 5.5; also that the root is the one the snapshot lists. Throws as verifyTimestamp, `hash_mismatch`, `length_mismatch`. */
export function verifySnapshot(
  bytes: Uint8Array,
  root: ParsedDocument<Root>,
  timestamp: ParsedDocument<Timestamp>,
  expected: Expectations,
): VerifiedDocument<Snapshot> {
  const { damaged } = expected;
  if (!damaged?.has('snapshot')) checkMeta(bytes, timestamp.signed.meta.get('snapshot'), expected.gun, 'snapshot');
  const snapshot = verifyBase(
    naming(expected.gun, () => parseDocument(bytes, 'snapshot')),
    'snapshot',
    root,
    expected,
  );
  if (!damaged?.has('root')) checkMeta(root.bytes, snapshot.signed.meta.get('root'), expected.gun, 'root');
  return snapshot;
}

/**
 * TUF 5.6. Throws as verifySnapshot.
 */
export function verifyTargets(
  bytes: Uint8Array,
  root: ParsedDocument<Root>,
  snapshot: ParsedDocument<Snapshot>,
  expected: Expectations,
): VerifiedDocument<Targets> {
  if (!expected.damaged?.has('targets')) {
    checkMeta(bytes, snapshot.signed.meta.get('targets'), expected.gun, 'targets');
  }
  return verifyBase(
    naming(expected.gun, () => parseDocument(bytes, 'targets')),
    'targets',
    root,
    expected,
  );
}

/**
 * One delegation's file against its declaration in the parent's file (TUF 5.6.7). A file that docker would ignore comes back
 * with a `failure`; other failures are thrown, unless `allowBrokenDelegations`. No `meta`: the role has published no file.
 */
export function verifyDelegation(
  bytes: Uint8Array | undefined,
  declaration: DelegationRole,
  parent: ParsedDocument<Targets>,
  meta: FileMeta | undefined,
  expected: Expectations,
): VerifiedDelegation {
  const { name: role } = declaration;
  const parentRole = parent.role as TargetsRole; // a Targets document has no other role
  let keys: ReadonlyMap<string, PublicKey> = new Map();
  let document: VerifiedDocument<Targets> | undefined;
  try {
    keys = roleKeys(parent, expected.gun, declaration, parent.signed.delegations.keys);
    if (!meta) {
      checkStillListed(role, expected);
      return { role, declaration, parent: parentRole, keys, document, failure: undefined };
    }
    if (!bytes)
      throw failure('missing_metadata', expected.gun, role, 'the snapshot lists it, but there is no such file');
    checkMeta(bytes, meta, expected.gun, role);
    const parsed = naming(expected.gun, () => parseDocument(bytes, role));
    document = { ...parsed, validKeyIds: validSigners(parsed, keys) };
    checkVersion(document, expected);
    requireThreshold(document, expected.gun, keys, declaration.threshold);
    checkExpiry(document, expected);
  } catch (error) {
    if (!(error instanceof DctError) || !(isIgnorable(error) || expected.allowBrokenDelegations)) throw error;
    return { role, declaration, parent: parentRole, keys, document, failure: error };
  }
  return { role, declaration, parent: parentRole, keys, document, failure: undefined };
}

function verifyBase<T extends TrustDocument>(
  document: ParsedDocument<T>,
  role: 'targets' | 'snapshot' | 'timestamp',
  root: ParsedDocument<Root>,
  expected: Expectations,
): VerifiedDocument<T> {
  const keys = keysOf(root, role, expected.gun);
  const validKeyIds = requireThreshold(document, expected.gun, keys, thresholdOf(root, role));
  checkVersion(document, expected);
  checkExpiry(document, expected);
  return { ...document, validKeyIds };
}
