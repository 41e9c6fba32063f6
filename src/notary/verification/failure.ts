import { DctError } from '../../error';
import { DAMAGED, type Gun, type RoleName } from '../documents';

/** Every way in which trust data can fail. Stable; programs and tests match them. */
export type VerificationCode =
  | 'bad_signature'
  | 'broken_root_chain'
  | 'expired_metadata'
  | 'early_root_certificate'
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

const SHORTLY =
  'try again shortly: the files are not of one state (another writer, a half-applied update, a proxy cache)';

/** `<gun>` is the repository's. */
const CURES: Readonly<Record<VerificationCode, string>> = {
  bad_signature:
    'compare with what the Notary server of this registry holds: the file was changed after it was signed; someone with a ' +
    'key of this role can sign it again',
  broken_root_chain: 'do not accept it unseen: somebody replaced the root without the old root key; ask who did',
  expired_metadata:
    'check the clock of this machine; if it is right, someone with the key of this role has to sign it again',
  early_root_certificate:
    'check the clocks of this machine and of the one that made the repository; docker allows one day',
  expired_root_certificate:
    'make its trust data anew, for docker cannot read this repository any more either: notary delete --remote <gun>, ' +
    'initialise it again, and sign what is still wanted',
  hash_mismatch: SHORTLY,
  length_mismatch: SHORTLY,
  missing_metadata: 'publish the role again, which repairs it: the server does not give out a file it has a record of',
  threshold_not_met: 'have someone with a key of this role sign it again',
  unpinned_root: 'compare the root key IDs with who set the repository up; only then change what pins it',
  version_rollback: 'find out whether the server was restored from a backup: it holds older data than was seen before',
  weak_root_certificate: 'rotate the root key to a new certificate, or initialise the repository again',
  wrong_gun: 'check the addresses of registry and Notary: this trust data belongs to another repository',
  wrong_key_id: 'remove the key and add it again: the file was not written by a Notary client',
};

/** `cure`: where the code's own does not fit. */
export function failure(
  code: VerificationCode,
  gun: Gun,
  role: RoleName,
  reason: string,
  cure = CURES[code].replace('<gun>', gun),
): DctError {
  return new DctError(code, `trust data of ${gun}, role ${role}: ${reason}`, { cure });
}

/** Runs a parser and names the GUN in what it throws. */
export function naming<T>(gun: Gun, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof DctError)) throw error;
    const cure = error.cure ?? DAMAGED;
    throw new DctError(error.code, `trust data of ${gun}: ${error.message}`, { cure, cause: error });
  }
}

/** The cure of `threshold_not_met` where the role has no keys at all, so that nobody can sign. */
export function keylessCure(role: RoleName): string {
  return role === 'root'
    ? 'make its trust data anew: nobody can sign for a root without keys'
    : 'have whoever names its keys (root key or targets key) give the role one: without any, nobody can sign for it';
}

/** The failures over which docker ignores a delegation's file and goes on (notary, client/tufclient.go). */
export function isIgnorable(error: DctError): boolean {
  return ['bad_signature', 'threshold_not_met', 'expired_metadata'].includes(error.code);
}
