import type { HttpResponse } from '../../http';
import { type FileMeta, MAX_METADATA_BYTES, type RoleName } from '../documents';
import { isNotFound, refusal } from './refusal';
import type { Actions, Session } from './session';

/** Immutable files by the SHA-256 (hex) they were asked for. */
export type FileCache = Map<string, Buffer>;

export interface FileOptions {
  readonly actions: Actions;
  readonly cache: FileCache;
  readonly signal?: AbortSignal | undefined;
}

/** A file below the repository's path; undefined where the server has none. */
export async function fetchFile(
  session: Session,
  path: string,
  { actions, signal }: FileOptions,
  maxBytes = MAX_METADATA_BYTES,
): Promise<Buffer | undefined> {
  // the server lets proxies keep even a timestamp for five minutes
  const headers = { 'cache-control': 'no-cache' };
  const response: HttpResponse = await session.request(path, actions, { method: 'GET', headers, maxBytes, signal });
  if (response.status === 200) return response.bytes;
  if (isNotFound(response)) return undefined;
  throw refusal(response, session.gun, `read ${path} of`);
}

/** The file that a snapshot or timestamp names, from the cache if it is there. */
export async function fetchByHash(
  session: Session,
  role: RoleName,
  meta: FileMeta | undefined,
  options: FileOptions,
): Promise<Buffer | undefined> {
  const sha256 = meta?.hashes?.get('sha256');
  if (sha256 === undefined) return undefined;
  const hex = Buffer.from(sha256, 'base64').toString('hex');
  const known = options.cache.get(hex);
  if (known !== undefined) return known;
  const bytes = await fetchFile(session, `${role}.${hex}.json`, options);
  if (bytes !== undefined) options.cache.set(hex, bytes);
  return bytes;
}

/**
 * The newest file that the server holds for a role, whatever its snapshot names. Without a number, notary-server with a
 * database gives out only what its timestamp leads to; by its number it gives out every version. These follow one another, so
 * the last is found by doubling, then halving.
 */
export async function fetchNewest(session: Session, role: RoleName, options: FileOptions): Promise<Buffer | undefined> {
  const current = await fetchFile(session, `${role}.json`, options);
  if (current !== undefined) return current;
  let newest: Buffer | undefined;
  let there = 0;
  let absent = Infinity;
  for (let version = 1; there + 1 < absent;) {
    const found = await fetchFile(session, `${version}.${role}.json`, options);
    // docker's first targets are version 2, so that a missing 1 says nothing yet
    if (found === undefined && version > 1) absent = version;
    else [there, newest] = [version, found];
    version = absent === Infinity ? version * 2 : Math.floor((there + absent) / 2);
  }
  return newest;
}
