import { DctError } from '../../../src/error';
import { parseDocument, serialise } from '../../../src/notary/documents';
import { PrivateKey, type ReadOptions } from '../../../src/notary';
import type { FetchedTrust } from '../verify-files';
import { forge, metaOf, pair, type Plan, plan, rootDocument, rootPair, sign, tamper, targetsDocument } from '../forge';
import { type Answer, HostileServer } from './hostile-server';

let server: HostileServer;
beforeAll(async () => {
  server = await HostileServer.start();
});
afterAll(() => server.close());

const alice = pair();
const base = plan({ signers: { alice: [alice], releases: [alice] } });
const sound = forge(base);
const later = forge({ ...base, version: 4 });
const over = (bytes: Uint8Array | undefined): Buffer => Buffer.from(bytes ?? '');
const root = over(sound.roots[0]);
const [timestamp, snapshot, targets] = [over(sound.timestamp), over(sound.snapshot), over(sound.targets)];
const first = (p: Plan): string => p.targets[0]!.open.tufId;

interface Attack {
  readonly files?: FetchedTrust;
  readonly over?: Record<string, Answer>;
  readonly read?: ReadOptions;
}

/** Every one is refused to readers and to writers, and nothing is sent. */
const ATTACKS: [what: string, code: string, attack: () => Attack][] = [
  // dropped
  ['the timestamp is not there', 'missing_metadata', () => ({ over: { timestamp: undefined } })],
  ['the snapshot is not there', 'missing_metadata', () => ({ over: { snapshot: undefined } })],
  ['targets are not there', 'missing_metadata', () => ({ over: { targets: undefined } })],
  ['the root is not there, though all else is', 'missing_root', () => ({ over: { root: undefined } })],
  // in another's place
  ['a timestamp for the root', 'wrong_role_type', () => ({ over: { root: timestamp } })],
  ['the root for the timestamp', 'wrong_role_type', () => ({ over: { timestamp: root } })],
  ['targets for the snapshot', 'length_mismatch', () => ({ over: { snapshot: fill(targets, snapshot.length - 1) } })],
  ['a snapshot for targets', 'hash_mismatch', () => ({ over: { targets: fill(snapshot, targets.length) } })],
  // replayed, mixed and matched
  ['an old timestamp', 'version_rollback', () => ({ read: { rememberedVersions: { timestamp: 4 } } })],
  ['an old snapshot', 'version_rollback', () => ({ read: { rememberedVersions: { snapshot: 4 } } })],
  ['old targets', 'version_rollback', () => ({ read: { rememberedVersions: { targets: 4 } } })],
  ['an old root', 'version_rollback', () => ({ read: { rememberedVersions: { root: 4 } } })],
  ['an old delegation', 'version_rollback', () => ({ read: { rememberedVersions: { 'targets/alice': 4 } } })],
  [
    'a delegation that was seen and is listed no more',
    'version_rollback',
    () => ({ files: withoutFile('targets/alice'), read: { rememberedVersions: { 'targets/alice': 3 } } }),
  ],
  ['a new timestamp over an old snapshot', 'hash_mismatch', () => ({ over: { timestamp: over(later.timestamp) } })],
  ['a new snapshot under an old timestamp', 'hash_mismatch', () => ({ over: { snapshot: over(later.snapshot) } })],
  ['new targets under an old snapshot', 'hash_mismatch', () => ({ over: { targets: over(later.targets) } })],
  // frozen
  ['an expired timestamp', 'expired_metadata', () => ({ files: forge({ ...base, expires: new Date('2026-11-01') }) })],
  // lengths and hashes
  ['a byte more', 'too_large', () => ({ over: { targets: Buffer.concat([targets, Buffer.from(' ')]) } })],
  ['a byte less', 'length_mismatch', () => ({ over: { targets: targets.subarray(0, -1) } })],
  ['a wrong sha512 only', 'hash_mismatch', () => ({ files: listing({ targets }, 'sha512') })],
  ['no snapshot hash in the timestamp', 'malformed_document', () => ({ over: { timestamp: hashless() } })],
  // keys and signatures
  ['a root of nobody', 'threshold_not_met', () => ({ over: { root: sign(rootDocument(base), []) } })],
  ['a root by another key', 'threshold_not_met', () => ({ over: { root: sign(rootDocument(base), [rootPair()]) } })],
  ['a timestamp by another key', 'threshold_not_met', () => ({ files: forge(base, { timestamp: by(pair()) }) })],
  ['a timestamp changed after signing', 'bad_signature', () => ({ over: { timestamp: changed(timestamp) } })],
  [
    'targets by a signer',
    'threshold_not_met',
    () => ({ files: forge(base, { targets: sign(targetsDocument(base), [alice]) }) }),
  ],
  [
    'targets of nobody',
    'threshold_not_met',
    () => ({ files: forge(base, { targets: sign(targetsDocument(base), []) }) }),
  ],
  ['one key that signs twice for a threshold of two', 'threshold_not_met', () => ({ files: twice() })],
  ['one key under two IDs for a threshold of two', 'wrong_key_id', () => ({ files: twoIds() })],
  ['a key that lies about its ID', 'wrong_key_id', () => ({ files: lying() })],
  ['a threshold of zero', 'malformed_document', () => ({ files: forge(plan({ threshold: 0 })) })],
  ['a threshold above the number of keys', 'threshold_not_met', () => ({ files: forge(plan({ threshold: 2 })) })],
  // somebody else's
  ['a root of another GUN', 'wrong_gun', () => ({ files: forge(plan({ root: [rootPair('dtr.local/admin/other')] })) })],
  [
    'a GUN that only begins the same',
    'wrong_gun',
    () => ({ files: forge(plan({ root: [rootPair('dtr.local/admin/demo2')] })) }),
  ],
  ['a root key without certificate', 'weak_root_certificate', () => ({ files: forge(plan({ root: [pair()] })) })],
  [
    'an expired root certificate',
    'expired_root_certificate',
    () => ({ files: forge(plan({ root: [rootPair(undefined, new Date('2015-01-01'))] })) }),
  ],
];

