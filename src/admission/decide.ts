import type { ClusterFacts, ClusterTeam, ClusterUser, RepositoryTrust, TagSignature } from './facts';
import { parseImageReference, type ImageReference } from './image-reference';

export type Outcome = 'admitted' | 'refused' | 'undocumented';

export type Reason =
  | 'not_enforced'
  | 'allowed_repository'
  | 'signed_as_required'
  | 'registry_not_registered'
  | 'not_signed'
  | 'policy_not_met'
  | 'digest_only'
  | 'readings_differ';

export interface Verdict {
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** What the UCP would answer; undefined unless refused. */
  readonly refusal: string | undefined;
  /** The rule, its source in the vendor's documents, and what to change. */
  readonly explanation: string;
  /** Where the documents are silent or disagree: each plausible reading and what it gives. */
  readonly readings: readonly Reading[];
}

export interface Reading {
  readonly name: string;
  readonly admitted: boolean;
}

/** Whether the cluster would run the image, by the rules that the vendor documents (ucp-dtr.md, A2). */
export function decide(image: string, cluster: ClusterFacts, trust: RepositoryTrust): Verdict {
  const reference = parseImageReference(image);
  const { policy } = cluster;
  if (!policy.requireContentTrust) {
    return admitted('not_enforced', `${cluster.name} runs unsigned images too (require_content_trust is off)`);
  }
  if (policy.allowRepositories.includes(reference.repository)) {
    return admitted('allowed_repository', `${reference.repository} is in allow_repositories of ${cluster.name}`);
  }
  if (!cluster.registries.includes(reference.host)) return refuseRegistry(reference, cluster);
  if (reference.tag === undefined) {
    return {
      outcome: 'undocumented',
      reason: 'digest_only',
      refusal: undefined,
      explanation: `${image} names a digest and no tag; what UCP does then is in none of its documents`,
      readings: [],
    };
  }
  const signatures = trust?.get(reference.tag) ?? [];
  if (signatures.length === 0) {
    return refused(
      'not_signed',
      `image or trust data does not exist for ${reference.familiar}`,
      trust === undefined
        ? `${reference.repository} has no trust data: declare a dct_repository for it, a signer and a signed tag`
        : `tag ${reference.tag} of ${reference.repository} carries no valid signature: sign it (dct_signed_tag, docker trust sign)`,
    );
  }
  return byPolicy(reference, cluster, signatures);
}

function refuseRegistry(reference: ImageReference, cluster: ClusterFacts): Verdict {
  if (reference.host === 'docker.io') {
    // Observed: an unsigned image of the Hub gets the policy's refusal, not the registry's (ucp-dtr.md, table of refusals).
    return refused(
      'policy_not_met',
      policyRefusal(reference),
      `${reference.familiar} comes from Docker Hub, which is no trusted registry of ${cluster.name}: use a signed copy in a registered one`,
    );
  }
  return refused(
    'registry_not_registered',
    `${reference.host} must be a registered trusted registry. See 'docker run --help'.`,
    `register ${reference.host} in ${cluster.name} (dct_trusted_registry)`,
  );
}

function byPolicy(reference: ImageReference, cluster: ClusterFacts, signatures: readonly TagSignature[]): Verdict {
  const signers = signersOf(cluster, signatures);
  const readings =
    cluster.policy.requireSignatureFrom.length === 0
      ? readingsWithoutTeam(signers)
      : readingsOfRequired(cluster, signers);
  const yes = readings.filter((reading) => reading.admitted).length;
  const who = signers.length === 0 ? 'no user of this cluster' : signers.map((user) => user.name).join(', ');
  const required = cluster.policy.requireSignatureFrom.join(' and ') || 'anyone';
  if (yes === readings.length) {
    return { ...admitted('signed_as_required', `signed by ${who}; ${cluster.name} requires ${required}`), readings };
  }
  if (yes === 0) {
    const explanation =
      `signed by ${who}, but ${cluster.name} requires a signature from ${required}, by a key on an account of this very ` +
      `cluster, in a delegation of its own (targets/releases does not count): sign with such a key, or change the policy`;
    return { ...refused('policy_not_met', policyRefusal(reference), explanation), readings };
  }
  const explanation =
    `signed by ${who}; ${cluster.name} requires ${required}. The vendor's documents disagree on what that means: ` +
    readings.map((reading) => `${reading.name}: ${reading.admitted ? 'admitted' : 'refused'}`).join('; ');
  return { outcome: 'undocumented', reason: 'readings_differ', refusal: undefined, explanation, readings };
}

