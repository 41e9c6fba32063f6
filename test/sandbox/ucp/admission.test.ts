import { type AdmissionInput, type ImageTrust, refusalOf } from '../../../src/sandbox/ucp/admission';
import { parseImage } from '../../../src/sandbox/ucp/image-reference';
import { type People, type PolicyReadings, usualReadings } from '../../../src/sandbox/ucp/signing-policy';

const [digestA, digestB] = ['a'.repeat(64), 'b'.repeat(64)] as const;
const release = { organisation: 'docker-datacenter', name: 'release', id: 'id-release' };
const qa = { organisation: 'docker-datacenter', name: 'qa', id: 'id-qa' };
const ci = { organisation: 'engineering', name: 'release', id: 'id-ci' };

const users: Readonly<Record<string, { id: string; name: string; teams: (typeof release)[] }>> = {
  'key-anna': { id: 'id-anna', name: 'anna', teams: [release, qa] },
  'key-ben': { id: 'id-ben', name: 'ben', teams: [release] },
  'key-cleo': { id: 'id-cleo', name: 'cleo', teams: [qa] },
  'key-dora': { id: 'id-dora', name: 'dora', teams: [] },
  'key-emil': { id: 'id-emil', name: 'emil', teams: [ci] },
};
const people: People = { usersWithKey: (id) => (users[id] === undefined ? [] : [users[id]]) };

/** Trust data in which each named user has signed digest A under a delegation of any name, and docker its releases. */
function signedBy(...names: string[]): ImageTrust {
  const keyIds = names.map((name) => `key-${name}`);
  return {
    released: digestA,
    signatures: [
      { role: 'targets/releases', digest: digestA, keyIds },
      ...names.map((name, index) => ({
        role: `targets/role${String(index)}`,
        digest: digestA,
        keyIds: [`key-${name}`],
      })),
    ],
  };
}

interface Case {
  readonly trust?: ImageTrust | undefined;
  readonly require?: readonly string[];
  readonly readings?: Partial<PolicyReadings>;
  readonly image?: string;
  readonly allow?: readonly string[];
  readonly enforce?: boolean;
}

async function outcome(given: Case): Promise<string> {
  const image = parseImage(given.image ?? 'dtr.example.com/admin/trustdemo:1')!;
  const input: AdmissionInput = {
    policy: {
      requireContentTrust: given.enforce ?? true,
      requireSignatureFrom: given.require ?? [],
      allowRepositories: given.allow,
    },
    registrations: [{ hostAddress: 'dtr.example.com', serviceID: '', caBundle: '', batchScanningDataEnabled: false }],
    people,
    readings: { ...usualReadings, ...given.readings },
    trustOf: () => Promise.resolve(given.trust),
  };
  return (await refusalOf(image, input))?.reason ?? 'admitted';
}

describe('when a policy names teams', () => {
  const teams = ['docker-datacenter/release', 'docker-datacenter/qa'];
  test.each<[string, Case, string]>([
    ['one person in all of them is enough', { trust: signedBy('anna'), require: teams }, 'admitted'],
    ['a person each is enough', { trust: signedBy('ben', 'cleo'), require: teams }, 'admitted'],
    ['one of two is not', { trust: signedBy('ben'), require: teams }, 'policy_not_met'],
    ['a key of no user here is not', { trust: signedBy('stranger'), require: teams }, 'policy_not_met'],
    ['a team nobody has is never met', { trust: signedBy('anna'), require: ['nobody'] }, 'policy_not_met'],
  ])('%s', async (_, given, wanted) => {
    expect(await outcome(given)).toBe(wanted);
  });

  test.each<[PolicyReadings['teamFormat'], string[]]>([
    ['name', ['release']],
    ['org/name', ['docker-datacenter/release']],
    ['id', ['id-release']],
    ['any', ['release', 'docker-datacenter/release', 'id-release']],
  ])('the reading %s takes %j only', async (teamFormat, taken) => {
    for (const entry of ['release', 'docker-datacenter/release', 'id-release']) {
      const wanted = taken.includes(entry) ? 'admitted' : 'policy_not_met';
      expect(await outcome({ trust: signedBy('ben'), require: [entry], readings: { teamFormat } })).toBe(wanted);
    }
  });

  test('teams of other organisations count only after UCP 3.0', async () => {
    const given = { trust: signedBy('emil'), require: ['release'] };
    expect(await outcome(given)).toBe('admitted');
    expect(await outcome({ ...given, readings: { teamsOf: 'docker-datacenter' } })).toBe('policy_not_met');
  });

  test('a user counts by name only where that is the reading', async () => {
    const given = { trust: signedBy('dora'), require: ['dora'] };
    expect(await outcome(given)).toBe('policy_not_met');
    expect(await outcome({ ...given, readings: { userNames: true } })).toBe('admitted');
    expect(await outcome({ ...given, require: ['id-dora'], readings: { userNames: true } })).toBe('admitted');
  });
});

