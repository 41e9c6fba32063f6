import fc from 'fast-check';
import { DctError } from '../../../src/error';
import { serialise, parseDocument, type Timestamp } from '../../../src/notary/documents';
import { type Expectations, versionsOf } from '../../../src/notary/verification';
import { type FetchedTrust, verifyChain } from '../verify-files';
import { failing, wordsOf } from '../failing';
import {
  GUN,
  NOW,
  type Plan,
  forge,
  metaOf,
  pair,
  plan,
  rootDocument,
  rootPair,
  sign,
  tamper,
  targetsDocument,
} from '../forge';
import { mutations } from '../mutations';
import { SAMPLE_GUN, SAMPLE_TIME, type SampleStep, sample } from '../samples';

const expected = (over: Partial<Expectations> = {}): Expectations => ({ gun: GUN, now: NOW, ...over });
const alice = pair();
const bob = pair();

function recorded(step: SampleStep): FetchedTrust {
  const files = new Map<string, Buffer>(sample(step).map(({ role, bytes }) => [role, bytes]));
  const { root, timestamp, snapshot, targets } = Object.fromEntries(files);
  return { roots: [root!], timestamp: timestamp!, snapshot: snapshot!, targets: targets!, delegations: files };
}

describe('when docker wrote the data', () => {
  it.each<[SampleStep, string[], string[]]>([
    ['after-signer-add-alice-rsa2048cert', ['targets/alice', 'targets/releases'], []],
    ['after-sign-v1', ['targets/alice', 'targets/releases', 'targets/bob'], ['v1']],
    ['after-revoke-v2', ['targets/alice', 'targets/releases', 'targets/bob'], ['v1']],
  ])('verifies %s', (step, roles, tags) => {
    const trust = verifyChain(recorded(step), expected({ gun: SAMPLE_GUN, now: SAMPLE_TIME }));
    expect([...trust.delegations.keys()]).toEqual(roles);
    const releases = trust.delegations.get('targets/releases');
    expect(releases?.failure).toBeUndefined();
    expect([...(releases?.document?.signed.targets?.keys() ?? [])]).toEqual(tags);
    expect(trust.rootKeys).toHaveLength(1);
    if (tags.length > 0) expect(releases?.document?.validKeyIds).toEqual([...(releases?.keys.keys() ?? [])]);
  });

  it('verifies what is left after the last signer was removed', () => {
    const trust = verifyChain(
      recorded('after-signer-remove-last'),
      expected({ gun: `${SAMPLE_GUN}2`, now: SAMPLE_TIME }),
    );
    expect(trust.delegations.has('targets/bob')).toBe(false);
  });

  it('remembers versions', () => {
    const trust = verifyChain(recorded('after-revoke-v2'), expected({ gun: SAMPLE_GUN, now: SAMPLE_TIME }));
    expect(versionsOf(trust)).toEqual({
      root: 1,
      timestamp: 6,
      snapshot: 6,
      targets: 3,
      'targets/alice': 3,
      'targets/bob': 3,
      'targets/releases': 3,
    });
    const older = () =>
      verifyChain(
        recorded('after-sign-v1'),
        expected({ gun: SAMPLE_GUN, now: SAMPLE_TIME, rememberedVersions: versionsOf(trust) }),
      );
    expect(failing(older)?.code).toBe('version_rollback');
  });
});

