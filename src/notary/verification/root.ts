import { type Gun, type ParsedDocument, type Root, parseDocument } from '../documents';
import type { PublicKey } from '../keys';
import { failure, keylessCure, naming } from './failure';
import { checkExpiry, checkVersion } from './freshness';
import type { Expectations, VerifiedDocument } from './model';
import { requireThreshold, roleKeys, validSigners } from './signatures';

/**
 * Verifies root files as they follow one another, oldest first; the last one is the root in force (TUF 5.3; notary,
 * trustpinning.ValidateRoot). Each must be signed by enough of its own root keys and of those before it, and be one version
 * further. With pins, one of the files must be signed by a pinned key, and what follows chains from it; what comes before is
 * not looked at. Certificates and expiry matter for the last one only.
 *
 * Throws `unpinned_root`, `broken_root_chain`, `version_rollback`, `expired_metadata`, `early_root_certificate`, `expired_root_certificate`,
 * `weak_root_certificate`, `wrong_gun`, `wrong_key_id`, `bad_signature`, `threshold_not_met`, `malformed_document`.
 */
export function verifyRoot(files: readonly Uint8Array[], expected: Expectations): VerifiedDocument<Root> {
  const roots = files.map((bytes) => naming(expected.gun, () => parseDocument(bytes, 'root')));
  const last = roots.at(-1);
  if (!last) throw failure('missing_metadata', expected.gun, 'root', 'there is no root file');
  const validKeyIds = verifyInForce(last, expected);
  const anchor = anchorOf(roots, expected);
  for (let at = anchor + 1; at < roots.length; at++) {
    const [older, newer] = [roots[at - 1], roots[at]];
    if (older && newer) checkStep(older, newer, expected.gun);
  }
  checkVersion(last, expected);
  checkExpiry(last, expected);
  return { ...last, validKeyIds };
}

/** The keys of the root role. Throws `wrong_key_id`. */
export function rootKeysOf(root: ParsedDocument<Root>, gun: Gun): PublicKey[] {
  return [...keysOf(root, 'root', gun).values()];
}

/** The keys of a base role as root names them. Throws `wrong_key_id`. */
export function keysOf(
  root: ParsedDocument<Root>,
  role: 'root' | 'targets' | 'snapshot' | 'timestamp',
  gun: Gun,
): Map<string, PublicKey> {
  const declared = root.signed.roles.get(role);
  return declared ? roleKeys(root, gun, declared, root.signed.keys) : new Map<string, PublicKey>();
}

export function thresholdOf(root: ParsedDocument<Root>, role: string): number {
  return root.signed.roles.get(role)?.threshold ?? 1;
}

/** The root in force: signed by enough keys whose certificates are of this GUN, sound, and not expired. */
function verifyInForce(root: ParsedDocument<Root>, { gun, now }: Expectations): readonly string[] {
  const keys = keysOf(root, 'root', gun);
  const sound = new Map<string, PublicKey>();
  let refusal = failure('threshold_not_met', gun, 'root', 'the root role has no keys', keylessCure('root'));
  for (const [id, key] of keys) {
    const reason = certificateFailure(key, gun, now);
    if (reason) refusal = reason;
    else sound.set(id, key);
  }
  if (sound.size === 0) throw refusal;
  return requireThreshold(root, gun, sound, thresholdOf(root, 'root'));
}

function certificateFailure(key: PublicKey, gun: Gun, now: Date) {
  const { certificate } = key;
  const id = key.tufId;
  if (!certificate) return failure('weak_root_certificate', gun, 'root', `the root key ${id} is not a certificate`);
  if (!matches(certificate.commonName, gun)) {
    return failure(
      'wrong_gun',
      gun,
      'root',
      `its certificate is for ${JSON.stringify(certificate.commonName.slice(0, 300))}`,
    );
  }
  if (certificate.isCa || certificate.hasWeakSignature || !key.isUsable) {
    const why = certificate.isCa
      ? 'is a CA'
      : certificate.hasWeakSignature
        ? 'is signed with SHA-1 or MD5'
        : 'has a weak key';
    return failure('weak_root_certificate', gun, 'root', `the certificate of root key ${id} ${why}`);
  }
  if (now > certificate.notAfter) {
    const end = certificate.notAfter.toISOString();
    return failure('expired_root_certificate', gun, 'root', `the certificate of root key ${id} expired on ${end}`);
  }
  if (certificate.notBefore.getTime() > now.getTime() + 86_400_000) {
    const start = certificate.notBefore.toISOString();
    return failure(
      'early_root_certificate',
      gun,
      'root',
      `the certificate of root key ${id} is valid only from ${start}`,
    );
  }
  return undefined;
}

/** A common name may end in `*` (notary, MatchCNToGun). */
function matches(commonName: string, gun: Gun): boolean {
  return commonName.endsWith('*') ? gun.startsWith(commonName.replace(/\*+$/, '')) : commonName === gun;
}

/**
 * One step back on the way to a pinned root: throws `broken_root_chain`, `version_rollback` unless `newer` follows from
 * `older`; tells whether a pinned key signed `older`.
 */
export function stepBack(older: Uint8Array, newer: Uint8Array, expected: Expectations): { readonly isPinned: boolean } {
  const [from, to] = [older, newer].map((bytes) => naming(expected.gun, () => parseDocument(bytes, 'root')));
  if (!from || !to) return { isPinned: false };
  checkStep(from, to, expected.gun);
  return { isPinned: isPinned(from, expected) };
}

function isPinned(root: ParsedDocument<Root>, { gun, rootPins = [] }: Expectations): boolean {
  const keys = keysOf(root, 'root', gun);
  return validSigners(root, keys).some((id) => {
    return rootPins.includes(id) || rootPins.includes(keys.get(id)?.canonicalId ?? '');
  });
}

/** The youngest file that a pinned key signed; without pins, the first one. */
function anchorOf(roots: readonly ParsedDocument<Root>[], expected: Expectations): number {
  const { gun, rootPins } = expected;
  if (!rootPins) return 0;
  for (let at = roots.length - 1; at >= 0; at--) {
    const root = roots[at];
    if (root && isPinned(root, expected)) return at;
  }
  const found = roots.flatMap((root) => rootKeysOf(root, gun).map(({ canonicalId }) => canonicalId));
  throw failure(
    'unpinned_root',
    gun,
    'root',
    `its root key is ${[...new Set(found)].join(', ') || '(none)'}, but it has to chain from ${rootPins.join(' or ')}`,
  );
}

function checkStep(older: ParsedDocument<Root>, newer: ParsedDocument<Root>, gun: Gun): void {
  const [from, to] = [older.signed.version, newer.signed.version];
  if (to !== from + 1) {
    throw failure(
      to < from ? 'version_rollback' : 'broken_root_chain',
      gun,
      'root',
      `root version ${to} follows version ${from}; each has to be one further`,
    );
  }
  for (const [signers, whose] of [
    [older, 'the root before it'],
    [newer, 'its own keys'],
  ] as const) {
    const valid = validSigners(newer, keysOf(signers, 'root', gun)).length;
    const threshold = thresholdOf(signers, 'root');
    if (valid < threshold) {
      throw failure(
        'broken_root_chain',
        gun,
        'root',
        `version ${to} has ${valid} of ${threshold} needed signatures by ${whose}`,
      );
    }
  }
}
