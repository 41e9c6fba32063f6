import { canonical, exact, inDays, type Json, keyObject, makeKey, type Signed } from '../../contract/handmade';
import { delegations, type HandmadeRepository } from '../../contract/repository';
import type { WireReply } from '../../contract/wire';

/** What a client sees of a publish: the reply, and whether the snapshot's hash leads to the file. */
export type Outcome = readonly unknown[];
export type Scenario = (repository: HandmadeRepository) => Promise<Outcome>;

const alice = makeKey();
const target = (more: Readonly<Record<string, Json>> = {}): Json => ({
  hashes: { sha256: Buffer.alloc(32, 7).toString('base64') },
  length: 422,
  ...more,
});
const fraction = (text: string): string => inDays(100).replace(/(\.\d+)?Z$/, text);

/** Publishes a second targets file and follows the hashes to it. */
const targets =
  (change: Signed, write?: (signed: Signed, signatures: Json) => string): Scenario =>
  async (repository) => {
    const reply = await repository.publish({
      targets: repository.targets(2, { change, ...(write === undefined ? {} : { write }) }),
    });
    const hash = await repository.hashInForce('targets');
    const byHash = await repository.get(`targets.${hash ?? ''}.json`);
    const direct = await repository.get('targets.json');
    return [reply.status, reply.body, byHash.status, byHash.body, direct.status, direct.body];
  };

const replies =
  (...documents: ((repository: HandmadeRepository) => Record<string, string>)[]): Scenario =>
  async (repository) => {
    const outcomes: unknown[] = [];
    for (const make of documents) {
      const { status, body } = await repository.publish(make(repository));
      outcomes.push(status, body);
    }
    return outcomes;
  };

/** Status and body of one reply. */
const plain = ({ status, body }: WireReply): Outcome => [status, body];

const gets =
  (...paths: string[]): Scenario =>
  async (repository) => {
    const outcomes: unknown[] = [];
    for (const path of paths) {
      const { status, body } = await repository.get(path);
      outcomes.push(status, status === 200 ? 'a file' : body);
    }
    return outcomes;
  };

const withAlice = (more: Signed = {}): Signed => ({ delegations: delegations({ alice }), ...more });
const aliceFile = (r: HandmadeRepository, version: number, change: Signed = {}): string =>
  r.targets(version, { keys: [alice], change });
const reordered = (signed: Signed, signatures: Json): string =>
  `{"signatures":${JSON.stringify(signatures)},"signed":${canonical(signed)}}`;

