/** One role's valid signature of a tag. */
export interface RoleSignature {
  /** `targets`, `targets/releases`, `targets/<signer>` */
  readonly role: string;
  /** Hex sha256 of the manifest that is signed. */
  readonly digest: string;
  /** Canonical IDs of the keys whose signatures of the role's file are valid. */
  readonly keyIds: readonly string[];
}

export interface TeamName {
  readonly organisation: string;
  readonly name: string;
  readonly id: string;
}

export interface SigningUser {
  readonly id: string;
  readonly name: string;
  readonly teams: readonly TeamName[];
}

/** The users of one UCP as the policy sees them. */
export interface People {
  /** Active users who have this key, by canonical key ID, with the teams they are members of. */
  usersWithKey(keyId: string): readonly SigningUser[];
}

/** Where the vendor's documents are silent or disagree; each cluster of the sandbox can be set to each reading. */
export interface PolicyReadings {
  /**
   * What a policy without teams asks for: a signature of anybody ("any signed image, regardless of signee", UCP 2.1 on),
   * of a user of this UCP ("any UCP user whose keys are trusted", UCP 2.0), or of a member of some team (the text of
   * the CheckImageSigning admission controller).
   */
  readonly noTeam: 'any-signature' | 'any-ucp-user' | 'team-member';
  /** How `require_signature_from` names a team. */
  readonly teamFormat: 'name' | 'org/name' | 'id' | 'any';
  /** UCP up to 3.0 looks at teams of the organisation `docker-datacenter` only. */
  readonly teamsOf: 'docker-datacenter' | 'any-organisation';
  /** Whether an entry may be a user's name or ID ("users or teams", says every version of the page). */
  readonly userNames: boolean;
  /**
   * A digest that signers' delegations hold, but neither `targets/releases` nor `targets`: either what is signed stands,
   * each digest alone, or there is no trust data, since docker would find none.
   */
  readonly unreleased: 'each-digest' | 'no-trust-data';
  /** An image named by digest alone: found under whatever tag it was signed, or not at all. */
  readonly digestAlone: 'any-tag' | 'no-trust-data';
  /** `allow_repos` is MKE's; whether a UCP before 3.3 heeds it is in no document. */
  readonly allowRepositories: 'heeded' | 'ignored';
}

/** The safest reading where the documents leave a choice. */
export const usualReadings: PolicyReadings = {
  noTeam: 'any-ucp-user',
  teamFormat: 'any',
  teamsOf: 'any-organisation',
  userNames: false,
  unreleased: 'each-digest',
  digestAlone: 'any-tag',
  allowRepositories: 'heeded',
};

/**
 * Whether the signatures of one digest satisfy `require_signature_from`: every entry needs a member among the signers, and
 * one person in all teams is enough. Signers are found by their keys, never by the delegation's name, in
 * delegations of their own: `targets/releases` does not count, since anybody signs it, and the repository key makes nobody
 * a signer (UCP 2.2 "Use trusted images for CI", 2.1 content trust).
 */
export function meetsPolicy(
  signatures: readonly RoleSignature[],
  required: readonly string[],
  people: People,
  readings: PolicyReadings,
): boolean {
  const signers = signatures
    .filter(({ role }) => isSignerRole(role))
    .flatMap(({ keyIds }) => keyIds.flatMap((id) => people.usersWithKey(id)));
  if (required.length > 0) {
    return required.every((entry) =>
      signers.some(
        ({ id, name, teams }) =>
          (readings.userNames && (name === entry || id === entry)) ||
          teams.some((team) => names(entry, team, readings)),
      ),
    );
  }
  switch (readings.noTeam) {
    case 'any-signature':
      return signatures.some(({ role }) => role === 'targets' || isSignerRole(role));
    case 'any-ucp-user':
      return signers.length > 0;
    case 'team-member':
      return signers.some(({ teams }) => teams.length > 0);
  }
}

/** A delegation of one level that is not the common `targets/releases`. */
function isSignerRole(role: string): boolean {
  return /^targets\/[^/]+$/.test(role) && role !== 'targets/releases';
}

function names(entry: string, team: TeamName, readings: PolicyReadings): boolean {
  if (readings.teamsOf === 'docker-datacenter' && team.organisation !== 'docker-datacenter') return false;
  const forms = { name: team.name, 'org/name': `${team.organisation}/${team.name}`, id: team.id };
  return readings.teamFormat === 'any' ? Object.values(forms).includes(entry) : forms[readings.teamFormat] === entry;
}
