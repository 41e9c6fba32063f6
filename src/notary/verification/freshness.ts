import { createHash } from 'node:crypto';
import { type FileMeta, type Gun, type ParsedDocument, type RoleName, instantOf } from '../documents';
import { failure } from './failure';
import type { Expectations } from './model';

/** Throws `expired_metadata`, unless that is allowed; tells whether the file has expired. */
export function checkExpiry(document: ParsedDocument, expected: Expectations): boolean {
  const { expires } = document.signed;
  if (instantOf(expires) >= expected.now) return false;
  if (expected.allowExpired) return true;
  throw failure('expired_metadata', expected.gun, document.role, `expired on ${expires}`);
}

/** Throws `version_rollback` for a file older than one seen before. */
export function checkVersion(document: ParsedDocument, expected: Expectations): void {
  const seen = expected.rememberedVersions?.[document.role] ?? 0;
  const { version } = document.signed;
  if (version < seen) {
    throw failure('version_rollback', expected.gun, document.role, `version ${version}, but ${seen} was seen before`);
  }
}

/** Throws `version_rollback` where a file that was seen before is not listed any more: a server never forgets one (TUF 5.5.5). */
export function checkStillListed(role: RoleName, { gun, rememberedVersions }: Expectations): void {
  const seen = rememberedVersions?.[role] ?? 0;
  if (seen > 0) throw failure('version_rollback', gun, role, `no file is listed, but version ${seen} was seen before`);
}

/** Throws `length_mismatch` or `hash_mismatch` unless the bytes are the ones `meta` (of snapshot or timestamp) stands for. */
export function checkMeta(bytes: Uint8Array, meta: FileMeta | undefined, gun: Gun, role: RoleName): void {
  const listed = role === 'snapshot' ? 'timestamp' : 'snapshot';
  if (!meta) throw failure('missing_metadata', gun, role, `the ${listed} does not list it`);
  if (BigInt(meta.length) !== BigInt(bytes.length)) {
    throw failure('length_mismatch', gun, role, `${bytes.length} bytes, but the ${listed} says ${meta.length}`);
  }
  let compared = 0;
  for (const algorithm of ['sha256', 'sha512']) {
    const wanted = meta.hashes?.get(algorithm);
    if (wanted === undefined) continue;
    compared++;
    if (createHash(algorithm).update(bytes).digest('base64') !== wanted) {
      throw failure('hash_mismatch', gun, role, `its ${algorithm} is not the one in the ${listed}`);
    }
  }
  if (compared === 0) throw failure('hash_mismatch', gun, role, `the ${listed} has no sha256 or sha512 of it`);
}