export const scenarios: readonly (readonly [string, Scenario])[] = [
  ['a fraction .12', targets({ expires: fraction('.12Z') })],
  ['a fraction .120', targets({ expires: fraction('.120Z') })],
  ['a fraction .000', targets({ expires: fraction('.000Z') })],
  ['nine digits', targets({ expires: fraction('.123456789Z') })],
  ['+00:00', targets({ expires: fraction('+00:00') })],
  ['+02:00', targets({ expires: fraction('+02:00') })],
  ['a time without zone', targets({ expires: '2030-01-01T00:00:00' })],
  ['a date only', targets({ expires: '2030-01-01' })],
  ['an empty time', targets({ expires: '' })],
  ['a time null', targets({ expires: null })],
  ['trailing newline', targets({}, (signed, signatures) => `${exact(signed, signatures)}\n`)],
  ['trailing garbage', targets({}, (signed, signatures) => `${exact(signed, signatures)} x`)],
  ['pretty print', targets({}, (signed, signatures) => JSON.stringify({ signed, signatures }, null, 2))],
  ['signatures first', targets({}, reordered)],
  ['unsorted signed', targets({}, (signed, signatures) => JSON.stringify({ signed, signatures }))],
  ['unknown field', targets({ extra: 1 })],
  ['unknown outer field', targets({}, (s, g) => exact(s, g).replace(/\}$/, ',"x":1}'))],
  ['no delegations', async (r) => [(await r.publish({ targets: r.targets(2, { leaveOut: 'delegations' }) })).status]],
  ['delegations null', targets({ delegations: null })],
  ['delegation keys null', targets({ delegations: { keys: null, roles: [] } })],
  ['delegation roles null', targets({ delegations: { keys: {}, roles: null } })],
  ['targets null', targets({ targets: null })],
  ['hashes null', targets({ targets: { a: { hashes: null, length: 1 } } })],
  ['hash null', targets({ targets: { a: { hashes: { sha256: null }, length: 1 } } })],
  [
    'HTML characters escaped',
    targets({ targets: { '<a&b>\u2028': target() } }, (s, g) =>
      exact(s, g).replace(/[<>&\u2028]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ),
  ],
  ['HTML characters raw', targets({ targets: { '<a&b>': target() } })],
  ['U+2028 raw', targets({ targets: { 'a\u2028b': target() } })],
  ['raw UTF-8 name', targets({ targets: { 'Söhne 😀': target() } })],
  ['quotes and backslashes', targets({ targets: { 'a"b\\c': target() } })],
  ['a control character', targets({ targets: { 'a\tb': target() } })],
  [
    'custom in any order',
    targets({ targets: { a: target({ custom: { b: 1, a: [true, null] } }) } }, (s, g) =>
      exact(s, g).replace('{"a":[true,null],"b":1}', '{"b":1,"a":[true,null]}'),
    ),
  ],
  [
    'custom with spaces',
    targets({ targets: { a: target({ custom: { b: 1 } }) } }, (s, g) => exact(s, g).replace('{"b":1}', '{ "b" : 1 }')),
  ],
  ['custom null', targets({ targets: { a: target({ custom: null }) } })],
  ['custom a string with <', targets({ targets: { a: target({ custom: 'x<y' }) } })],
  ['a length beyond 2^53', targets({ targets: { a: target({ length: 9007199254740992 }) } })],
  ['a length of a million', targets({ targets: { a: target({ length: 1000000 }) } })],
  ['a length with a fraction', targets({ targets: { a: target({ length: 1.5 }) } })],
  ['a length beyond 2^63', targets({ targets: { a: target({ length: 1e20 }) } })],
  ['a length as text', targets({ targets: { a: target({ length: '1' }) } })],
  ['an unpadded hash', targets({ targets: { a: { hashes: { sha256: 'YQ' }, length: 1 } } })],
  ['version as text', targets({ version: '2' })],
  ['version with a fraction', targets({ version: 2.5 })],
  ['version 0', targets({ version: 0 })],
  ['version -1', targets({ version: -1 })],
  ['_type in another case', targets({ _type: 'targets' })],
  ['a name in another case', targets({}, (s, g) => exact(s, g).replace('"expires"', '"Expires"'))],
  ['a field twice', targets({}, (s, g) => exact(s, g).replace('"version":2', '"version":9,"version":2'))],
  ['signed null', targets({}, () => '{"signed":null,"signatures":[]}')],
  ['an array', targets({}, () => '[]')],
  ['a string', targets({}, () => '"x"')],
  ['an empty file', targets({}, () => '')],
  ['cut JSON', targets({}, (s, g) => exact(s, g).slice(0, -5))],
  ['an unpadded signature', targets({}, (s, g) => exact(s, g).replaceAll('=', ''))],
  ['signatures null', targets({}, (s) => exact(s, null))],
  [
    'a signature method in capitals',
    targets({}, (s, g) =>
      exact(s, g).replaceAll('"ecdsa"}', '"ECDSA"}').replaceAll('"method":"ecdsa"', '"method":"ECDSA"'),
    ),
  ],
  ['a signature method unknown', targets({}, (s, g) => exact(s, g).replaceAll('"method":"ecdsa"', '"method":"rot13"'))],
  [
    'keyids empty',
    targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'targets/a', paths: [''], threshold: 1 }] } }),
  ],
  [
    'keyids null',
    targets({ delegations: { keys: {}, roles: [{ keyids: null, name: 'targets/a', paths: [''], threshold: 1 }] } }),
  ],
  ['paths absent', targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'targets/a', threshold: 1 }] } })],
  [
    'paths null',
    targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'targets/a', paths: null, threshold: 1 }] } }),
  ],
  [
    'paths empty',
    targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'targets/a', paths: [], threshold: 1 }] } }),
  ],
  [
    'threshold 0',
    targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'targets/a', paths: [''], threshold: 0 }] } }),
  ],
  [
    'threshold 2 with one key',
    targets({
      delegations: {
        keys: { [alice.id]: alice.object },
        roles: [{ keyids: [alice.id], name: 'targets/a', paths: [''], threshold: 2 }],
      },
    }),
  ],
  [
    'a key ID without key',
    targets({ delegations: { keys: {}, roles: [{ keyids: ['ff'], name: 'targets/a', paths: [''], threshold: 1 }] } }),
  ],
  [
    'a key under another ID',
    targets({
      delegations: {
        keys: { ff: alice.object },
        roles: [{ keyids: ['ff'], name: 'targets/a', paths: [''], threshold: 1 }],
      },
    }),
  ],
  [
    'a role name in capitals',
    targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'targets/A', paths: [''], threshold: 1 }] } }),
  ],
  [
    'a role name outside targets',
    targets({ delegations: { keys: {}, roles: [{ keyids: [], name: 'a', paths: [''], threshold: 1 }] } }),
  ],
  [
    'a key without private',
    targets({ delegations: { keys: { ff: { keytype: 'ecdsa', keyval: { public: 'AAAA' } } }, roles: [] } }),
  ],
  [
    'a key with private',
    targets({
      delegations: { keys: { ff: { keytype: 'ecdsa', keyval: { private: 'AAAA', public: 'AAAA' } } }, roles: [] },
    }),
  ],
  ['a key of unknown type', targets({ delegations: { keys: { ff: keyObject('rot13', 'AAAA') }, roles: [] } })],
  ['a key null', targets({ delegations: { keys: { ff: null }, roles: [] } })],
  [
    'extra field in a key',
    targets({
      delegations: { keys: { ff: { keytype: 'ecdsa', keyval: { private: null, public: 'AAAA' }, x: 1 } }, roles: [] },
    }),
  ],
  ['no part at all', replies(() => ({}))],
  ['same version', replies((r) => ({ targets: r.targets(1) }))],
  [
    'skipped version',
    replies(
      (r) => ({ targets: r.targets(7) }),
      (r) => ({ targets: r.targets(6) }),
    ),
  ],
  ['expired', replies((r) => ({ targets: r.targets(2, { change: { expires: '2020-01-01T00:00:00Z' } }) }))],
  ['another key', replies((r) => ({ targets: r.targets(2, { keys: [makeKey()] }) }))],
  ['no signature', replies((r) => ({ targets: r.targets(2, { keys: [] }) }))],
  ['an undeclared delegation', replies((r) => ({ 'targets/bob': r.targets(1) }))],
  ['a delegation below an undeclared one', replies((r) => ({ 'targets/a/b': r.targets(1) }))],
  [
    'a delegation in the same publish',
    replies((r) => ({ targets: r.targets(2, { change: withAlice() }), 'targets/alice': aliceFile(r, 1) })),
  ],
  [
    'a delegation without parent',
    replies(
      (r) => ({ targets: r.targets(2, { change: withAlice() }) }),
      (r) => ({ 'targets/alice': aliceFile(r, 1) }),
      (r) => ({ 'targets/alice': aliceFile(r, 1) }),
    ),
  ],
  [
    'a delegation signed by another',
    replies((r) => ({ targets: r.targets(2, { change: withAlice() }), 'targets/alice': r.targets(1) })),
  ],
  [
    'a delegation expired',
    replies((r) => ({
      targets: r.targets(2, { change: withAlice() }),
      'targets/alice': aliceFile(r, 1, { expires: '2020-01-01T00:00:00Z' }),
    })),
  ],
  [
    'a delegation of wrong type',
    replies((r) => ({
      targets: r.targets(2, { change: withAlice() }),
      'targets/alice': aliceFile(r, 1, { _type: 'Root' }),
    })),
  ],
  [
    'a delegation after its parent was bricked',
    replies(
      (r) => ({ targets: r.targets(2, { change: withAlice(), write: reordered }) }),
      (r) => ({ 'targets/alice': aliceFile(r, 1) }),
      (r) => ({ targets: r.targets(3, { change: withAlice() }) }),
      (r) => ({ 'targets/alice': aliceFile(r, 1) }),
    ),
  ],
  ['roles: capital', replies((r) => ({ 'targets/Alice': r.targets(1) }))],
  ['roles: slash at the end', replies((r) => ({ 'targets/a/': r.targets(1) }))],
  ['roles: double slash', replies((r) => ({ 'targets//a': r.targets(1) }))],
  ['roles: unknown', replies((r) => ({ nonsense: r.targets(1) }))],
  ['roles: dot', replies((r) => ({ 'targets/a.b': r.targets(1) }))],
  ['roles: empty', replies((r) => ({ '': r.targets(1) }))],
  ['roles: too long', replies((r) => ({ [`targets/${'a'.repeat(250)}`]: r.targets(1) }))],
  ['root again with the same version', replies((r) => ({ root: r.root(1) }))],
  ['root skips', replies((r) => ({ root: r.root(3) }))],
  ['root version 0', replies((r) => ({ root: r.root(0) }))],
  [
    'root two',
    replies(
      (r) => ({ root: r.root(2) }),
      (r) => ({ root: r.root(3) }),
    ),
  ],
  ['root by another key', replies((r) => ({ root: r.root(2, { keys: [makeKey()] }) }))],
  ['root without signature', replies((r) => ({ root: r.root(2, { keys: [] }) }))],
  ['root expired', replies((r) => ({ root: r.root(2, { change: { expires: '2020-01-01T00:00:00Z' } }) }))],
  ['root of wrong type', replies((r) => ({ root: r.root(2, { change: { _type: 'Targets' } }) }))],
  ['root without roles', replies((r) => ({ root: r.root(2, { change: { roles: {} } }) }))],
  ['root without keys', replies((r) => ({ root: r.root(2, { change: { keys: {} } }) }))],
  ['root that is empty', replies(() => ({ root: '{"signed":{},"signatures":[]}' }))],
  ['root signed null', replies(() => ({ root: '{"signed":null,"signatures":[]}' }))],
  ['root naming a foreign snapshot key', replies((r) => ({ root: r.root(2, {}, { snapshot: alice.object }) }))],
  ['root naming a foreign timestamp key', replies((r) => ({ root: r.root(2, {}, { timestamp: alice.object }) }))],
  [
    'root bricked by its bytes',
    async (r) => {
      const first = await r.publish({ root: r.root(2, { write: reordered }) });
      const hash = await r.hashInForce('root');
      const statuses = [];
      for (const path of [`root.${hash ?? ''}.json`, 'root.json', '2.root.json'])
        statuses.push((await r.get(path)).status);
      const next = await r.publish({ targets: r.targets(2) });
      return [first.status, first.body, ...statuses, next.status, next.body];
    },
  ],
  [
    'paths nobody has',
    gets(
      'root.txt',
      'nonsense.json',
      'targets/none.json',
      '9.root.json',
      '0.root.json',
      '1.targets.json',
      '01.root.json',
      'root.key',
      'targets.key',
      `targets.${'0'.repeat(128)}.json`,
      `targets.${'0'.repeat(63)}.json`,
      '',
      'targets/a b.json',
      '1.timestamp.json',
      '1.snapshot.json',
    ),
  ],
  ['not multipart', async (r) => plain(await r.send('POST', '', { type: 'application/json', content: '{}' }))],
  ['PUT', async (r) => plain(await r.send('PUT', ''))],
  ['PATCH', async (r) => plain(await r.send('PATCH', 'root.json'))],
  ['HEAD', async (r) => plain(await r.send('HEAD', 'root.json'))],
  ['POST root.key', async (r) => plain(await r.send('POST', 'root.key'))],
];