/** Each way to go wrong: what the server gives, what the reader expects, and the code and words of the refusal. */
const ATTACKS: [string, string, () => FetchedTrust, Partial<Expectations>, ...string[]][] = [
  [
    'a file of another repository',
    'wrong_gun',
    () => forge(plan({ root: [rootPair('dtr.local/admin/other')] })),
    {},
    'admin/other',
    'addresses of registry and Notary',
  ],
  [
    'a root key that is no certificate',
    'weak_root_certificate',
    () => forge(plan({ root: [pair()] })),
    {},
    'not a certificate',
  ],
  [
    'an expired root certificate',
    'expired_root_certificate',
    () => forge(plan({ root: [rootPair(GUN, new Date('2015-01-01T00:00:00Z'))] })),
    {},
    '2024-12-29',
  ],
  [
    'a root certificate of the future',
    'early_root_certificate',
    () => forge(plan({ root: [rootPair(GUN, new Date('2026-11-25T00:00:00Z'))] })),
    {},
    'only from',
  ],
  ['a root that no pin knows', 'unpinned_root', () => forge(plan()), { rootPins: ['00aa'] }, '00aa', 'chain from'],
  [
    'an unsigned root',
    'threshold_not_met',
    () => replace({ root: (p) => sign(rootDocument(p), []) }),
    {},
    '0 of 1',
    'root',
  ],
  [
    'a root signed by another key',
    'threshold_not_met',
    () => replace({ root: (p) => sign(rootDocument(p), [rootPair()]) }),
    {},
    'other keys',
  ],
  [
    'a changed root',
    'bad_signature',
    () => replace({ root: (p) => tamper(sign(rootDocument(p), p.root), '"version":3', '"version":4') }),
    {},
  ],
  ['no root', 'missing_metadata', () => ({ ...forge(plan()), roots: [] }), {}],
  [
    'an expired root',
    'expired_metadata',
    () => replace({ root: (p) => sign({ ...rootDocument(p), expires: '2026-11-23T11:59:59.999999999Z' }, p.root) }),
    {},
    'role root',
    '2026-11-23T11:59:59.999999999Z',
  ],
  [
    'a timestamp of another key',
    'threshold_not_met',
    () => {
      const p = plan();
      return { ...forge(p), timestamp: forge(plan({ ...p, timestamp: [pair()] })).timestamp };
    },
    {},
    'role timestamp',
  ],
  [
    'an expired timestamp',
    'expired_metadata',
    () => {
      const p = plan();
      return { ...forge(p), timestamp: forge({ ...p, expires: new Date('2026-11-01T00:00:00Z') }).timestamp };
    },
    {},
    'role timestamp',
    'clock',
  ],
  ['a snapshot of another state', 'hash_mismatch', () => mix('snapshot'), {}, 'role snapshot', 'timestamp'],
  ['targets of another state', 'hash_mismatch', () => mix('targets'), {}, 'role targets', 'snapshot'],
  [
    'a longer snapshot',
    'length_mismatch',
    () => {
      const t = forge(plan());
      return { ...t, snapshot: Buffer.concat([t.snapshot, Buffer.from(' ')]) };
    },
    {},
    'role snapshot',
  ],
  [
    'a shorter delegation',
    'length_mismatch',
    () => {
      const t = forge(plan({ signers: { alice: [alice] } }));
      return { ...t, delegations: new Map([['targets/alice', Buffer.from('{}')]]) };
    },
    {},
    'targets/alice',
  ],
  [
    'a snapshot that lists another root',
    'hash_mismatch',
    () => {
      const p = plan();
      return { ...forge(p), roots: [sign({ ...rootDocument(p), expires: '2028-01-01T00:00:01Z' }, p.root)] };
    },
    {},
    'role root',
  ],
  [
    'targets in place of the snapshot',
    'wrong_role_type',
    () => {
      const p = plan();
      const t = forge(p);
      return forge(p, { snapshot: Buffer.from(t.targets) });
    },
    {},
    'Snapshot',
  ],
  [
    'a targets file by another key',
    'threshold_not_met',
    () => replace({ targets: (p) => sign(targetsDocument(p), [pair()]) }),
    {},
    'role targets',
  ],
  [
    'an older timestamp',
    'version_rollback',
    () => forge(plan()),
    { rememberedVersions: { timestamp: 4 } },
    'role timestamp',
    'version 3',
    '4 was seen',
    'backup',
  ],
  ['an older root', 'version_rollback', () => forge(plan()), { rememberedVersions: { root: 4 } }, 'role root'],
  [
    'an older delegation',
    'version_rollback',
    () => forge(plan({ signers: { alice: [alice] } })),
    { rememberedVersions: { 'targets/alice': 4 } },
    'targets/alice',
  ],
  [
    'a delegation whose file is gone',
    'missing_metadata',
    () => ({ ...forge(plan({ signers: { alice: [alice] } })), delegations: new Map() }),
    {},
    'targets/alice',
  ],
  [
    'a malformed delegation',
    'malformed_document',
    () => forge(plan({ signers: { alice: [alice] } }), { 'targets/alice': Buffer.from('{') }),
    {},
    'targets/alice',
  ],
  ['one key under two IDs', 'wrong_key_id', () => doubled(), {}, 'filed as'],
  ['a threshold met by one key twice', 'threshold_not_met', () => twice(), {}, '1 of 2'],
];

