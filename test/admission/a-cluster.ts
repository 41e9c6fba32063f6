import type { ClusterFacts, ClusterTeam, RepositoryTrust, TagSignature } from '../../src/admission';

export const HOST = 'dtr.example.com';
/** Hex of the digest that is signed. */
export const DIGEST = 'a'.repeat(64);

export const release: ClusterTeam = { organization: 'docker-datacenter', name: 'release', id: 'team-release' };
export const qa: ClusterTeam = { organization: 'ci', name: 'qa', id: 'team-qa' };

/** A UCP that requires a signature of docker-datacenter/release. Everybody's key is called after them. */
export const cluster: ClusterFacts = {
  name: 'cluster2',
  version: '3.2.5',
  registries: [HOST],
  unreadable: [],
  policy: { requireContentTrust: true, requireSignatureFrom: ['docker-datacenter/release'], allowRepositories: [] },
  users: [user('anna', release), user('ben', qa), user('cleo', release, qa), user('dora')],
};

export function user(name: string, ...teams: ClusterTeam[]): ClusterFacts['users'][number] {
  return { name, id: `id-${name}`, keyIds: [`key-${name}`], teams };
}

export function requiring(...requireSignatureFrom: string[]): ClusterFacts {
  return { ...cluster, policy: { ...cluster.policy, requireSignatureFrom } };
}

/** Signatures in delegations of their own and, as docker makes them, in targets/releases. */
export function signedBy(...names: string[]): RepositoryTrust {
  const own = names.map((name) => signature(`targets/${name}`, name));
  return new Map([['1', [{ ...signature('targets/releases'), keyIds: names.map(keyOf) }, ...own]]]);
}

/** One signature; of the repository key, which is nobody's, where no name is given. */
export function signature(role: string, name?: string, sha256 = DIGEST): TagSignature {
  return { role, sha256, keyIds: name === undefined ? [] : [keyOf(name)] };
}

function keyOf(name: string): string {
  return `key-${name}`;
}