describe('when a server gives out tampered trust data', () => {
  test.each(ATTACKS)('%s: %s', async (_what, code, make) => {
    const { files = sound, over: answers = {}, read = {} } = make();
    server.serve(files, answers);
    await expect(server.with((repository) => repository.read(read))).rejects.toMatchObject({ code });
    if (read.rememberedVersions !== undefined) return; // a writer's caller looks at the draft's versions itself
    const keys = base.targets.map(({ secret }) => secret);
    const change = server.with(
      (repository) => repository.change((draft) => draft.addSigner('eve', [PrivateKey.generate().publicKey])),
      { keys },
    );
    await expect(change).rejects.toHaveProperty('code');
    expect(server.publishes).toBe(0);
  });

  test('the same data untouched is read: what the attacks change is what is refused', async () => {
    server.serve(sound);
    const data = await server.with((repository) => repository.read());
    expect(data?.tags).toEqual(['v1']);
    expect(data?.signers.map(({ name }) => name)).toEqual(['alice']);
  });

  test.each<[string, string, Buffer]>([
    ['signed by another', 'threshold_not_met', sign(targetsDocument(base, { targets: base.tags }), [pair()])],
    ['signed by nobody', 'threshold_not_met', sign(targetsDocument(base, { targets: base.tags }), [])],
    ['expired', 'expired_metadata', sign(targetsDocument(base, { expires: '2026-11-01T00:00:00Z' }), [alice])],
    ['changed', 'bad_signature', changed(over(sound.delegations.get('targets/alice')))],
  ])('a delegation that is %s counts for nothing: %s', async (_what, code, bytes) => {
    server.serve(forge(base, { 'targets/alice': bytes, 'targets/releases': bytes }));
    const data = await server.with((repository) => repository.read());
    expect(data?.signer('alice')?.failure).toMatchObject({ code });
    expect([data?.tags, data?.signatures('v1'), data?.releasedTarget('v1')]).toEqual([[], [], undefined]);
  });

  // a writer may heal a root that is not the one listed, when it verifies and is not older than remembered (rule 11)
  test.each<[string, string, () => Attack]>([
    ['an old root over everything new', 'hash_mismatch', () => ({ files: later, over: { root } })],
    ['a snapshot that lists targets as the root', 'length_mismatch', () => ({ files: listing({ root: targets }) })],
  ])('%s is refused to readers: %s', async (_what, code, make) => {
    const { files = sound, over: answers = {} } = make();
    server.serve(files, answers);
    await expect(server.with((repository) => repository.read())).rejects.toMatchObject({ code });
  });

  test.each<[string, string, Answer]>([
    ['another of the same length', 'hash_mismatch', tamper(over(sound.delegations.get('targets/alice')), '422', '423')],
    ['a shorter one', 'length_mismatch', '{}'],
  ])('a delegation that is %s than the one listed is refused to readers: %s', async (_what, code, bytes) => {
    server.serve(sound, { 'targets/alice': bytes });
    const read = server.with((repository) => repository.read());
    await expect(read).rejects.toMatchObject({ code });
    await expect(read).rejects.toBeInstanceOf(DctError);
  });

  test('what was wrong once is not kept: the right file is asked for again', async () => {
    const wrong = tamper(over(sound.delegations.get('targets/alice')), '422', '423');
    server.serve(sound, { 'targets/alice': wrong });
    await server.with(async (repository) => {
      await repository.open();
      server.serve(sound);
      await expect(repository.read()).resolves.toMatchObject({ tags: ['v1'] });
    });
  });
});

