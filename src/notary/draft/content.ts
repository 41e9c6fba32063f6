import type { DelegationName, Delegations, FileMeta, ParsedDocument, Targets } from '../documents';
import { validSigners } from '../verification';
import { findRole, keysOf } from './delegations';
import type { TrustView } from './view';

/** Tag to what it stands for, in one delegation's file. */
export type Tags = ReadonlyMap<string, FileMeta>;

/** IDs of the role's keys whose signature of this file is good. */
export function validSignatures(
  document: ParsedDocument<Targets>,
  delegations: Delegations,
  role: DelegationName,
): ReadonlySet<string> {
  const keys = keysOf(delegations, role).map((key) => [key.tufId, key] as const);
  return new Set(validSigners(document, new Map(keys)));
}

/** Whether the file has as many good signatures as its role asks for. Looks at signatures only, not at expiry. */
export function meetsThreshold(
  document: ParsedDocument<Targets>,
  delegations: Delegations,
  role: DelegationName,
): boolean {
  const answers = memory.get(document) ?? new WeakMap<Delegations, boolean>();
  memory.set(document, answers);
  const known = answers.get(delegations);
  if (known !== undefined) return known;
  const threshold = findRole(delegations, role)?.threshold;
  const answer = threshold !== undefined && validSignatures(document, delegations, role).size >= threshold;
  answers.set(delegations, answer);
  return answer;
}

/** Both are immutable, and a group of changes asks the same thing over and over. A document is of one role. */
const memory = new WeakMap<ParsedDocument<Targets>, WeakMap<Delegations, boolean>>();

/**
 * A delegation's file if its signatures count: under the keys that stand now, or under those of an edit, which may declare
 * an old role again. Also one that nobody can read as it is: what its signatures vouch for may be signed again (rule 11).
 */
export function trustedFile(
  view: TrustView,
  edited: Delegations,
  role: DelegationName,
): ParsedDocument<Targets> | undefined {
  const file = storedFile(view, role);
  if (file === undefined || view.nested.has(role)) return file;
  return hasCounted(file, view, role) || meetsThreshold(file, edited, role) ? file : undefined;
}

/** Whether a file's signatures count as things stand, or did until a moment ago. */
export function hasCounted(file: ParsedDocument<Targets>, view: TrustView, role: DelegationName): boolean {
  const before = view.declaredBefore;
  if (meetsThreshold(file, view.targets.signed.delegations, role)) return true;
  return before !== undefined && meetsThreshold(file, before, role);
}

/** What the server holds for a role, whether it counts or not. */
export function storedFile(view: TrustView | undefined, role: DelegationName): ParsedDocument<Targets> | undefined {
  return view?.delegations.get(role) ?? view?.broken.get(role) ?? view?.nested.get(role);
}

/**
 * Whether the snapshot lists a file of the role which the server does not give out, nor the same document in another form.
 * What stands in it is not known, so it must not be replaced, and what depends on it not be judged: anybody between here and
 * the server can answer that there is no such file.
 */
export function isWithheld(view: TrustView | undefined, role: DelegationName): boolean {
  return view?.snapshot.signed.meta.has(role) === true && storedFile(view, role) === undefined;
}

/** SHA-256 of the manifest a target stands for, hex. */
export function digestOf(meta: FileMeta | undefined): string | undefined {
  const sha256 = meta?.hashes?.get('sha256');
  return sha256 === undefined ? undefined : Buffer.from(sha256, 'base64').toString('hex');
}

/** What a signature says of a tag. `sha256` in hex; `length` is the manifest's, in bytes. */
export interface Target {
  readonly sha256: string;
  readonly length: number;
}

/** The entry docker writes: the sha256 only. */
export function fileMeta(target: Target): FileMeta {
  const sha256 = Buffer.from(target.sha256, 'hex').toString('base64');
  return { hashes: new Map([['sha256', sha256]]), length: target.length };
}

export function sameTarget(meta: FileMeta | undefined, target: Target): boolean {
  return digestOf(meta) === target.sha256 && Number(meta?.length) === target.length;
}
