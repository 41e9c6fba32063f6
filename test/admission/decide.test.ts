import { decide, parseImageReference, type ClusterFacts, type RepositoryTrust } from '../../src/admission';

const release = { organization: 'docker-datacenter', name: 'release', id: 'team-release' };
const qa = { organization: 'ci', name: 'qa', id: 'team-qa' };

const cluster: ClusterFacts = {
  name: 'cluster2',
  version: '3.2.5',
  registries: ['dtr.example.com'],
  unreadable: [],
  policy: { requireContentTrust: true, requireSignatureFrom: ['docker-datacenter/release'], allowRepositories: [] },
  users: [
    { name: 'anna', id: 'u1', keyIds: ['key-anna'], teams: [release] },
    { name: 'ben', id: 'u2', keyIds: ['key-ben'], teams: [qa] },
    { name: 'cleo', id: 'u3', keyIds: ['key-cleo'], teams: [release, qa] },
    { name: 'dora', id: 'u4', keyIds: ['key-dora'], teams: [] },
  ],
};

function signedBy(...keyIds: string[]): RepositoryTrust {
  const own = keyIds.map((id) => ({ role: `targets/${id}`, sha256: 'aa', keyIds: [id] }));
  return new Map([['1', [{ role: 'targets/releases', sha256: 'aa', keyIds }, ...own]]]);
}

function requiring(...requireSignatureFrom: string[]): ClusterFacts {
  return { ...cluster, policy: { ...cluster.policy, requireSignatureFrom } };
}

const image = 'dtr.example.com/admin/trustdemo:1';
const policyRefusal = `image did not meet required signing policy\n${image}: image did not meet required signing policy`;

describe('when a cluster runs only signed images', () => {
  it.each([
    ['the required team signed', cluster, signedBy('key-anna'), 'admitted', undefined],
    ['another cluster’s user signed', cluster, signedBy('key-stranger'), 'refused', policyRefusal],
    ['a user outside the team signed', cluster, signedBy('key-ben'), 'refused', policyRefusal],
    ['nobody signed', cluster, new Map(), 'refused', `image or trust data does not exist for ${image}`],
    [
      'the repository has no trust data',
      cluster,
      undefined,
      'refused',
      `image or trust data does not exist for ${image}`,
    ],
    [
      'the registry is not registered',
      { ...cluster, registries: [] },
      signedBy('key-anna'),
      'refused',
      'dtr.example.com must be a registered trusted registry',
    ],
    [
      'two teams are required and one signed',
      requiring('release', 'qa'),
      signedBy('key-anna'),
      'refused',
      policyRefusal,
    ],
    [
      'two teams are required and each signed',
      requiring('release', 'qa'),
      signedBy('key-anna', 'key-ben'),
      'admitted',
      undefined,
    ],
    [
      'two teams are required and one person is in both',
      requiring('release', 'qa'),
      signedBy('key-cleo'),
      'admitted',
      undefined,
    ],
    ['a team that does not exist is required', requiring('nobody'), signedBy('key-anna'), 'refused', policyRefusal],
    ['no team is required and a member of one signed', requiring(), signedBy('key-anna'), 'admitted', undefined],
    ['no team is required and a stranger signed', requiring(), signedBy('key-stranger'), 'undocumented', policyRefusal],
    [
      'no team is required and a user without team signed',
      requiring(),
      signedBy('key-dora'),
      'undocumented',
      policyRefusal,
    ],
    ['the team’s ID is required', requiring('team-release'), signedBy('key-anna'), 'admitted', undefined],
    [
      'enforcement is off',
      { ...cluster, policy: { ...cluster.policy, requireContentTrust: false } },
      undefined,
      'admitted',
      undefined,
    ],
    [
      'the repository is allowed',
      {
        ...cluster,
        version: '3.7.16',
        policy: { ...cluster.policy, allowRepositories: ['dtr.example.com/admin/trustdemo'] },
      },
      undefined,
      'admitted',
      undefined,
    ],
    [
      'UCP 3.0 requires a team outside docker-datacenter',
      { ...requiring('qa'), version: '3.0.4' },
      signedBy('key-ben'),
      'refused',
      policyRefusal,
    ],
  ] as const)('%s', (_, facts, trust, outcome, refusal) => {
    const verdict = decide(image, facts, trust);
    expect(verdict).toMatchObject({ outcome, refusal });
    expect(verdict.explanation).not.toBe('');
  });

  it('does not count targets/releases, nor another digest than the released one', () => {
    const releases = { role: 'targets/releases', sha256: 'aa', keyIds: ['key-anna'] };
    expect(decide(image, cluster, new Map([['1', [releases]]])).reason).toBe('policy_not_met');
    const stale = { role: 'targets/anna', sha256: 'bb', keyIds: ['key-anna'] };
    expect(decide(image, cluster, new Map([['1', [releases, stale]]])).reason).toBe('policy_not_met');
  });

  it('gives an image of the Hub the refusal of the policy', () => {
    expect(decide('httpd:latest', cluster, undefined).refusal).toBe(
      'image did not meet required signing policy\nhttpd:latest: image did not meet required signing policy',
    );
  });
});

describe('when an image reference is taken apart', () => {
  it.each([
    ['httpd', 'docker.io', 'docker.io/library/httpd', 'latest', undefined],
    ['team/app:2', 'docker.io', 'docker.io/team/app', '2', undefined],
    ['localhost:5000/a/b', 'localhost:5000', 'localhost:5000/a/b', 'latest', undefined],
    ['dtr.example.com:444/a/b:v1@sha256:ab', 'dtr.example.com:444', 'dtr.example.com:444/a/b', 'v1', 'sha256:ab'],
    ['dtr.example.com/a/b@sha256:ab', 'dtr.example.com', 'dtr.example.com/a/b', undefined, 'sha256:ab'],
  ])('%s', (reference, host, repository, tag, digest) => {
    expect(parseImageReference(reference)).toMatchObject({ host, repository, tag, digest });
  });
});