const fill = (bytes: Buffer, length: number): Buffer => Buffer.alloc(length, bytes);

function changed(bytes: Buffer): Buffer {
  return tamper(bytes, '"expires":"2028', '"expires":"2029');
}

function by(who: ReturnType<typeof pair>): Buffer {
  return sign(parseDocument(timestamp, 'timestamp').signed, [who]);
}

/** A snapshot, signed well, that lists something else for a role. */
function listing(files: Record<string, Buffer>, onlyHash?: string): FetchedTrust {
  const { signed } = parseDocument(snapshot, 'snapshot');
  const meta = new Map(signed.meta);
  for (const [role, bytes] of Object.entries(files)) {
    const right = metaOf(bytes);
    const wrong = metaOf(Buffer.alloc(bytes.length));
    const hashes = new Map([...(right.hashes ?? []), [onlyHash ?? '', wrong.hashes?.get(onlyHash ?? '') ?? '']]);
    hashes.delete('');
    meta.set(role, { ...right, hashes });
  }
  return relisted(sign({ ...signed, meta }, base.snapshot));
}

function withoutFile(role: string): FetchedTrust {
  const { signed } = parseDocument(snapshot, 'snapshot');
  const meta = new Map([...signed.meta].filter(([name]) => name !== role));
  return relisted(sign({ ...signed, meta }, base.snapshot));
}

/** The sound files under another snapshot. */
function relisted(other: Buffer): FetchedTrust {
  const files = Object.fromEntries([...sound.delegations].map(([role, bytes]) => [role, over(bytes)]));
  return forge(base, { ...files, root, targets, snapshot: other });
}

function hashless(): Buffer {
  const { signed } = parseDocument(timestamp, 'timestamp');
  return sign({ ...signed, meta: new Map([['snapshot', { hashes: null, length: snapshot.length }]]) }, base.timestamp);
}

function twice(): FetchedTrust {
  const document = parseDocument(sign(targetsDocument(base), base.targets), 'targets');
  const doubled = serialise(document.signed, [...document.signatures, ...document.signatures]);
  return forge({ ...base, editRoot: withTargets([first(base)], 2) }, { targets: doubled });
}

function twoIds(): FetchedTrust {
  const alias = '0'.repeat(64);
  const roles = withTargets([first(base), alias], 2);
  const editRoot: Plan['editRoot'] = (r) => ({
    ...roles(r),
    keys: new Map([...r.keys, [alias, base.targets[0]!.open.toDocument()]]),
  });
  return forge({ ...base, editRoot });
}

function lying(): FetchedTrust {
  const editRoot: Plan['editRoot'] = (r) => ({
    ...r,
    keys: new Map([...r.keys, [first(base), pair().open.toDocument()]]),
  });
  return forge({ ...base, editRoot });
}

function withTargets(keyids: readonly string[], threshold: number): Plan['editRoot'] {
  return (r) => ({ ...r, roles: new Map([...r.roles, ['targets', { keyids, threshold }]]) });
}
