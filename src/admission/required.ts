import type { ClusterFacts, ClusterTeam, ClusterUser } from './facts';
import type { Assumptions } from './verdict';

type TeamFormat = Assumptions['teamFormat'];
type Naming = Pick<Assumptions, 'teamFormat' | 'teamsOf' | 'userNames'>;

/** The organization whose teams alone count up to UCP 3.0 (A2.6). */
export const OLD_ORGANIZATION = 'docker-datacenter';

/** Entries of `require_signature_from` that no signer meets: each needs one, and one person may meet several (A2.2). */
export function unmet(required: readonly string[], signers: readonly ClusterUser[], naming: Naming): string[] {
  return required.filter((entry) => !signers.some((user) => meets(entry, user, naming)));
}

/** Whether the user is who an entry of `require_signature_from` asks for. */
export function meets(entry: string, user: ClusterUser, naming: Naming): boolean {
  if (naming.userNames && namesUser(entry, user)) return true;
  return user.teams.some((team) => asksFor(entry, team, naming));
}

/** Whether the team is one whose members an entry of `require_signature_from` asks for. */
export function asksFor(entry: string, team: ClusterTeam, { teamFormat, teamsOf }: Omit<Naming, 'userNames'>): boolean {
  const counts = teamsOf === 'any-organisation' || team.organization === OLD_ORGANIZATION;
  return counts && namesTeam(entry, team, teamFormat);
}

export function namesUser(entry: string, { name, id }: ClusterUser): boolean {
  return entry === name || entry === id;
}

export function namesTeam(entry: string, { organization, name, id }: ClusterTeam, format: TeamFormat): boolean {
  const forms = { name, 'org/name': `${organization}/${name}`, id };
  return format === 'any' ? Object.values(forms).includes(entry) : forms[format] === entry;
}

/** Every team that has a member with an account here. */
export function teamsOf({ users }: ClusterFacts): ClusterTeam[] {
  return users.flatMap(({ teams }) => teams);
}

/**
 * How `require_signature_from` can be meant. The form is in no document (A2.11), but what stands there names something: a
 * form in which an entry that is a team would be none is not meant. `any` stands for several forms side by side.
 */
export function plausibleFormats(cluster: ClusterFacts): readonly TeamFormat[] {
  const teams = teamsOf(cluster);
  const named = (entry: string, format: TeamFormat): boolean => teams.some((team) => namesTeam(entry, team, format));
  const entries = cluster.policy.requireSignatureFrom.filter((entry) => named(entry, 'any'));
  const formats = (['name', 'org/name', 'id'] as const).filter(
    (format) => entries.length > 0 && entries.every((entry) => named(entry, format)),
  );
  return formats.length === 1 ? formats : [...formats, 'any'];
}
