import { decide, parseImageReference, type ClusterFacts, type RepositoryTrust } from '../../src/admission';
import { cluster, DIGEST, qa, release, requiring, signature, signedBy, user } from './a-cluster';

const image = 'dtr.example.com/admin/trustdemo:1';
const policyRefusal = `image did not meet required signing policy\n${image}: image did not meet required signing policy`;

const released = (role: string, name: string): RepositoryTrust =>
  new Map([['1', [signature('targets/releases', name), signature(role, name)]]]);

describe('when a cluster runs only signed images', () => {
  it.each([
    ['the required team signed', cluster, signedBy('anna'), 'admitted', undefined],
    ['another cluster’s user signed', cluster, signedBy('stranger'), 'refused', policyRefusal],
    ['a user outside the team signed', cluster, signedBy('ben'), 'refused', policyRefusal],
    // Mapped by key, whatever the delegation is called.
    ['a member signed as somebody else', cluster, released('targets/ben', 'anna'), 'admitted', undefined],
    ['somebody else signed as a member', cluster, released('targets/anna', 'ben'), 'refused', policyRefusal],
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
      signedBy('anna'),
      'refused',
      'dtr.example.com must be a registered trusted registry',
    ],
    ['two teams are required and one signed', requiring('release', 'qa'), signedBy('anna'), 'refused', policyRefusal],
    [
      'two teams are required and each signed',
      requiring('release', 'qa'),
      signedBy('anna', 'ben'),
      'admitted',
      undefined,
    ],
    [
      'two teams are required and one person is in both',
      requiring('release', 'qa'),
      signedBy('cleo'),
      'admitted',
      undefined,
    ],
    ['a team that does not exist is required', requiring('nobody'), signedBy('anna'), 'refused', policyRefusal],
    ['no team is required and a member of one signed', requiring(), signedBy('anna'), 'admitted', undefined],
    ['no team is required and a stranger signed', requiring(), signedBy('stranger'), 'undocumented', policyRefusal],
    [
      'no team is required and a user without team signed',
      requiring(),
      signedBy('dora'),
      'undocumented',
      policyRefusal,
    ],
    ['the team’s ID is required', requiring('team-release'), signedBy('anna'), 'admitted', undefined],
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
      signedBy('ben'),
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

describe('when what a verdict says to do is done, the image is admitted whichever way the documents are taken', () => {
  const own = { ...release, name: 'dora-alone', id: 'team-dora' };
  const ofTwo = { ...requiring('release'), users: [user('anna', { ...qa, name: 'release' }), user('cleo', release)] };
  const ucp30 = (team: string): ClusterFacts => ({ ...requiring(team), version: '3.0.4' });
  const alone = `dtr.example.com/admin/trustdemo@sha256:${DIGEST}`;
  const byTeam = 'have a member of docker-datacenter/release sign';

  it.each<[string, string, Parameters<typeof decide>, Parameters<typeof decide>]>([
    [
      'no team is required, and nobody of the cluster signed',
      'have a member of a team of cluster2 sign',
      [image, requiring(), signedBy('stranger')],
      [image, requiring(), signedBy('stranger', 'anna')],
    ],
    [
      'a user is required, and another one signed',
      'make a team with dora in it, and require that; have dora sign',
      [image, requiring('dora'), signedBy('anna')],
      [image, { ...requiring('docker-datacenter/dora-alone'), users: [user('dora', own)] }, signedBy('dora')],
    ],
    ['the name is that of two teams', byTeam, [image, ofTwo, signedBy('anna')], [image, ofTwo, signedBy('cleo')]],
    [
      'UCP 3.0 requires a team outside docker-datacenter',
      'require a team of docker-datacenter in place of ci/qa, with the signers in it',
      [image, ucp30('ci/qa'), signedBy('cleo')],
      [image, ucp30('docker-datacenter/release'), signedBy('cleo')],
    ],
    [
      'a digest alone is named, and the team did not sign',
      byTeam,
      [alone, cluster, signedBy('ben')],
      [`${image}@sha256:${DIGEST}`, cluster, signedBy('ben', 'anna')],
    ],
    [
      'a digest alone is named, and the team did not sign: the tag',
      'name the tag as well: <repository>:<tag>@<digest>',
      [alone, cluster, signedBy('ben')],
      [`${image}@sha256:${DIGEST}`, cluster, signedBy('ben', 'anna')],
    ],
  ])('%s', (_, said, before, after) => {
    expect(decide(...before).cure).toContain(said);
    expect(decide(...before).outcome).not.toBe('admitted');
    expect(decide(...after).outcome).toBe('admitted');
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
