import type { ClusterFacts, ClusterUser, TagSignature } from './facts';
import type { ImageReference } from './image-reference';
import { refusals } from './refusals';
import { namesTeam, namesUser, OLD_ORGANIZATION, teamsOf, unmet } from './required';
import { openRules, rules } from './rules';
import { isSignerRole, type SignedImage } from './signed-image';
import type { Answer, Assumptions, Rule } from './verdict';

/** Whether the signatures of an image are enough for the policy. A tag that is not released may stand for several digests. */
export function answerOfPolicy(
  reference: ImageReference,
  cluster: ClusterFacts,
  image: SignedImage,
  assumes: Assumptions,
): Answer {
  const digests = image.digest === undefined ? image.signatures.map(({ sha256 }) => sha256) : [image.digest];
  const answers = [...new Set(digests)].map((digest) => {
    const signatures = image.signatures.filter(({ sha256 }) => sha256 === digest);
    const others = image.signatures.filter(({ sha256 }) => sha256 !== digest);
    return answerOf({ reference, cluster, assumes, signatures, others });
  });
  return (
    answers.find((each) => each.admitted) ??
    answers[0] ??
    answerOf({ reference, cluster, assumes, signatures: [], others: [] })
  );
}

interface Asked {
  readonly reference: ImageReference;
  readonly cluster: ClusterFacts;
  readonly assumes: Assumptions;
  /** Of the digest in question. */
  readonly signatures: readonly TagSignature[];
  /** Of other digests of the same tag. */
  readonly others: readonly TagSignature[];
}

function answerOf(asked: Asked): Answer {
  const { reference, cluster, assumes, signatures, others } = asked;
  const signers = signersOf(cluster, signatures);
  const { requireSignatureFrom: required } = cluster.policy;
  const missing = required.length === 0 ? missingWithoutTeam(asked, signers) : unmet(required, signers, assumes);
  const explanation = `${reference.familiar} is signed ${whoSigned(cluster, signatures)}; ${cluster.name} requires ${
    required.join(' and ') || 'no team'
  }`;
  if (missing.length === 0) {
    const rule = required.length === 0 ? rules.noTeam : rules.teams;
    return { admitted: true, reason: 'signed_as_required', refusal: undefined, rule, explanation, cure: undefined };
  }
  const disagree = signersOf(cluster, others).some((user) => !signers.includes(user));
  return {
    admitted: false,
    reason: 'policy_not_met',
    refusal: refusals.policyNotMet(reference),
    rule: disagree ? rules.canonicalDigest : ruleOf(asked, missing),
    explanation: disagree ? `${explanation}; another digest is signed ${whoSigned(cluster, others)}` : explanation,
    cure: [...new Set(missing.map((entry) => cureOf(asked, entry)))].join('; '),
  };
}

/** Users with a key that signed in a delegation of its own: signatures are mapped by key, whatever the role's name (A2.4). */
function signersOf(cluster: ClusterFacts, signatures: readonly TagSignature[]): ClusterUser[] {
  const keyIds = new Set(signatures.filter(({ role }) => isSignerRole(role)).flatMap((signature) => signature.keyIds));
  return cluster.users.filter((user) => user.keyIds.some((id) => keyIds.has(id)));
}

/** Who would have to sign where no team is required; nobody when it is enough. */
function missingWithoutTeam({ cluster, assumes, signatures }: Asked, signers: readonly ClusterUser[]): string[] {
  switch (assumes.noTeam) {
    case 'any-signature':
      return signatures.some(({ role }) => role === 'targets' || isSignerRole(role)) ? [] : ['any signer'];
    case 'any-ucp-user':
      return signers.length > 0 ? [] : [`a user of ${cluster.name}`];
    case 'team-member':
      return signers.some(({ teams }) => teams.length > 0) ? [] : [`a member of a team of ${cluster.name}`];
  }
}

function ruleOf({ cluster, assumes }: Asked, missing: readonly string[]): Rule {
  if (cluster.policy.requireSignatureFrom.length === 0) {
    return assumes.noTeam === 'any-signature' ? rules.noTeam : openRules.noTeam;
  }
  return missing.some((entry) => isOutsideOld(cluster, entry, assumes)) ? rules.oldTeams : rules.teams;
}

function cureOf({ reference, cluster, assumes }: Asked, entry: string): string {
  const { policy, name, users } = cluster;
  const key = `with a key of their account in ${name}, in a delegation of their own (dct_signer_delegation, dct_signed_tag)`;
  if (policy.requireSignatureFrom.length === 0) return `have ${entry} sign ${reference.familiar} ${key}`;
  if (isOutsideOld(cluster, entry, assumes)) {
    return `${entry} is outside ${OLD_ORGANIZATION}, where this UCP looks for teams: require a team in there, with the signers in it`;
  }
  if (!teamsOf(cluster).some((team) => namesTeam(entry, team, 'any'))) {
    if (!users.some((user) => namesUser(entry, user))) {
      return `correct require_signature_from: ${entry} is no team with members in ${name}`;
    }
    if (!assumes.userNames) return `make a team with ${entry} in it, and require that`;
  }
  return `have a member of ${entry} sign ${reference.familiar} ${key}`;
}

/** Whether the entry is a team that only the limit of UCP 3.0 and older keeps from counting. */
function isOutsideOld(cluster: ClusterFacts, entry: string, assumes: Assumptions): boolean {
  const named = teamsOf(cluster).filter((team) => namesTeam(entry, team, assumes.teamFormat));
  return (
    assumes.teamsOf === 'docker-datacenter' &&
    named.length > 0 &&
    named.every(({ organization }) => organization !== OLD_ORGANIZATION)
  );
}

/** `by anna (targets/anna), by no user of cluster2 (targets/x), in targets/releases` */
function whoSigned(cluster: ClusterFacts, signatures: readonly TagSignature[]): string {
  const signersFirst = [...signatures].sort((a, b) => Number(isSignerRole(b.role)) - Number(isSignerRole(a.role)));
  const said = signersFirst.map(({ role, keyIds }) => {
    if (!isSignerRole(role)) return role === 'targets' ? 'with the repository key' : `in ${role}`;
    const names = cluster.users
      .filter((user) => user.keyIds.some((id) => keyIds.includes(id)))
      .map((user) => user.name);
    return `by ${names.join(' and ') || `no user of ${cluster.name}`} (${role})`;
  });
  return [...new Set(said)].join(', ');
}