describe('when a policy names no team', () => {
  test.each<[string, PolicyReadings['noTeam'], string]>([
    ['stranger', 'any-signature', 'admitted'],
    ['stranger', 'any-ucp-user', 'policy_not_met'],
    ['dora', 'any-ucp-user', 'admitted'],
    ['dora', 'team-member', 'policy_not_met'],
    ['cleo', 'team-member', 'admitted'],
  ])('a signature of %s under %s is %s', async (name, noTeam, wanted) => {
    expect(await outcome({ trust: signedBy(name), readings: { noTeam } })).toBe(wanted);
  });
});

test('the repository key’s signature is a signature where anybody’s will do', async () => {
  const trust = { released: digestA, signatures: [{ role: 'targets', digest: digestA, keyIds: ['key-repository'] }] };
  expect(await outcome({ trust, readings: { noTeam: 'any-signature' } })).toBe('admitted');
});

describe('when trust data is odd', () => {
  test.each<[string, ImageTrust | undefined, string]>([
    ['there is none', undefined, 'no_trust_data'],
    ['the tag is not signed', { released: undefined, signatures: [] }, 'no_trust_data'],
    [
      'only targets/releases has the tag',
      { released: digestA, signatures: [{ role: 'targets/releases', digest: digestA, keyIds: ['key-anna'] }] },
      'policy_not_met',
    ],
    [
      'only the repository key signed it',
      { released: digestA, signatures: [{ role: 'targets', digest: digestA, keyIds: ['key-anna'] }] },
      'policy_not_met',
    ],
    [
      'the delegation is two levels deep',
      { released: digestA, signatures: [{ role: 'targets/a/b', digest: digestA, keyIds: ['key-anna'] }] },
      'policy_not_met',
    ],
    [
      'the user signed another digest than the released one',
      {
        released: digestB,
        signatures: [
          { role: 'targets/releases', digest: digestB, keyIds: ['key-stranger'] },
          { role: 'targets/anna', digest: digestA, keyIds: ['key-anna'] },
        ],
      },
      'policy_not_met',
    ],
    [
      'the tag is in a delegation and nowhere else',
      { released: undefined, signatures: [{ role: 'targets/anna', digest: digestA, keyIds: ['key-anna'] }] },
      'admitted',
    ],
  ])('%s', async (_, trust, wanted) => {
    expect(await outcome({ trust })).toBe(wanted);
  });

  test('two teams that signed two digests do not add up', async () => {
    const signatures = [
      { role: 'targets/ben', digest: digestA, keyIds: ['key-ben'] },
      { role: 'targets/cleo', digest: digestB, keyIds: ['key-cleo'] },
    ];
    expect(await outcome({ trust: { released: undefined, signatures }, require: ['release', 'qa'] })).toBe(
      'policy_not_met',
    );
  });

  test('a digest that is asked for is the one that counts', async () => {
    const trust = signedBy('anna');
    expect(await outcome({ trust, image: `dtr.example.com/admin/trustdemo@sha256:${digestA}` })).toBe('admitted');
    expect(await outcome({ trust, image: `dtr.example.com/admin/trustdemo@sha256:${digestB}` })).toBe('policy_not_met');
  });
});

describe('when it comes to registries', () => {
  test.each<[string, Case, string]>([
    ['an unregistered one is refused', { image: 'other.example.com/a/b:1' }, 'unregistered_registry'],
    ['Docker Hub gets the policy’s refusal', { image: 'httpd' }, 'policy_not_met'],
    [
      'an excepted repository passes',
      { image: 'other.example.com/a/b:1', allow: ['other.example.com/a/b'] },
      'admitted',
    ],
    [
      'an exception names one repository',
      { image: 'other.example.com/a/bc', allow: ['other.example.com/a/b'] },
      'unregistered_registry',
    ],
    ['Hub may be excepted with its host', { image: 'mirantis/dtr', allow: ['docker.io/mirantis/dtr'] }, 'admitted'],
    ['nothing is refused while the policy is off', { image: 'other.example.com/a/b', enforce: false }, 'admitted'],
  ])('%s', async (_, given, wanted) => {
    expect(await outcome(given)).toBe(wanted);
  });
});
