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
      const keys = (await client.publicKeys(name)) ?? [];
      return {
        id,
        name,
        teams: teamsByUser.get(id) ?? [],
        keyIds: keys.flatMap(({ publicKey }) => keyIdOf(publicKey)),
      };
    }),
  );
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
