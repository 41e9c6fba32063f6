import type { Gun, KeyObject, ParsedDocument, RoleKeys, TrustDocument } from '../documents';
import { PublicKey } from '../keys';
import { failure, keylessCure } from './failure';

/**
 * The keys of a role by TUF ID. Throws `wrong_key_id` where the file files a key under an ID that is not the key's own: the
 * same key under two IDs would count twice against a threshold.
 */
export function roleKeys(
  document: Pick<ParsedDocument, 'role'>,
  gun: Gun,
  role: RoleKeys,
  keys: ReadonlyMap<string, KeyObject> | null,
): Map<string, PublicKey> {
  const result = new Map<string, PublicKey>();
  for (const id of role.keyids ?? []) {
    const object = keys?.get(id);
    if (!object) continue;
    const key = PublicKey.fromDocument(object);
    if (key.tufId !== id) {
      throw failure('wrong_key_id', gun, document.role, `the key filed as ${id.slice(0, 80)} has the ID ${key.tufId}`);
    }
    result.set(id, key);
  }
  return result;
}

/** Whoever writes a file signs once with a key; a file full of wrong signatures of one key is to cost nothing. */
const MOST_TRIES = 8;

/** TUF IDs of those `keys` that validly signed the file, each once. */
export function validSigners(document: ParsedDocument, keys: ReadonlyMap<string, PublicKey>): string[] {
  const valid = new Set<string>();
  const tries = new Map<string, number>();
  for (const signature of document.signatures) {
    const { keyid } = signature;
    const key = keys.get(keyid);
    const tried = tries.get(keyid) ?? 0;
    if (key === undefined || valid.has(keyid) || tried >= MOST_TRIES) continue;
    tries.set(keyid, tried + 1);
    if (key.verify(document.message, signature)) valid.add(keyid);
  }
  return [...valid];
}

/** Throws `bad_signature` or `threshold_not_met` unless `threshold` different keys of the role signed the file. */
export function requireThreshold<T extends TrustDocument>(
  document: ParsedDocument<T>,
  gun: Gun,
  keys: ReadonlyMap<string, PublicKey>,
  threshold: number,
): readonly string[] {
  const valid = validSigners(document, keys);
  if (valid.length >= threshold) return valid;
  const bad = document.signatures.filter(({ keyid }) => keys.has(keyid) && !valid.includes(keyid));
  const counted = `${valid.length} of ${threshold} needed signatures are valid`;
  if (bad.length > 0) {
    const ids = [...new Set(bad.map(({ keyid }) => keyid))].join(', ');
    throw failure('bad_signature', gun, document.role, `${counted}; the signature of ${ids} is not`);
  }
  const { role } = document;
  const [why, ...cure] =
    keys.size === 0 ? ['the role has no keys', keylessCure(role)] : [`${document.signatures.length} by other keys`];
  throw failure('threshold_not_met', gun, role, `${counted} (${why})`, ...cure);
}
