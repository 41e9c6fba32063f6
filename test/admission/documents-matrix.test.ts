import fc from 'fast-check';
import { type Assumptions, decide, type ClusterFacts, type RepositoryTrust, type Verdict } from '../../src/admission';
import { type ImageTrust, refusalOf } from '../../src/sandbox/ucp/admission';
import { type ImageReference, parseImage } from '../../src/sandbox/ucp/image-reference';
import type { PolicyReadings, SigningUser } from '../../src/sandbox/ucp/signing-policy';

// The provider's admission against the sandbox's, which shares no code with it and is set to every reading in turn.

const HOST = 'dtr.example.com';
const REPOSITORY = `${HOST}/admin/trustdemo`;
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as const;

const team = (organization: string, name: string, id = `id-${organization}-${name}`) => ({ organization, name, id });
const release = team('docker-datacenter', 'release');
const qa = team('ci', 'qa');
const otherRelease = team('ci', 'release');
// Each one's ID is the other one's name.
const [odd, even] = [team('docker-datacenter', 'odd', 'even'), team('docker-datacenter', 'even', 'odd')];
const members = {
  anna: [release],
  ben: [qa],
  cleo: [release, qa],
  dora: [],
  emil: [otherRelease],
  fred: [odd],
  gina: [even],
  // A user who is called as a team is.
  qa: [],
};
const users = Object.entries(members).map(([name, teams]) => ({
  name,
  id: `id-${name}`,
  keyIds: [`key-${name}`],
  teams,
}));

/** What is required, and how the entries can be meant: by hand, since it is what both sides are compared in. */
const policies: readonly { readonly require: readonly string[]; readonly formats: PolicyReadings['teamFormat'][] }[] = [
  { require: [], formats: ['name', 'any'] },
  { require: ['docker-datacenter/release'], formats: ['org/name'] },
  { require: ['release'], formats: ['name'] },
  { require: ['id-docker-datacenter-release'], formats: ['id'] },
  { require: ['ci/qa'], formats: ['org/name'] },
  { require: ['ci/release'], formats: ['org/name'] },
  { require: ['docker-datacenter/release', 'ci/qa'], formats: ['org/name'] },
  { require: ['id-docker-datacenter-release', 'id-ci-qa'], formats: ['id'] },
  { require: ['docker-datacenter/release', 'id-ci-qa'], formats: ['any'] },
  { require: ['qa'], formats: ['name'] },
  { require: ['release', 'qa'], formats: ['name'] },
  { require: ['odd'], formats: ['name', 'id', 'any'] },
  { require: ['odd', 'even'], formats: ['name', 'id', 'any'] },
  { require: ['dora'], formats: ['name', 'org/name', 'id', 'any'] },
  { require: ['id-anna', 'ci/qa'], formats: ['org/name'] },
  { require: ['nobody'], formats: ['name', 'org/name', 'id', 'any'] },
  { require: ['ci/qa', 'nobody'], formats: ['org/name'] },
];

const roles = [
  'targets',
  'targets/releases',
  'targets/stranger',
  'targets/anna/laptop',
  ...users.map(({ name }) => `targets/${name}`),
];
const keyOf = (role: string): string => `key-${role.split('/')[1] ?? 'repository'}`;
/** By role, the digest of a tag. */
type Signed = Readonly<Record<string, string>>;

interface Case {
  readonly image: string;
  readonly enforced: boolean;
  readonly registered: boolean;
  readonly version: string | undefined;
  readonly allow: readonly string[];
  readonly policy: (typeof policies)[number];
  /** By tag; undefined: no trust data. */
  readonly signed: Readonly<Record<string, Signed>> | undefined;
}

