import { meetsThreshold, type Publication } from '../draft';
import type { FetchedRepository } from './fetch-trust';

/**
 * Whether a publish that took keys has left a file without valid signatures (rule 5): somebody signed it with such a key
 * between our look and our publish, and no version of it was in the publish for the server to hold against theirs.
 */
export function isUnsigned(
  { files }: Publication,
  base: FetchedRepository | undefined,
  { trust }: FetchedRepository,
): boolean {
  if (base === undefined || !files.has('targets')) return false;
  const before = base.trust.targets.signed.delegations;
  const now = trust.targets.signed.delegations;
  return [...trust.delegations.values()].some(({ role, parent, document }) => {
    if (parent !== 'targets' || document === undefined) return false;
    return meetsThreshold(document, before, role) && !meetsThreshold(document, now, role);
  });
}
