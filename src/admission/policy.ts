import type { ClusterFacts, ClusterUser, TagSignature } from './facts';
import type { ImageReference } from './image-reference';
import { refusals } from './refusals';
import { asksFor, namesTeam, namesUser, OLD_ORGANIZATION, teamsOf, unmet } from './required';
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
  const missing = unmet(required, signers, assumes);
  const isEnough = required.length === 0 ? isEnoughWithoutTeam(asked, signers) : missing.length === 0;
  const explanation = `${reference.familiar} is signed ${whoSigned(cluster, signatures)}; ${cluster.name} requires ${
    required.join(' and ') || 'no team'
  }`;
  if (isEnough) {
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
    cure: curesOf(asked, missing, signers).join('; '),
  };
}

/** Users with a key that signed in a delegation of its own: signatures are mapped by key, whatever the role's name (A2.4). */
function signersOf(cluster: ClusterFacts, signatures: readonly TagSignature[]): ClusterUser[] {
  const keyIds = new Set(signatures.filter(({ role }) => isSignerRole(role)).flatMap((signature) => signature.keyIds));
  return cluster.users.filter((user) => user.keyIds.some((id) => keyIds.has(id)));
}

function isEnoughWithoutTeam({ assumes, signatures }: Asked, signers: readonly ClusterUser[]): boolean {
  switch (assumes.noTeam) {
    case 'any-signature':
      return signatures.some(isCounted);
    case 'any-ucp-user':
      return signers.length > 0;
    case 'team-member':
      return signers.some(({ teams }) => teams.length > 0);
  }
}

/** Whether a signature may count at all: anybody signs `targets/releases`. */
function isCounted({ role }: TagSignature): boolean {
  return role === 'targets' || isSignerRole(role);
}

function ruleOf({ cluster, assumes }: Asked, missing: readonly string[]): Rule {
  if (cluster.policy.requireSignatureFrom.length === 0) {
    return assumes.noTeam === 'any-signature' ? rules.noTeam : openRules.noTeam;
  }
  return missing.some((entry) => isOutsideOld(entry, cluster, assumes)) ? rules.oldTeams : rules.teams;
}

/** Without a required team a member of any is enough, whichever way the documents are taken. */
function curesOf(asked: Asked, missing: readonly string[], signers: readonly ClusterUser[]): string[] {
  const { cluster } = asked;
  if (cluster.policy.requireSignatureFrom.length === 0) {
    return [signatureOf(`a member of a team of ${cluster.name}`, asked)];
  }
  return [...new Set(missing.map((entry) => cureOf(asked, entry, signers)))];
}

function cureOf(asked: Asked, entry: string, signers: readonly ClusterUser[]): string {
  const { cluster, assumes } = asked;
  if (isOutsideOld(entry, cluster, assumes)) {
    return `require a team of ${OLD_ORGANIZATION} in place of ${entry}, with the signers in it: up to UCP 3.0 only those count`;
  }
  const teams = teamsOf(cluster).filter((team) => asksFor(entry, team, assumes));
  if (teams.length > 0) {
    const names = new Set(teams.map(({ organization, name }) => `${organization}/${name}`));
    return signatureOf(`a member of ${[...names].join(' or ')}`, asked);
  }
  const user = cluster.users.find((each) => namesUser(entry, each));
  if (user === undefined) return `correct require_signature_from: ${entry} is no team with members in ${cluster.name}`;
  const team = `make a team with ${user.name} in it, and require that`;
  return signers.includes(user) ? team : `${team}; ${signatureOf(user.name, asked)}`;
}

function signatureOf(whom: string, { reference, cluster }: Asked): string {
  return (
    `have ${whom} sign ${reference.familiar} with a key of their account in ${cluster.name}, in a delegation of their own ` +
    '(dct_signer_delegation, dct_signed_tag)'
  );
}

/** Whether the entry names teams that only the limit of UCP 3.0 and older keeps from counting. */
function isOutsideOld(entry: string, cluster: ClusterFacts, assumes: Assumptions): boolean {
  const named = teamsOf(cluster).filter((team) => namesTeam(entry, team, assumes.teamFormat));
  return named.length > 0 && !named.some((team) => asksFor(entry, team, assumes));
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
  const where = [...new Set(said)].join(', ');
  return signatures.some(isCounted) ? where : `${where}, where no signature counts`;
}
