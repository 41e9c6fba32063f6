import { DctError } from '../../error';
import type { Gun, RoleName } from '../documents';

/** Every way in which trust data can fail. Stable; programs and tests match them. */
export type VerificationCode =
  | 'bad_signature'
  | 'broken_root_chain'
  | 'expired_metadata'
  | 'expired_root_certificate'
  | 'hash_mismatch'
  | 'length_mismatch'
  | 'missing_metadata'
  | 'threshold_not_met'
  | 'unpinned_root'
  | 'version_rollback'
  | 'weak_root_certificate'
  | 'wrong_gun'
  | 'wrong_key_id';

const CURES: Readonly<Record<VerificationCode, string>> = {
  bad_signature: 'the file was changed after signing; compare with what the Notary server of this registry holds',
  broken_root_chain: 'somebody replaced the root without the old root key; ask who did, and do not accept it unseen',
  expired_metadata:
    'check the clock of this machine; if it is right, someone with the key of this role has to sign it again',
  expired_root_certificate:
    'docker cannot read this repository any more either; only deleting its trust data and initialising it again helps: ' +
    'notary delete --remote <gun>, then apply with when_lost = "recreate" in its dct_repository, and sign what is still wanted',
  hash_mismatch:
    'the files are not of one state: another writer, a half-applied update or a proxy cache; try again shortly',
  length_mismatch:
    'the files are not of one state: another writer, a half-applied update or a proxy cache; try again shortly',
  missing_metadata: 'the server does not give out a file it has a record of; publishing the role again repairs it',
  threshold_not_met: 'someone with a key of this role has to sign it again',
  unpinned_root: 'compare the root key IDs with who set the repository up; only then change the pin',
  version_rollback: 'the server holds older data than was seen before: was it restored from a backup?',
  weak_root_certificate: 'rotate the root key to a new certificate, or initialise the repository again',
  wrong_gun: 'check the registry address and notary_url: this trust data belongs to another repository',
  wrong_key_id: 'the file was not written by a Notary client; remove the key and add it again',
};

export function failure(code: VerificationCode, gun: Gun, role: RoleName, reason: string): DctError {
  return new DctError(code, `trust data of ${gun}, role ${role}: ${reason}`, { cure: CURES[code] });
}

/** Runs a parser and names the GUN in what it throws. */
export function naming<T>(gun: Gun, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof DctError)) throw error;
    const cure = error.cure ?? 'the file was not written by a Notary client, or was damaged on its way';
    throw new DctError(error.code, `trust data of ${gun}: ${error.message}`, { cure, cause: error });
  }
}

/** The failures over which docker ignores a delegation's file and goes on (notary, client/tufclient.go). */
export function isIgnorable(error: DctError): boolean {
  return ['bad_signature', 'threshold_not_met', 'expired_metadata'].includes(error.code);
}
