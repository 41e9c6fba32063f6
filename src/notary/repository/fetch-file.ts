import { createHash } from 'node:crypto';
import { DctError } from '../../error';
import { type HttpResponse, serverMessage } from '../../http';
import { type FileMeta, type Gun, MAX_METADATA_BYTES, type RoleName } from '../documents';
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
  if (response.status === 200) return checkedBytes(response, session.gun, path);
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
  const longest = Math.min(MAX_METADATA_BYTES, Number(meta?.length ?? 0));
  const bytes = await fetchFile(session, `${role}.${hex}.json`, options, longest);
  // what is wrong is for the reader to judge, and not to be kept
  if (bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === hex) options.cache.set(hex, bytes);
  return bytes;
}

/** Trust data is neither a page nor packed; saying so tells more than that it is not JSON. */
function checkedBytes(response: HttpResponse, gun: Gun, path: string): Buffer {
  const { bytes, headers, host } = response;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const message = `cannot read ${path} of ${gun}: ${host} sent it with content-encoding ${JSON.stringify(encoding.slice(0, 60))}, which nobody asked for`;
    throw new DctError('unasked_encoding', message, {
      cure: 'look at what stands between here and the server: a proxy packs answers unasked',
    });
  }
  if (/^\s*</.test(bytes.subarray(0, 100).toString('latin1'))) {
    const message = `cannot read ${path} of ${gun}: ${host} answered with ${serverMessage(response)}`;
    throw new DctError('not_a_notary_server', message, {
      cure: 'check registry.notary_url: a web page is there, no Notary server',
    });
  }
  return bytes;
}

/** Half of them double, half of them halve: a million versions. */
const MAX_STEPS = 40;

/** A server that has every version it is asked for. */
export function endlessVersions({ gun, host }: Session, role: RoleName, version: number): DctError {
  const message = `${host} says of every version of ${role} of ${gun} that it is there, up to ${version}`;
  return new DctError('endless_versions', message, {
    cure: 'look at what answers at registry.notary_url: no Notary server comes to so many',
  });
}

/**
 * The newest file that the server holds for a role, whatever its snapshot names. Without a number, notary-server with a
 * database gives out only what its timestamp leads to; by its number it gives out every version. These follow one another, so
 * the last is found by doubling, then halving. Throws `endless_versions` where that leads nowhere.
 */
export async function fetchNewest(session: Session, role: RoleName, options: FileOptions): Promise<Buffer | undefined> {
  const current = await fetchFile(session, `${role}.json`, options);
  return current ?? fetchHighest(session, role, options);
}

/** The file of a role that has the highest version, found by the versions that the server gives out. */
export async function fetchHighest(
  session: Session,
  role: RoleName,
  options: FileOptions,
): Promise<Buffer | undefined> {
  let newest: Buffer | undefined;
  let there = 0;
  let absent = Infinity;
  for (let version = 1, steps = 1; there + 1 < absent; steps++) {
    if (steps > MAX_STEPS) throw endlessVersions(session, role, there);
    const found = await fetchFile(session, `${version}.${role}.json`, options);
    // docker's first targets are version 2, so that a missing 1 says nothing yet
    if (found === undefined && version > 1) absent = version;
    else [there, newest] = [version, found];
    version = absent === Infinity ? version * 2 : Math.floor((there + absent) / 2);
  }
  return newest;
}