describe('when a server gives something wrong', () => {
  it.each(ATTACKS)('refuses %s with %s', (_, code, make, over, ...words) => {
    const error = failing(() => verifyChain(make(), expected(over)));
    expect(error?.code).toBe(code);
    for (const word of [GUN, ...words]) expect(wordsOf(error)).toContain(word);
    expect(error?.cure).toBeDefined();
  });

  it('accepts nothing mutated other than in white space and letter case', () => {
    const p = plan({ signers: { alice: [alice], releases: [alice] } });
    const sound = forge(p);
    const files = ['root', 'timestamp', 'snapshot', 'targets', 'targets/alice'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...files), mutations, (role, mutate) => {
        const bytes =
          role === 'root' ? sound.roots[0]! : role === 'targets/alice' ? sound.delegations.get(role)! : sound[role];
        const mutated = mutate(Buffer.from(bytes));
        const fetched: FetchedTrust = {
          ...sound,
          ...(role === 'root'
            ? { roots: [mutated] }
            : role === 'targets/alice'
              ? { delegations: new Map([...sound.delegations, [role, mutated]]) }
              : { [role]: mutated }),
        };
        try {
          verifyChain(fetched, expected());
        } catch (error) {
          expect(error).toBeInstanceOf(DctError);
          return;
        }
        // Nothing hashes the timestamp; its signature covers all but how it is written.
        if (role !== 'timestamp') expect(mutated.equals(bytes)).toBe(true);
        else
          expect(parseDocument(mutated, 'timestamp').message.equals(parseDocument(bytes, 'timestamp').message)).toBe(
            true,
          );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('when a root certificate ends in a star', () => {
  it('stands for every GUN that begins so, as in docker', () => {
    const p = plan({ root: [rootPair('dtr.local/admin/*')] });
    expect(verifyChain(forge(p), expected()).root.signed.version).toBe(3);
    expect(failing(() => verifyChain(forge(p), expected({ gun: 'dtr.local/other/demo' })))?.code).toBe('wrong_gun');
  });
});

describe('when thresholds are above one', () => {
  it('counts different keys', () => {
    const two = {
      root: [rootPair(), rootPair()],
      targets: [pair(), pair()],
      snapshot: [pair(), pair()],
      timestamp: [pair(), pair()],
    };
    const trust = verifyChain(forge(plan({ ...two, threshold: 2, signers: { alice: [alice, bob] } })), expected());
    expect(trust.targets.validKeyIds).toHaveLength(2);
    expect(trust.delegations.get('targets/alice')?.document?.validKeyIds).toHaveLength(2);
  });
});

describe('when data has expired and is to be renewed', () => {
  it('is verified in everything else', () => {
    const p = plan({ expires: new Date('2026-11-01T00:00:00Z'), signers: { alice: [alice] } });
    const fresh = (files = forge(p)) => ({ ...files, timestamp: timestampOver(p, files.snapshot) });
    const trust = verifyChain(fresh(), expected({ allowExpired: true }));
    expect(trust.expired).toEqual(['root', 'snapshot', 'targets', 'targets/alice']);
    expect(trust.delegations.get('targets/alice')?.failure?.code).toBe('expired_metadata');
    const wrong = fresh(forge(p, { targets: sign(targetsDocument(p), [pair()]) }));
    expect(failing(() => verifyChain(wrong, expected({ allowExpired: true })))?.code).toBe('threshold_not_met');
  });

  it('wants a timestamp of today all the same, for nothing else shows that the rest is the newest', () => {
    const p = plan({ expires: new Date('2026-11-01T00:00:00Z') });
    const error = failing(() => verifyChain(forge(p), expected({ allowExpired: true })));
    expect([error?.code, error?.message]).toEqual(['expired_metadata', expect.stringContaining('timestamp')]);
  });
});

/** A timestamp that is good for years. */
function timestampOver(p: Plan, snapshot: Uint8Array): Buffer {
  const meta = new Map([['snapshot', metaOf(Buffer.from(snapshot))]]);
  const timestamp: Timestamp = { _type: 'Timestamp', expires: '2036-01-01T00:00:00Z', meta, version: p.version };
  return sign(timestamp, p.timestamp);
}

function replace(files: Readonly<Record<string, (p: Plan) => Buffer>>): FetchedTrust {
  const p = plan();
  return forge(p, Object.fromEntries(Object.entries(files).map(([role, make]) => [role, make(p)])));
}

/** One file of a state that is as sound and as long, but another one. */
function mix(role: 'snapshot' | 'targets'): FetchedTrust {
  const p = plan();
  return { ...forge(p), [role]: forge({ ...p, version: 4 })[role] };
}

function doubled(): FetchedTrust {
  const p = plan({ threshold: 1 });
  const [key] = p.targets;
  const alias = '0'.repeat(64);
  return forge({
    ...p,
    editRoot: (root) => ({
      ...root,
      keys: new Map([...root.keys, [alias, key!.open.toDocument()]]),
      roles: new Map([...root.roles, ['targets', { keyids: [key!.open.tufId, alias], threshold: 2 }]]),
    }),
  });
}

function twice(): FetchedTrust {
  const p = plan();
  const root = (r: ReturnType<typeof rootDocument>) => ({
    ...r,
    roles: new Map([...r.roles, ['targets', { keyids: [p.targets[0]!.open.tufId], threshold: 2 }]]),
  });
  const targets = parseDocument(sign(targetsDocument(p), p.targets), 'targets');
  return forge(
    { ...p, editRoot: root },
    { targets: serialise(targets.signed, [...targets.signatures, ...targets.signatures]) },
  );
}
