import { DctError } from '../../error';
import { type DelegationName, type DelegationRole, type Gun, maySign } from '../documents';

export function noTrustData(gun: Gun): DctError {
  return new DctError('no_trust_data', `${gun} has no trust data yet`, {
    cure: 'initialise it first',
  });
}

export function unknownSigner(gun: Gun, signer: string, known: readonly string[]): DctError {
  const signers = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  return new DctError('unknown_signer', `${signer} is not a signer of ${gun}; ${signers}`, {
    cure: 'add the signer first',
  });
}

/** Two signers, one tag, two digests: they would replace each other's for ever. */
export function conflictingDigest(
  gun: Gun,
  tag: string,
  wanted: string,
  released: string,
  signers: readonly string[],
): DctError {
  const by = signers.length === 0 ? 'signed by nobody who is a signer now' : `signed by ${signers.join(', ')}`;
  const message = `${gun}:${tag} is released with sha256:${released} (${by}); signing sha256:${wanted} would take that away`;
  return new DctError('conflicting_digest', message, {
    cure: `agree on one digest; to replace it, name it: sha256:${released}`,
  });
}

/** What a file lists cannot be known, so that nothing may be put in its place: see `isWithheld`. */
export function withheldFile(gun: Gun, role: DelegationName, why: string): DctError {
  const lost =
    role === 'targets/releases'
      ? 'delete the trust data and make it again'
      : 'take this signer away and add it again under another name';
  return new DctError('withheld_metadata', `${why}: ${withheld(gun, role)}`, {
    cure: `look at what stands between here and the server, such as a proxy that answers in its place, and have whoever runs the registry put the file back from a backup of Notary’s database; only where it is lost for good, ${lost}`,
  });
}

/** Of a role whose file is not given out. */
export function withheld(gun: Gun, role: DelegationName): string {
  return `the snapshot of ${gun} lists a file of ${role} that the server does not give out, so nobody knows what stands in it`;
}

/** A role signs only names that begin with one of its paths; docker makes roles with the path "" (notary, CheckPaths). */
export function checkPath(gun: Gun, role: DelegationRole | undefined, tag: string): void {
  if (role === undefined || maySign(role, tag)) return;
  const { paths = [] } = role;
  const may = paths.length === 0 ? 'nothing' : paths.map((path) => `"${path}…"`).join(', ');
  throw new DctError('path_not_allowed', `${role.name} of ${gun} may sign ${may}, not "${tag}"`, {
    cure: `notary delegation add ${gun} ${role.name} --all-paths -p`,
  });
}
