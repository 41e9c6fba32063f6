import { DctError } from '../../error';
import type { TrustData } from '../../notary';
import { alreadyExists } from '../attributes/import-id';

/**
 * The error for trust data that is there although no state knows it: an `import` block ready to paste, and what adopting
 * would take.
 */
export function notAdopted({ gun, rootKeyIds }: TrustData): DctError {
  const ids = rootKeyIds.map((id) => JSON.stringify(id)).join(', ');
  return alreadyExists(
    `${gun} has trust data already, rooted in ${rootKeyIds.join(', ')}`,
    'dct_repository',
    gun,
    `or, once you know from whoever made it that these root keys are right, take it over with\n\n  adopt_existing = true\n  expected_root_key_ids = [${ids}]`,
  );
}

/** Nothing is adopted unseen: whoever controls the server could have made a root of their own. */
export function unprovenAdoption({ gun, rootKeyIds }: TrustData): DctError {
  const ids = rootKeyIds.map((id) => JSON.stringify(id)).join(', ');
  return new DctError('adoption_unproven', `${gun} has trust data, but nothing says which root key it should have`, {
    cure:
      `compare the root key IDs found with what whoever made the repository says (docker trust inspect, notary key list), ` +
      `then set\n\n  expected_root_key_ids = [${ids}]`,
    attribute: ['expected_root_key_ids'],
  });
}

/** At plan, where the registry does not say which root keys it has. */
export function blindAdoption(gun: string): DctError {
  return new DctError('adoption_unproven', `${gun} is to be adopted, but nothing says which root key it should have`, {
    cure:
      'set expected_root_key_ids to what whoever made the repository says (docker trust inspect, notary key list); if nobody ' +
      'made it, leave out adopt_existing',
    attribute: ['expected_root_key_ids'],
  });
}

/** The root found does not chain from one of the expected keys: says so at the attribute. */
export function wrongRoot(error: unknown): unknown {
  if (!(error instanceof DctError) || error.code !== 'unpinned_root') return error;
  const { code, message, cure } = error;
  return new DctError(code, message, {
    ...(cure !== undefined && { cure }),
    cause: error,
    attribute: ['expected_root_key_ids'],
  });
}
