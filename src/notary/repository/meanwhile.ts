import { digestOf, meetsThreshold, type Publication, releases, type Tags } from '../draft';
import { parseDocument } from '../documents';
import type { FetchedRepository } from './fetch-trust';
import type { Findings } from './trust-view';

/**
 * What somebody signed between our look and our publish without meeting it at the server, and what has to be mended for that
 * by another publish; undefined: nothing. docker publishes a signer's file alone where the tag is released already.
 */
export function whatWasMissed(
  publication: Publication,
  base: FetchedRepository | undefined,
  now: FetchedRepository,
): Findings | undefined {
  if (base === undefined) return undefined;
  if (publication.files.has('targets') && isUnsigned(base, now)) {
    return { declaredBefore: base.trust.targets.signed.delegations };
  }
  const takenOut = takenOutWhileSigned(publication, base, now);
  return takenOut.size === 0 ? undefined : { takenOut };
}

/**
 * Whether a file has lost its signatures with the keys that went (rule 5), since somebody has just signed it with such a key.
 * One that is as it was may be lost: the publish has weighed it.
 */
function isUnsigned(base: FetchedRepository, { trust }: FetchedRepository): boolean {
  const before = base.trust.targets.signed.delegations;
  const now = trust.targets.signed.delegations;
  return [...trust.delegations.values()].some(({ role, parent, document }) => {
    if (parent !== 'targets' || document === undefined) return false;
    if (base.trust.delegations.get(role)?.document?.signed.version === document.signed.version) return false;
    return meetsThreshold(document, before, role) && !meetsThreshold(document, now, role);
  });
}

/** Tags that went out of `targets/releases` as nobody else held them, and that somebody holds now. */
function takenOutWhileSigned({ files }: Publication, base: FetchedRepository, { trust }: FetchedRepository): Tags {
  const published = files.get(releases);
  const before = base.trust.delegations.get(releases);
  if (published === undefined || before?.failure !== undefined) return new Map();
  const left = parseDocument(published.bytes, releases).signed.targets;
  const listed = trust.delegations.get(releases)?.document?.signed.targets;
  const gone = [...(before?.document?.signed.targets ?? [])].filter(([tag]) => !left?.has(tag) && !listed?.has(tag));
  const signers = [...trust.delegations.values()].filter(({ parent, role, failure }) => {
    return parent === 'targets' && role !== releases && failure === undefined;
  });
  return new Map(
    gone.filter(([tag, meta]) => {
      return signers.some(({ document }) => digestOf(document?.signed.targets?.get(tag)) === digestOf(meta));
    }),
  );
}
