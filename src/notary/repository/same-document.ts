import { createHash } from 'node:crypto';
import { type FileMeta, parseDocument, type RoleName, serialise } from '../documents';

/**
 * Whether a file is the very document that snapshot or timestamp lists, though published in another form than Go's: a server
 * lists the hash of its own serialisation, which is ours, too. Another version, however validly signed, is not: who gives out
 * an old one in place of what is listed must not get it signed anew. Throws `malformed_document` and what else parsing does.
 */
export function isSameDocument(bytes: Uint8Array, role: RoleName, meta: FileMeta | undefined): boolean {
  const { signed, signatures } = parseDocument(bytes, role);
  const sha256 = createHash('sha256').update(serialise(signed, signatures)).digest('base64');
  return meta?.hashes?.get('sha256') === sha256;
}
