import type { ClusterFacts, RepositoryTrust } from './facts';
import { HUB, type ImageReference } from './image-reference';
import { namesTeam, namesUser, OLD_ORGANIZATION, plausibleFormats, teamsOf } from './required';
import { signedImage } from './signed-image';
import type { Assumptions } from './verdict';

/** For each question the plausible answers for this image on this cluster; one answer: the documents settle it. */
export type Open = { readonly [Q in keyof Assumptions]: readonly Assumptions[Q][] };

/** What the documents leave open of this image on this cluster. */
export function openQuestions(reference: ImageReference, cluster: ClusterFacts, trust: RepositoryTrust): Open {
  const { policy, users } = cluster;
  const teamless = policy.requireSignatureFrom.length === 0;
  const unregisteredHub = reference.host === HUB && !cluster.registries.includes(HUB);
  const signed = trust === 'not_read' ? undefined : signedImage(reference, trust);
  return {
    noTeam: ['any-signature', 'any-ucp-user', 'team-member'],
    teamFormat: teamless ? ['any'] : plausibleFormats(cluster),
    teamsOf: organizations(cluster),
    userNames: policy.requireSignatureFrom.some((entry) => users.some((user) => namesUser(entry, user)))
      ? [false, true]
      : [false],
    unreleased: signed === undefined || signed.isReleased ? ['each-digest'] : ['each-digest', 'no-trust-data'],
    digestAlone: reference.tag === undefined ? ['any-tag', 'no-trust-data'] : ['any-tag'],
    allowRepositories: isSurelyHeeded(reference, cluster) ? ['heeded'] : ['heeded', 'ignored'],
    // With a team required the Hub's refusal was seen; without one its own signatures might be enough.
    trustData:
      trust === 'not_read' || (unregisteredHub && teamless) ? ['as-required', 'not-as-required'] : ['as-required'],
  };
}

/** Names that `allow_repos` may have for a repository; documented is the first, with its host. */
export function allowedNames({ host, repository }: ImageReference): string[] {
  if (host !== HUB) return [repository];
  const path = repository.slice(HUB.length + 1);
  return [repository, path, path.replace(/^library\//, '')];
}

const QUESTIONS: { readonly [Q in keyof Assumptions]: (value: Assumptions[Q]) => string } = {
  noTeam: (value) =>
    ({
      'any-signature': 'any signed image, regardless of signee',
      'any-ucp-user': 'signed by any user of this UCP',
      'team-member': 'signed by a member of a team of this UCP',
    })[value],
  teamFormat: (value) =>
    ({
      name: 'entries are names of teams',
      'org/name': 'entries are organization/team',
      id: 'entries are IDs of teams',
      any: 'entries name teams in any form',
    })[value],
  teamsOf: (value) =>
    value === 'any-organisation' ? 'teams of any organization count' : `only teams of ${OLD_ORGANIZATION} count`,
  userNames: (value) => (value ? 'entries may be users' : 'entries are teams only'),
  unreleased: (value) =>
    value === 'each-digest'
      ? 'what signers signed counts without targets/releases'
      : 'what is not in targets/releases is not signed',
  digestAlone: (value) =>
    value === 'any-tag' ? 'a digest is looked for under every tag' : 'a reference without tag has no trust data',
  allowRepositories: (value) =>
    value === 'heeded' ? 'the entry of allow_repos is heeded' : 'the entry of allow_repos is not heeded',
  trustData: (value) =>
    value === 'as-required' ? 'the image is signed as required' : 'the image is not signed as required',
};

/** A reading in words. */
export function nameOf(assumes: Partial<Assumptions>): string {
  const { noTeam, teamFormat, teamsOf: organisations, userNames, unreleased, digestAlone } = assumes;
  const { allowRepositories, trustData } = assumes;
  return [
    noTeam && QUESTIONS.noTeam(noTeam),
    teamFormat && QUESTIONS.teamFormat(teamFormat),
    organisations && QUESTIONS.teamsOf(organisations),
    userNames !== undefined && QUESTIONS.userNames(userNames),
    unreleased && QUESTIONS.unreleased(unreleased),
    digestAlone && QUESTIONS.digestAlone(digestAlone),
    allowRepositories && QUESTIONS.allowRepositories(allowRepositories),
    trustData && QUESTIONS.trustData(trustData),
  ]
    .filter((text) => typeof text === 'string')
    .join('; ');
}

/** Up to UCP 3.0 the limit is documented, from 3.1 on it is gone; a bare name of several teams may still mean the old one. */
function organizations(cluster: ClusterFacts): readonly Assumptions['teamsOf'][] {
  if (cluster.version === undefined) return ['any-organisation', 'docker-datacenter'];
  if (isBefore(cluster.version, 3, 1)) return ['docker-datacenter'];
  const teams = teamsOf(cluster);
  const isAmbiguous = cluster.policy.requireSignatureFrom.some((entry) => {
    const homes = new Set(teams.filter((team) => namesTeam(entry, team, 'name')).map((team) => team.organization));
    return homes.size > 1 && homes.has(OLD_ORGANIZATION);
  });
  return isAmbiguous ? ['any-organisation', 'docker-datacenter'] : ['any-organisation'];
}

/** `allow_repos` is MKE's, from 3.3 on, and its entries have a host. */
function isSurelyHeeded(reference: ImageReference, { policy, version }: ClusterFacts): boolean {
  const found = allowedNames(reference).some((name) => policy.allowRepositories.includes(name));
  if (!found) return true;
  return version !== undefined && !isBefore(version, 3, 3) && policy.allowRepositories.includes(reference.repository);
}

function isBefore(version: string, major: number, minor: number): boolean {
  const [ofMajor = 0, ofMinor = 0] = version.split('.').map(Number);
  return ofMajor < major || (ofMajor === major && ofMinor < minor);
}
