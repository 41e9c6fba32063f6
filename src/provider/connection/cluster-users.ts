import type { ClusterTeam, ClusterUser } from '../../admission';
import { DctError } from '../../error';
import { PublicKey } from '../../notary';
import type { UcpClient } from '../../ucp';

/** The users of a UCP with their teams and the canonical IDs of their keys: what it maps signatures to users by. */
export async function usersOf(client: UcpClient): Promise<ClusterUser[]> {
  const accounts = await client.accounts('all');
  const teamsByUser = new Map<string, ClusterTeam[]>();
  for (const organization of accounts.filter((account) => account.isOrg)) {
    for (const team of (await client.teams(organization.name)) ?? []) {
      for (const { member } of (await client.teamMembers(organization.name, team.name)) ?? []) {
        const teams = teamsByUser.get(member.id) ?? [];
        teamsByUser.set(member.id, [...teams, { organization: organization.name, name: team.name, id: team.id }]);
      }
    }
  }
  const users = accounts.filter((account) => !account.isOrg && account.isActive);
  return Promise.all(
    users.map(async ({ id, name }) => {
      return { id, name, teams: teamsByUser.get(id) ?? [], keyIds: await keyIdsOf(client, name) };
    }),
  );
}

/** A team of a UCP with its active members. Throws `no_such_team`, naming those there are. */
export async function teamOf(
  client: UcpClient,
  organization: string,
  name: string,
  signal: AbortSignal,
): Promise<TeamMembers> {
  const [team, members] = await Promise.all([
    client.team(organization, name, signal),
    client.teamMembers(organization, name, signal),
  ]);
  if (team === undefined || members === undefined) throw await noSuchTeam(client, organization, name);
  const users = members.map(({ member }) => member).filter((member) => member.isActive);
  users.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    id: team.id,
    members: await Promise.all(
      users.map(async (user) => ({ name: user.name, keyIds: await keyIdsOf(client, user.name, signal) })),
    ),
  };
}

export interface TeamMembers {
  readonly id: string;
  readonly members: readonly { readonly name: string; readonly keyIds: readonly string[] }[];
}

async function noSuchTeam(client: UcpClient, organization: string, name: string): Promise<DctError> {
  const teams = await client.teams(organization);
  if (teams === undefined) {
    return new DctError('no_such_team', `The cluster ${client.name} has no organization ${organization}`, {
      cure: 'correct the name, or make the organization and the team in the UCP first',
      attribute: ['organization'],
    });
  }
  const there = teams.length === 0 ? 'it has no teams' : `it has ${teams.map((team) => team.name).join(', ')}`;
  const message = `The organization ${organization} of the cluster ${client.name} has no team ${name}; ${there}`;
  return new DctError('no_such_team', message, {
    cure: 'correct the name, or make the team in the UCP first',
    attribute: ['name'],
  });
}

async function keyIdsOf(client: UcpClient, user: string, signal?: AbortSignal): Promise<string[]> {
  const keys = (await client.publicKeys(user, signal)) ?? [];
  return [...new Set(keys.flatMap(({ publicKey }) => keyIdOf(publicKey)))];
}

/** A key that no signature can be made with (too short, of another kind) signs nothing: it is left out. */
function keyIdOf(pem: string): string[] {
  try {
    return [PublicKey.fromPem(pem, { label: 'public key' }).canonicalId];
  } catch (error) {
    if (error instanceof DctError) return [];
    throw error;
  }
}