/** Users whose key signed the tag in a delegation of their own: `targets/releases` and `targets` are not trusted for a policy (A2.3). */
function signersOf(cluster: ClusterFacts, signatures: readonly TagSignature[]): readonly ClusterUser[] {
  const released = signatures.find((signature) => signature.role === 'targets/releases')?.sha256;
  const keyIds = new Set(
    signatures
      .filter(({ role }) => /^targets\/[^/]+$/.test(role) && role !== 'targets/releases')
      .filter(({ sha256 }) => released === undefined || sha256 === released)
      .flatMap((signature) => signature.keyIds),
  );
  return cluster.users.filter((user) => user.keyIds.some((id) => keyIds.has(id)));
}

/** No team chosen: UCP 2.0, 2.1 and 3.x documents say three different things (A2.1). */
function readingsWithoutTeam(signers: readonly ClusterUser[]): Reading[] {
  return [
    { name: 'any signed image, regardless of signee', admitted: true },
    { name: 'signed by any user of this UCP', admitted: signers.length > 0 },
    { name: 'signed by a member of a team of this UCP', admitted: signers.some((user) => user.teams.length > 0) },
  ];
}

/** Several teams are AND, and one person in all of them is enough (A2.2); the form of the entries is undocumented (A2.11). */
function readingsOfRequired(cluster: ClusterFacts, signers: readonly ClusterUser[]): Reading[] {
  const forms: readonly [string, (entry: string, user: ClusterUser) => boolean][] = [
    ['entries are team names', (entry, user) => teamsOf(cluster, user).some((team) => team.name === entry)],
    [
      'entries are organization/team',
      (entry, user) => teamsOf(cluster, user).some((team) => `${team.organization}/${team.name}` === entry),
    ],
    ['entries are team IDs', (entry, user) => teamsOf(cluster, user).some((team) => team.id === entry)],
    ['entries are users', (entry, user) => user.name === entry || user.id === entry],
  ];
  const meant = forms.filter(([, matches]) =>
    cluster.policy.requireSignatureFrom.every((entry) => cluster.users.some((user) => matches(entry, user))),
  );
  // An entry that fits nobody in any form can be met by nobody.
  const plausible = meant.length > 0 ? meant : forms;
  return plausible.map(([name, matches]) => ({
    name,
    admitted: cluster.policy.requireSignatureFrom.every((entry) => signers.some((user) => matches(entry, user))),
  }));
}

/** Up to UCP 3.0 only teams of the organization `docker-datacenter` can satisfy a policy (A2.6). */
function teamsOf(cluster: ClusterFacts, user: ClusterUser): readonly ClusterTeam[] {
  const [major = 0, minor = 0] = (cluster.version ?? '').split('.').map(Number);
  const old = cluster.version !== undefined && (major < 3 || (major === 3 && minor === 0));
  return old ? user.teams.filter((team) => team.organization === 'docker-datacenter') : user.teams;
}

function policyRefusal(reference: ImageReference): string {
  return `${reference.familiar}: image did not meet required signing policy`;
}

function admitted(reason: Reason, explanation: string): Verdict {
  return { outcome: 'admitted', reason, refusal: undefined, explanation, readings: [] };
}

function refused(reason: Reason, refusal: string, explanation: string): Verdict {
  return { outcome: 'refused', reason, refusal, explanation, readings: [] };
}
