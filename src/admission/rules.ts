import type { Rule } from './verdict';

// Sources by their titles. UCP became MKE with 3.3; the pages kept their names.
const ONLY_SIGNED = 'UCP, “Run only the images you trust”';
const REMOTE = 'DTR, “Using Docker Content Trust with a remote UCP cluster”';
const CI = 'UCP 2.2, “Use trusted images for continuous integration”';

/** What the cluster does as far as the documents say. */
export const rules = {
  notEnforced: {
    text: 'Images are checked only with “Run only signed images” on (require_content_trust).',
    label: 'D',
    source: ONLY_SIGNED,
  },
  allowedRepository: {
    text: 'Repositories in allow_repos bypass the check. They are whole names; no wildcard is documented.',
    label: 'D',
    source: 'MKE, “MKE configuration options”',
  },
  unregistered: {
    text: 'An image of a registry that is not registered in this UCP is refused.',
    label: 'D',
    source: `${REMOTE}, example errors`,
  },
  unreadable: {
    text: 'A UCP reads trust data over TLS, with the CA of the registration: with another one it finds none.',
    label: 'I',
    source: `${REMOTE}: “ca_bundle”`,
  },
  hub: {
    text: 'An unsigned image of Docker Hub gets the refusal of the policy, not that of the registry.',
    label: 'C',
    source: 'Docker Enterprise lab on content trust: httpd:latest with a team required',
  },
  notSigned: {
    text: 'A tag without signing data is refused.',
    label: 'D',
    source: `${REMOTE}, example errors`,
  },
  otherDigest: {
    text: 'What is signed is a digest: another digest is not signed, whatever tag stands beside it.',
    label: 'I',
    source: `${ONLY_SIGNED}: images “haven’t been altered”`,
  },
  teams: {
    text:
      'A member of every required team has to have signed, or one person who is in all of them. Signatures are mapped to ' +
      'users of this UCP by key, in delegations of their own right under targets: targets/releases does not count.',
    label: 'D',
    source: `${ONLY_SIGNED}; ${CI}`,
  },
  canonicalDigest: {
    text:
      'targets/releases is the canonical list of published images: a signature of another digest than it has is none of ' +
      'the image that would run.',
    label: 'D',
    source: CI,
  },
  oldTeams: {
    text: 'Up to UCP 3.0 a required team has to be in the organization docker-datacenter.',
    label: 'D',
    source: 'UCP 3.0, “Run only the images you trust”',
  },
  noTeam: {
    text: 'Without a required team a signature is enough; targets/releases alone is none that counts.',
    label: 'D',
    source: `${ONLY_SIGNED}; UCP 2.1, content trust, “Administration tasks”`,
  },
} as const satisfies Record<string, Rule>;

/** What no document settles. */
export const openRules = {
  noTeam: {
    text:
      'What a policy without teams asks for: any signature (“it doesn’t matter who signed the image”), one of “any UCP ' +
      'user” with keys in a delegation, or one of “members of one or more teams in UCP”.',
    label: 'U',
    source: `the documents disagree: ${ONLY_SIGNED} (2.1 on, MKE); UCP 2.0 content trust; UCP, “CheckImageSigning”`,
  },
  teamFormat: {
    text: 'How require_signature_from names a team: by name, as organization/team or by ID.',
    label: 'U',
    source: 'no document; the example of UCP 2.2 has ["team1", "team2"]',
  },
  teamsOf: {
    text: 'Whether teams outside docker-datacenter count: not up to UCP 3.0, from 3.1 on the pages drop the limit.',
    label: 'U',
    source: `${ONLY_SIGNED}, 3.0 against 3.1 and MKE`,
  },
  userNames: {
    text: 'Whether require_signature_from may name a user: “users or teams”, against “all signing policy is team based”.',
    label: 'U',
    source: `the documents disagree: “UCP configuration file”; ${CI}`,
  },
  unreleased: {
    text: 'Whether a signature counts whose digest is in neither targets/releases nor targets, where docker finds nothing.',
    label: 'U',
    source: 'no document',
  },
  digestAlone: {
    text: 'What becomes of an image that is named by a digest and no tag.',
    label: 'U',
    source: 'no document',
  },
  allowRepositories: {
    text: 'Whether a UCP before 3.3 (MKE) heeds allow_repos, and any UCP an entry that leaves out docker.io.',
    label: 'U',
    source: 'no document; MKE’s options have it, with whole names, the UCP 3.2 API has not',
  },
  trustData: {
    text: 'It depends on trust data that was not read here.',
    label: 'U',
    source: 'only the trust data of the provider’s registry is read',
  },
} as const satisfies Record<string, Rule>;
