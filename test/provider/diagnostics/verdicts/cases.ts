import { join } from 'node:path';
import type { ClusterFacts, RepositoryTrust, SigningPolicy } from '../../../../src/admission';
import { cluster, DIGEST, HOST, qa, release, requiring, signature, signedBy, user } from '../../../admission/a-cluster';

/** The stored texts of all verdicts, by the name of the case. */
export const VERDICTS = join(__dirname, 'verdicts.json');

/** What a cluster is asked to run, and all that it would decide from. */
export interface Case {
  readonly image: string;
  readonly cluster: ClusterFacts;
  readonly trust: RepositoryTrust;
}

const gun = `${HOST}/admin/trustdemo`;
const otherDigest = 'b'.repeat(64);

/** The tag 1, signed by anna, on a cluster that requires docker-datacenter/release, but for what is given. */
function given(changes: Partial<Case> = {}): Case {
  return { image: `${gun}:1`, cluster, trust: signedBy('anna'), ...changes };
}

function tagged(...signatures: ReturnType<typeof signature>[]): RepositoryTrust {
  return new Map([['1', signatures]]);
}

function withPolicy(policy: Partial<SigningPolicy>, version = '3.2.5'): ClusterFacts {
  return { ...cluster, version, policy: { ...cluster.policy, ...policy } };
}

/** Every way to be admitted. */
const admitted: Readonly<Record<string, Case>> = {
  'unsigned images are allowed': given({ cluster: withPolicy({ requireContentTrust: false }), trust: undefined }),
  'the repository is excepted': given({
    cluster: withPolicy({ allowRepositories: [gun] }, '3.7.16'),
    trust: undefined,
  }),
  'the required team signed': given(),
  'each of two required teams signed': given({ cluster: requiring('release', 'qa'), trust: signedBy('anna', 'ben') }),
  'no team required, a member of one signed': given({ cluster: requiring() }),
};

/** Every way to be refused, whichever way the documents are taken. */
const refused: Readonly<Record<string, Case>> = {
  'the registry is not registered': given({ cluster: { ...cluster, registries: [] } }),
  'the registry is registered with another CA': given({ cluster: { ...cluster, unreadable: [HOST] } }),
  'from Docker Hub, a team required': given({ image: 'httpd:2.4', trust: 'not_read' }),
  'the repository has no trust data': given({ trust: undefined }),
  'the tag is not signed': given({ trust: new Map() }),
  'the tag is signed with another digest': given({ image: `${gun}:1@sha256:${otherDigest}` }),
  'the digest is signed under no tag': given({ image: `${gun}@sha256:${otherDigest}` }),
  'a user outside the required team signed': given({ trust: signedBy('ben') }),
  'a key of no user signed': given({ trust: signedBy('stranger') }),
  'the repository key alone signed': given({ trust: tagged(signature('targets')) }),
  'one of two required teams signed': given({ cluster: requiring('release', 'qa') }),
  'neither of two required teams signed': given({
    ...{ cluster: requiring('docker-datacenter/release', 'ci/qa'), trust: signedBy('dora') },
  }),
  'released, but in no delegation of a signer': given({ trust: tagged(signature('targets/releases', 'anna')) }),
  'no team required, released, but in no delegation of a signer': given({
    ...{ cluster: requiring(), trust: tagged(signature('targets/releases', 'anna')) },
  }),
  'the required team signed another digest than the released one': given({
    trust: tagged(
      signature('targets/releases', 'ben', otherDigest),
      signature('targets/ben', 'ben', otherDigest),
      signature('targets/anna', 'anna'),
    ),
  }),
  'UCP 3.0 requires a team outside docker-datacenter': given({
    ...{ cluster: { ...requiring('ci/qa'), version: '3.0.4' }, trust: signedBy('ben') },
  }),
  'what is required is no team': given({ cluster: requiring('nobody') }),
  'a user is required, another one signed': given({ cluster: requiring('dora') }),
  'named by digest alone, a user outside the required team signed': given({
    ...{ image: `${gun}@sha256:${DIGEST}`, trust: signedBy('ben') },
  }),
};

const otherRelease = { ...release, organization: 'ci', id: 'team-ci-release' };
// No UCP has teams that are called so; but only there it matters which form is meant.
const threeOfOneName = [
  user('anna', { organization: 'docker-datacenter', name: 'ci/qa', id: 'team-of-that-name' }),
  user('ben', qa),
  user('cleo', { ...release, id: 'ci/qa' }),
];

/** Whatever the documents leave open. */
const undocumented: Readonly<Record<string, Case>> = {
  'no team required, a user without a team signed': given({ cluster: requiring(), trust: signedBy('dora') }),
  'no team required, a key of no user signed': given({ cluster: requiring(), trust: signedBy('stranger') }),
  'a user is required, and signed': given({ cluster: requiring('dora'), trust: signedBy('dora') }),
  'teams of two organizations have the required name': given({
    cluster: { ...requiring('release'), users: [user('anna', otherRelease), user('cleo', release)] },
  }),
  'the required entry may be a name, an organization/team or an ID': given({
    cluster: { ...requiring('ci/qa'), users: threeOfOneName },
  }),
  'it is not known which version the cluster has': given({
    ...{ cluster: { ...requiring('ci/qa'), version: undefined }, trust: signedBy('ben') },
  }),
  'the required team signed, but nothing is released': given({ trust: tagged(signature('targets/anna', 'anna')) }),
  'named by digest alone, signed': given({ image: `${gun}@sha256:${DIGEST}` }),
  'the repository is excepted on a UCP before MKE': given({
    ...{ cluster: withPolicy({ allowRepositories: [gun] }), trust: undefined },
  }),
  'a repository of Docker Hub is excepted without its host': given({
    ...{ image: 'httpd:2.4', cluster: withPolicy({ allowRepositories: ['httpd'] }, '3.7.16'), trust: 'not_read' },
  }),
  'from Docker Hub, no team required': given({ image: 'httpd:2.4', cluster: requiring(), trust: 'not_read' }),
  'from a registry other than the provider’s': given({
    image: 'registry.example.com/admin/other:1',
    cluster: { ...cluster, registries: [HOST, 'registry.example.com'] },
    trust: 'not_read',
  }),
};

export const cases = { admitted, refused, undocumented };
