import { createHash } from 'node:crypto';
import { DctError } from '../../error';
import { parseDocument, type Targets } from '../documents';
import { type Expectations, type VerifiedDocument, type VerifiedTrust, verifyTargets } from '../verification';
import { fetchFile, type FileOptions } from './fetch-file';
import type { Session } from './session';

/** Snapshots looked at, from the one in force back: as many publishes as can be under way at the same time, and more. */
const MAX_SNAPSHOTS = 64;

/**
 * Newer targets than those in force, where they have been in force. notary-server reads the targets before it reads the
 * snapshot, so a publish of signatures that meets one of targets makes a snapshot which lists the targets before again, and
 * from then on refuses whatever has their number. They verify, and nothing in them counts until somebody signs them again.
 * What an interrupted publish left behind is something else: no snapshot that was in force lists it.
 */
export async function findOvertaken(
  session: Session,
  trust: VerifiedTrust,
  expected: Expectations,
  options: FileOptions,
): Promise<VerifiedDocument<Targets> | undefined> {
  const { version } = trust.targets.signed;
  let newest: Buffer | undefined;
  for (let next = version + 1; next <= version + MAX_SNAPSHOTS; next++) {
    const found = await fetchFile(session, `${next}.targets.json`, options);
    if (found === undefined) break;
    newest = found;
  }
  if (newest === undefined) return undefined;
  try {
    if (!(await wasInForce(session, newest, trust, options))) return undefined;
    const damaged = new Set(['targets'] as const);
    return verifyTargets(newest, trust.root, trust.snapshot, { ...expected, damaged });
  } catch (error) {
    // what does not verify is nobody's, and stays where it is
    if (error instanceof DctError) return undefined;
    throw error;
  }
}

async function wasInForce(
  session: Session,
  targets: Buffer,
  { snapshot }: VerifiedTrust,
  options: FileOptions,
): Promise<boolean> {
  const sha256 = createHash('sha256').update(targets).digest('base64');
  const { version } = snapshot.signed;
  for (let before = version - 1; before > Math.max(0, version - MAX_SNAPSHOTS); before--) {
    const bytes = await fetchFile(session, `${before}.snapshot.json`, options);
    if (bytes === undefined) continue;
    const listed = parseDocument(bytes, 'snapshot').signed.meta.get('targets')?.hashes?.get('sha256');
    if (listed === sha256) return true;
  }
  return false;
}
