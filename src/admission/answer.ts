import type { ClusterFacts, RepositoryTrust } from './facts';
import { HUB, type ImageReference } from './image-reference';
import { allowedNames } from './open-questions';
import { answerOfPolicy } from './policy';
import { refusals } from './refusals';
import { openRules, rules } from './rules';
import { signedImage } from './signed-image';
import type { Answer, Assumptions, Reason, Rule } from './verdict';

const NAME_THE_TAG = 'name the tag as well: <repository>:<tag>@<digest>';

/**
 * What the cluster answers, in one reading of the documents. The order: policy off, repository allowed, registry registered,
 * trust data there, signatures enough.
 */
export function answer(
  reference: ImageReference,
  cluster: ClusterFacts,
  trust: RepositoryTrust,
  assumes: Assumptions,
): Answer {
  const { policy, name } = cluster;
  if (!policy.requireContentTrust) {
    return admitted(
      'not_enforced',
      rules.notEnforced,
      `${name} runs unsigned images too: require_content_trust is off`,
    );
  }
  const allowed = allowedNames(reference).find((each) => policy.allowRepositories.includes(each));
  if (allowed !== undefined && assumes.allowRepositories === 'heeded') {
    return admitted('allowed_repository', rules.allowedRepository, `${allowed} is in allow_repositories of ${name}`);
  }
  if (!cluster.registries.includes(reference.host)) return ofUnregistered(reference, cluster, assumes);
  if (cluster.unreadable.includes(reference.host)) return ofUnreadable(reference, cluster);
  if (trust === 'not_read') return ofUnread(reference, assumes, refusals.policyNotMet(reference));
  return ofTrust(reference, cluster, trust, assumes);
}

function ofUnregistered(reference: ImageReference, cluster: ClusterFacts, assumes: Assumptions): Answer {
  const { host, familiar } = reference;
  if (host !== HUB) {
    return {
      admitted: false,
      reason: 'registry_not_registered',
      refusal: refusals.notRegistered(reference),
      rule: rules.unregistered,
      explanation: `${host} is not registered in ${cluster.name}`,
      cure: `register ${host} in ${cluster.name} (dct_trusted_registry)`,
    };
  }
  if (cluster.policy.requireSignatureFrom.length === 0) {
    return ofUnread(reference, assumes, refusals.policyNotMet(reference));
  }
  return {
    admitted: false,
    reason: 'policy_not_met',
    refusal: refusals.policyNotMet(reference),
    rule: rules.hub,
    explanation: `${familiar} comes from Docker Hub, which is no registered registry of ${cluster.name}`,
    cure: `use a copy in a registered registry, signed there, or put ${reference.repository} into allow_repositories (MKE)`,
  };
}

function ofUnreadable(reference: ImageReference, { name }: ClusterFacts): Answer {
  const { host, familiar } = reference;
  return {
    admitted: false,
    reason: 'registry_unreadable',
    refusal: refusals.notSigned(reference),
    rule: rules.unreadable,
    explanation: `${name} cannot read the signatures of ${familiar}: the CA that ${host} is registered with is not the one its certificate is from`,
    cure: `give the registration of ${host} in ${name} the CA that its certificate is from (ca_bundle of dct_trusted_registry)`,
  };
}

/** Trust data nobody read here: it may hold the signatures or not. */
function ofUnread({ host, familiar, repository }: ImageReference, { trustData }: Assumptions, refusal: string): Answer {
  const explanation = `trust data of ${repository} is on ${host}, which was not asked: who signed ${familiar} is not known here`;
  const rule = openRules.trustData;
  if (trustData === 'as-required') return { ...admitted('trust_data_not_read', rule, explanation) };
  const cure = `see who signed it (docker trust inspect ${familiar}), or use a signed copy in the provider’s registry`;
  return { admitted: false, reason: 'trust_data_not_read', refusal, rule, explanation, cure };
}

function ofTrust(
  reference: ImageReference,
  cluster: ClusterFacts,
  trust: Exclude<RepositoryTrust, 'not_read'>,
  assumes: Assumptions,
): Answer {
  const { repository, familiar, tag } = reference;
  const image = signedImage(reference, trust);
  const unsigned = (rule: Rule, explanation: string, cure: string): Answer => {
    return { admitted: false, reason: 'not_signed', refusal: refusals.notSigned(reference), rule, explanation, cure };
  };
  if (trust === undefined) {
    const cure = `make trust data for it, a signer and a signed tag (dct_repository, dct_signer_delegation, dct_signed_tag)`;
    return unsigned(rules.notSigned, `${repository} has no trust data`, cure);
  }
  const sign = `sign ${tag === undefined ? 'that digest under a tag' : familiar} (dct_signed_tag, or docker trust sign)`;
  if (image.signatures.length === 0) {
    const others = tag === undefined ? 0 : (trust.get(tag)?.length ?? 0);
    if (others > 0) {
      const found = `${repository}:${tag ?? ''} is signed with another digest than ${reference.digest ?? ''}`;
      return unsigned(rules.otherDigest, found, 'sign that digest, or deploy the one that is signed');
    }
    const cure = tag === undefined ? `${sign}, and ${NAME_THE_TAG}` : sign;
    return unsigned(rules.notSigned, `${familiar} carries no valid signature`, cure);
  }
  if (tag === undefined && assumes.digestAlone === 'no-trust-data') {
    return unsigned(openRules.digestAlone, `${familiar} names a digest and no tag`, NAME_THE_TAG);
  }
  if (!image.isReleased && assumes.unreleased === 'no-trust-data') {
    const found = `${familiar} is signed in signers’ delegations, but that digest is not in targets/releases`;
    return unsigned(openRules.unreleased, found, `${sign}: that puts it into targets/releases too`);
  }
  return answerOfPolicy(reference, cluster, image, assumes);
}

function admitted(reason: Reason, rule: Rule, explanation: string): Answer {
  return { admitted: true, reason, refusal: undefined, rule, explanation, cure: undefined };
}
