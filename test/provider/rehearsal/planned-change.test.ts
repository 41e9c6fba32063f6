import fc from 'fast-check';
import type { ClusterFacts, RepositoryTrust, TagSignature } from '../../../src/admission';
import { UNKNOWN } from '../../../src/plugin';
import {
  clusterThen,
  type PlannedChange,
  type TrustNow,
  trustThen,
} from '../../../src/provider/rehearsal/planned-change';

const facts: ClusterFacts = {
  name: 'one',
  version: '3.2.5',
  registries: ['dtr.test'],
  unreadable: [],
  policy: { requireContentTrust: false, requireSignatureFrom: [], allowRepositories: [] },
  users: [],
};
const strict = { requireContentTrust: true, requireSignatureFrom: ['org/team'], allowRepositories: [] };
const gun = 'dtr.test/admin/app';
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const by = (role: string, keyIds: string[], sha256 = A): TagSignature => ({ role: `targets/${role}`, sha256, keyIds });
const now: TrustNow = {
  signers: new Map([
    ['alice', ['ka']],
    ['bob', ['kb']],
  ]),
  tags: new Map([['v1', [by('alice', ['ka']), by('bob', ['kb']), by('releases', ['ka', 'kb'])]]]),
};
const atHand = new Set(['ka', 'kb', 'kc']);
const then = (...changes: PlannedChange[]) => trustThen(gun, now, changes, atHand);
const signed = (...changes: PlannedChange[]) => {
  const outlook = then(...changes);
  return { certain: outlook.certain, tags: Object.fromEntries(tagsOf(outlook.then)) };
};
const signature = { of: 'signature', stands: true, gun, signer: 'alice', tag: 'v1', sha256: A } as const;
const signer = { of: 'signer', stands: true, gun, signer: 'alice', keyIds: ['ka'] } as const;

describe('a cluster with what is planned', () => {
  test.each<[string, PlannedChange[], Partial<ClusterFacts>]>([
    [
      'without a registration',
      [{ of: 'registration', stands: false, cluster: 'one', hostAddress: 'dtr.test' }],
      { registries: [] },
    ],
    [
      'with a registration replaced by the same one',
      [
        { of: 'registration', stands: true, cluster: 'one', hostAddress: 'dtr.test' },
        { of: 'registration', stands: false, cluster: 'one', hostAddress: 'dtr.test' },
      ],
      {},
    ],
    ['of another cluster', [{ of: 'registration', stands: false, cluster: 'two', hostAddress: 'dtr.test' }], {}],
    ['with a policy', [{ of: 'policy', stands: true, cluster: 'one', policy: strict }], { policy: strict }],
    [
      'with a policy that replaces one that goes',
      [
        { of: 'policy', stands: true, cluster: 'one', policy: strict },
        { of: 'policy', stands: false, cluster: 'one', policy: facts.policy },
      ],
      { policy: strict },
    ],
  ])('%s', (_, changes, changed) => {
    expect(clusterThen(facts, changes)).toEqual({ then: { ...facts, ...changed }, certain: true });
  });

  test.each<[string, PlannedChange]>([
    ['a policy not known yet', { of: 'policy', stands: true, cluster: 'one', policy: UNKNOWN }],
    ['a registration not known yet', { of: 'registration', stands: true, cluster: 'one', hostAddress: UNKNOWN }],
    [
      'something in a cluster not known yet',
      { of: 'registration', stands: true, cluster: UNKNOWN, hostAddress: 'dtr.test' },
    ],
  ])('is uncertain with %s', (_, change) => {
    expect(clusterThen(facts, [change]).certain).toBe(false);
  });
});

describe('trust data with what is planned', () => {
  test.each<[string, PlannedChange[], readonly TagSignature[] | undefined]>([
    [
      'one of two signatures goes',
      [{ ...signature, stands: false }],
      [by('bob', ['kb']), by('releases', ['ka', 'kb'])],
    ],
    [
      'both go',
      [
        { ...signature, stands: false },
        { ...signature, stands: false, signer: 'bob' },
      ],
      [],
    ],
    [
      'one signer goes: what is released stays, but counts for nobody',
      [{ ...signer, stands: false }],
      [by('bob', ['kb']), by('releases', ['ka', 'kb'])],
    ],
    [
      'a signer gets one more key',
      [{ ...signer, keyIds: ['ka', 'kc'] }],
      [by('alice', ['ka']), by('bob', ['kb']), by('releases', ['ka', 'kb'])],
    ],
    [
      'a signer gets another key that is at hand',
      [{ ...signer, keyIds: ['kc'] }],
      [by('alice', ['kc']), by('bob', ['kb']), by('releases', ['ka', 'kb'])],
    ],
    [
      'a signer gets another key that is not',
      [{ ...signer, keyIds: ['far'] }],
      [by('bob', ['kb']), by('releases', ['ka', 'kb'])],
    ],
    [
      'a digest moves: the released one goes with it',
      [{ ...signature, sha256: B }],
      [by('bob', ['kb']), by('alice', ['ka'], B), by('releases', ['ka'], B)],
    ],
    ['all is deleted', [{ of: 'repository', stands: false, gun }], undefined],
    ['another repository changes', [{ ...signature, gun: 'dtr.test/admin/other', stands: false }], now.tags.get('v1')],
  ])('when %s', (_, changes, expected) => {
    expect(signed(...changes)).toEqual({ certain: true, tags: expected === undefined ? {} : { v1: expected } });
  });

  test('that is yet to be made, with a signer and a signature', () => {
    const changes: PlannedChange[] = [signature, signer, { of: 'repository', stands: true, gun }];
    expect(trustThen(gun, undefined, changes, atHand)).toEqual({
      then: new Map([['v1', [by('alice', ['ka']), by('releases', ['ka'])]]]),
      certain: true,
    });
  });

  test.each<[string, PlannedChange]>([
    ['a digest not known yet', { ...signature, sha256: UNKNOWN }],
    ['a signature by a key that is not at hand', { ...signature, signer: 'carol' }],
    ['keys not known yet', { ...signer, keyIds: UNKNOWN }],
    ['a repository not known yet', { ...signature, gun: UNKNOWN }],
    ['a tag not known yet', { ...signature, tag: UNKNOWN }],
    ['a signer not known yet', { ...signer, signer: UNKNOWN }],
  ])('is uncertain with %s', (_, change) => {
    expect(then(change).certain).toBe(false);
  });

  test('is the same in whatever order it is planned', () => {
    const changes: PlannedChange[] = [
      { ...signature, stands: false },
      { ...signature, tag: 'v2' },
      { ...signer, keyIds: ['kc'] },
      { ...signature, signer: 'bob', tag: 'v2' },
      { of: 'signer', stands: false, gun, signer: 'dave', keyIds: [] },
      { of: 'repository', stands: true, gun },
    ];
    const expected = sorted(then(...changes));
    fc.assert(
      fc.property(fc.shuffledSubarray(changes, { minLength: changes.length }), (shuffled) => {
        expect(sorted(then(...shuffled))).toEqual(expected);
      }),
    );
  });
});

/** Two that sign one tag may come in either order. */
function sorted({ then: trust, certain }: ReturnType<typeof then>) {
  const tags = [...tagsOf(trust)].map(([tag, all]) => [tag, all.map(({ role }) => role).sort()]);
  return { certain, tags: tags.sort() };
}

function tagsOf(trust: RepositoryTrust): ReadonlyMap<string, readonly TagSignature[]> {
  return trust === undefined || trust === 'not_read' ? new Map() : trust;
}