const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const signers = fc.oneof(
  { weight: 4, arbitrary: fc.subarray(roles, { maxLength: 5 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<string[]>([], ['targets'], ['targets/releases'], ['targets', 'targets/releases']),
  },
);
const signed = fc
  .record({
    by: signers,
    others: mostly<readonly string[]>([], roles.slice(2), ['targets/anna', 'targets/ben'], ['targets/releases']),
  })
  .map(({ by, others }): Signed => Object.fromEntries(by.map((role) => [role, others.includes(role) ? B : A])));
const cases: fc.Arbitrary<Case> = fc.record({
  image: mostly(
    `${REPOSITORY}:1`,
    REPOSITORY,
    `${REPOSITORY}:1@sha256:${A}`,
    `${REPOSITORY}:1@sha256:${B}`,
    `${REPOSITORY}@sha256:${A}`,
    `${REPOSITORY}@sha256:${B}`,
    `${HOST}/admin/other:1`,
    'other.example.com:444/a/b',
    'httpd',
    'docker.io/mirantis/dtr:2.9.0',
  ),
  enforced: mostly(true, false),
  registered: mostly(true, false),
  version: fc.constantFrom('3.2.8', '3.7.16', '3.0.4', '2.2.4', undefined),
  allow: mostly<readonly string[]>(
    [],
    [REPOSITORY],
    ['httpd', 'mirantis/dtr'],
    ['docker.io/mirantis/dtr', `${REPOSITORY}x`],
  ),
  // A policy without teams is the one that the documents disagree most on.
  policy: fc.oneof(fc.constantFrom(...policies), fc.constantFrom(...policies), fc.constant(policies[0]!)),
  signed: fc.oneof(
    { weight: 12, arbitrary: fc.record({ '1': signed, latest: signed }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
});

function factsOf({ enforced, registered, version, allow, policy }: Case): ClusterFacts {
  return {
    name: 'cluster2',
    version,
    registries: registered ? [HOST] : [],
    unreadable: [],
    policy: { requireContentTrust: enforced, requireSignatureFrom: policy.require, allowRepositories: allow },
    users,
  };
}

function trustOf({ image, signed: tags }: Case): RepositoryTrust {
  if (tags === undefined || !image.startsWith(REPOSITORY)) return undefined;
  return new Map(
    Object.entries(tags).map(([tag, by]) => [
      tag,
      // The repository key is nobody's, whatever its ID.
      Object.entries(by).map(([role, sha256]) => ({ role, sha256, keyIds: role === 'targets' ? [] : [keyOf(role)] })),
    ]),
  );
}

/** What the sandbox's reader would find: only signatures of the digest that is asked for. */
function read(image: ImageReference, tags: Case['signed']): ImageTrust | undefined {
  if (tags === undefined || `${image.host}/${image.repository}` !== REPOSITORY) return undefined;
  const wanted = image.digest?.slice('sha256:'.length);
  const listed = image.tag === undefined ? Object.values(tags) : [tags[image.tag] ?? {}];
  const released = listed.map((by) => by['targets/releases'] ?? by['targets']);
  return {
    released: image.tag === undefined ? released.find((digest) => digest === wanted) : released[0],
    signatures: listed
      .flatMap((by) => Object.entries(by))
      .filter(([, digest]) => wanted === undefined || digest === wanted)
      .map(([role, digest]) => ({ role, digest, keyIds: [keyOf(role)] })),
  };
}

const isUpTo30 = (version: string): boolean => /^(2\.|3\.0\.)/.test(version);
const isMke = (version: string | undefined): boolean => version === '3.7.16';

/** Every setting of the sandbox that is within the documents for this case. */
function settings({ version, policy, allow, image }: Case): PolicyReadings[] {
  // Both from 3.1 on only where a bare name is that of several teams.
  const ambiguous = policy.require.includes('release');
  const teamsOf: PolicyReadings['teamsOf'][] = [
    ...(version === undefined || !isUpTo30(version) ? ['any-organisation' as const] : []),
    ...(version === undefined || isUpTo30(version) || ambiguous ? ['docker-datacenter' as const] : []),
  ];
  const withHost = parseImage(image)!;
  const sure = isMke(version) && allow.includes(`${withHost.host}/${withHost.repository}`);
  const [noTeam, userNames] = [['any-signature', 'any-ucp-user', 'team-member'] as const, [false, true]];
  const [unreleased, digestAlone] = [['each-digest', 'no-trust-data'] as const, ['any-tag', 'no-trust-data'] as const];
  const allowRepositories = sure ? (['heeded'] as const) : (['heeded', 'ignored'] as const);
  let all: Partial<PolicyReadings>[] = [{}];
  const vary = (values: Readonly<Partial<Record<keyof PolicyReadings, readonly unknown[]>>>): void => {
    for (const [question, answers] of Object.entries(values))
      all = all.flatMap((each) => answers.map((value) => ({ ...each, [question]: value })));
  };
  vary({ noTeam, teamFormat: policy.formats, teamsOf, userNames, unreleased, digestAlone, allowRepositories });
  return all as PolicyReadings[];
}

async function sandboxSays(given: Case, readings: PolicyReadings): Promise<string> {
  const people = {
    usersWithKey: (id: string): SigningUser[] =>
      users
        .filter(({ keyIds }) => keyIds.includes(id))
        .map((user) => ({ ...user, teams: user.teams.map((each) => ({ ...each, organisation: each.organization })) })),
  };
  const { policy, registries } = factsOf(given);
  const refusal = await refusalOf(parseImage(given.image)!, {
    policy,
    registrations: registries.map((hostAddress) => ({
      hostAddress,
      serviceID: '',
      caBundle: '',
      batchScanningDataEnabled: false,
    })),
    people,
    readings,
    trustOf: (image) => Promise.resolve(read(image, given.signed)),
  });
  return refusal?.message ?? 'admitted';
}

/** What a verdict says in one setting: its outcome, or the one reading that is that setting. */
function verdictSays(verdict: Verdict, setting: PolicyReadings): string {
  if (verdict.readings.length === 0) return verdict.outcome === 'admitted' ? 'admitted' : (verdict.refusal ?? '');
  // The sandbox's trust data is what was read, and its Docker Hub signs nothing.
  const world: Assumptions = { ...setting, trustData: 'not-as-required' };
  const found = verdict.readings.filter(({ assumes }) =>
    (Object.keys(assumes) as (keyof Assumptions)[]).every((question) => assumes[question] === world[question]),
  );
  const [reading, another] = found;
  if (reading === undefined || another !== undefined) return `${found.length} readings`;
  return reading.admitted ? 'admitted' : (reading.refusal ?? '');
}

describe('when policies meet signatures in every reading', () => {
  const combinations = new Set<string>();
  const outcomes = { admitted: 0, refused: 0, undocumented: 0 };
  let settled = 0;

  it('says what the sandbox does, set to each of them', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const verdict = decide(given.image, factsOf(given), trustOf(given));
        outcomes[verdict.outcome] += 1;
        combinations.add(JSON.stringify(given));
        for (const setting of settings(given)) {
          settled += 1;
          const said = await sandboxSays(given, setting);
          const agrees =
            verdictSays(verdict, setting) === said &&
            (verdict.outcome === 'undocumented' || (said === 'admitted') === (verdict.outcome === 'admitted'));
          // `expect` for each of so many would take minutes.
          if (!agrees) expect({ verdict, setting, said }).toBe('in agreement');
        }
        expect(verdict.readings.some(({ admitted }) => admitted)).toBe(
          verdict.outcome === 'undocumented' || (verdict.outcome === 'admitted' && verdict.readings.length > 0),
        );
      }),
      { seed: 20, numRuns: 1500 },
    );
  });

  it('was asked enough, of each kind', () => {
    expect(combinations.size).toBeGreaterThan(1000);
    expect(settled).toBeGreaterThan(20_000);
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(100);
  });

  it('gives a rule with its label, and what to change wherever it does not admit', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { outcome, rule, cure, explanation, refusal, readings } = decide(
          given.image,
          factsOf(given),
          trustOf(given),
        );
        expect(rule.text.length * rule.source.length * explanation.length).toBeGreaterThan(0);
        expect([rule.label, cure === undefined, refusal === undefined]).toEqual([
          outcome === 'undocumented' ? 'U' : expect.stringMatching(/^[DCIU]$/),
          outcome === 'admitted',
          outcome === 'admitted',
        ]);
        expect(new Set(readings.map(({ name }) => name)).size).toBe(readings.length);
        expect(readings.every(({ name }) => name !== '')).toBe(true);
      }),
      { seed: 21, numRuns: 1000 },
    );
  });
});
