import {
  type DelegationName,
  type DelegationRole,
  instantOf,
  maySign,
  parseDocument,
  type ParsedDocument,
  type RoleName,
  type Targets,
} from '../documents';
import { digestOf, meetsThreshold, validSignatures } from './content';
import { keysOf } from './delegations';
import type { Edits } from './edits';
import type { Publication } from './publication';
import type { TrustView } from './view';

/** One delegation's valid signature of a tag. */
export interface RoleSignature {
  readonly role: RoleName;
  /** Digest of the manifest, hex. */
  readonly sha256: string;
  /** Canonical IDs of the role's keys whose signature is good. */
  readonly keyIds: readonly string[];
}

/**
 * Tag to its valid signatures, once the publication is in force. What nobody can read (a broken file), what too few keys
 * signed, what has expired and what is outside a role's paths does not count.
 */
export function outlook(
  view: TrustView | undefined,
  { delegations }: Edits,
  publication: Publication | undefined,
  now: Date,
): ReadonlyMap<string, readonly RoleSignature[]> {
  const found = new Map<string, RoleSignature[]>();
  const add = (
    role: RoleName,
    file: Targets,
    keyIds: readonly string[],
    within?: Pick<DelegationRole, 'paths'>,
  ): void => {
    for (const [tag, meta] of file.targets ?? []) {
      const sha256 = digestOf(meta);
      if (sha256 !== undefined && (within === undefined || maySign(within, tag)))
        found.set(tag, [...(found.get(tag) ?? []), { role, sha256, keyIds }]);
    }
  };
  if (view !== undefined && (isDamaged(view, publication) || hasExpired(view, publication, now))) return found;
  if (view !== undefined) add('targets', view.targets.signed, []);
  for (const declared of delegations.roles ?? []) {
    const { name } = declared;
    const file = published(publication, name) ?? view?.delegations.get(name);
    if (file === undefined || !meetsThreshold(file, delegations, name)) continue;
    if (instantOf(file.signed.expires) < now) continue;
    const valid = validSignatures(file, delegations, name);
    const keys = keysOf(delegations, name).filter((key) => valid.has(key.tufId));
    const keyIds = [...new Set(keys.map((key) => key.canonicalId))];
    add(name, file.signed, keyIds, declared);
  }
  return found;
}

/** What docker cannot read takes everything with it, until it is signed again. */
function isDamaged({ damaged }: TrustView, publication: Publication | undefined): boolean {
  // the snapshot is made anew with every publish
  return [...damaged].some(
    (role) => publication === undefined || (role !== 'snapshot' && !publication.files.has(role)),
  );
}

/** A root or a list of signers that has expired takes everything with it. */
function hasExpired(view: TrustView, publication: Publication | undefined, now: Date): boolean {
  return (['root', 'targets'] as const).some((role) => {
    const { expires } = publication?.files.get(role)?.signed ?? view[role].signed;
    return instantOf(expires) < now;
  });
}

function published(publication: Publication | undefined, role: DelegationName): ParsedDocument<Targets> | undefined {
  const file = publication?.files.get(role);
  return file && parseDocument(file.bytes, role);
}
