import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  type FileMeta,
  RawJson,
  type Targets,
  formatTime,
  parseDocument,
  parseKey,
  serialise,
} from '../../src/notary/documents';
import { PublicKey } from '../../src/notary/keys';
import { type NotaryUnderTest, exchange, publish } from '../contract/wire';
import { pair, plan, rootDocument, rootPair, sign, targetsDocument } from '../notary/forge';
import { describeCases } from './cases';
import { type TrustStack, startTrustStack } from './stack';
import { underTest } from './under-test';
import { localKeys } from './variants';

// The server hashes its own serialisation of what it was sent and verifies signatures over its own canonical form: a wrong
// byte of ours shows as a refusal, or as a 404 for the file's own hash.
describeCases('Our bytes are those of notary-server', (testCase) => {
  let stack: TrustStack;
  let server: NotaryUnderTest;
  beforeAll(async () => {
    stack = await startTrustStack(localKeys.options);
    server = underTest(stack);
  });
  afterAll(async () => {
    await stack.close();
  });

  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const name = fc
    .oneof(
      text,
      fc.constantFrom('<a&b>', '\u2028\u2029', '😀\ue000\uffff', '"\\/', '__proto__', '10', '9', 'é', '\u007f'),
      // halves of a pair, alone and the wrong way round
      fc.constantFrom('a\ud800b', '\udfff', '\udc00\ud83d', '\u{10ffff}\ud8ff', '\ufeff'),
    )
    // Go itself cannot write control characters back.
    // eslint-disable-next-line no-control-regex -- that is what is taken out
    .map((value) => value.replace(/[\u0000-\u001f]/g, ''));
  const generated = fc
    .jsonValue({ noUnicodeString: false, maxDepth: 3 })
    .map((value) =>
      JSON.stringify(value, (_, item: unknown) => (typeof item === 'number' ? Math.trunc(item % 1e9) + 0 : item)),
    );
  // passes as it was written, but is read before it is verified: escapes, numbers in other forms, numbers beyond 2^53
  const written = fc.constantFrom(
    ...[
      '"\\ud800"',
      '"\\udc00\\ud800\\u2028"',
      '"\\ud83d\\ude00"',
      '"\\u003c\\/\\u0041"',
      '{"\\ud800":1,"\ue000":2,"😀":3}',
    ],
    ...['1e3', '[1.0,-0,1E+2]', '9007199254740993', '{"z":[-9007199254740993,123456789012345678],"a":{ } }', 'null'],
  );
  const custom = fc.oneof(generated, written);
  const meta: fc.Arbitrary<FileMeta> = fc.record(
    {
      hashes: fc.constantFrom(
        new Map([['sha256', 'AAAA']]),
        new Map([
          ['x', ''],
          ['sha256', '/+8='],
        ]),
        null,
      ),
      length: fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 2048n })),
      custom: custom.map((value) => RawJson.from(value)),
    },
    { requiredKeys: ['hashes', 'length'] },
  );
  // as many digits as they are, the last ones zeros or not
  const fraction = fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.nat({ max: 999_999_999 }))
    .map(([digits, nanos]) => String(nanos).padStart(9, '0').slice(0, digits).replace(/0+$/, ''));
  const expires = fc
    .tuple(fc.date({ min: new Date('2030-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }), fraction)
    .map(([date, digits]) => formatTime(date).replace(/(\.\d+)?Z$/, digits === '' ? 'Z' : `.${digits}Z`));
  const documents = fc.record({
    expires,
    targets: fc.option(fc.array(fc.tuple(name, meta), { maxLength: 6 }).map(byName)),
    delegations: fc.constantFrom<Targets['delegations']>(
      { keys: new Map(), roles: [] },
      { keys: new Map(), roles: null },
    ),
  });

  const what = '150 generated documents: Unicode, halves of pairs, big lengths, custom data, times of every fraction';
  testCase({ what, theirs: [], server: localKeys.name }, async () => {
    const gun = `${stack.hostAddress}/canonical/form`;
    const keys = async (role: string) => {
      const { body } = await exchange(server, gun, 'GET', `${role}.key`);
      const open = PublicKey.fromDocument(parseKey(Buffer.from(body), role));
      return [{ secret: pair().secret, open }];
    };
    const p = plan({
      root: [rootPair(gun)],
      version: 1,
      snapshot: await keys('snapshot'),
      timestamp: await keys('timestamp'),
    });
    const first = await publish(server, gun, {
      root: sign(rootDocument(p), p.root).toString(),
      targets: sign(targetsDocument(p), p.targets).toString(),
    });
    expect([first.status, first.body]).toEqual([200, '']);
    let version = 1;
    await fc.assert(
      fc.asyncProperty(documents, async (over) => {
        const bytes = sign(targetsDocument({ ...p, version: ++version }, over), p.targets);
        const reply = await publish(server, gun, { targets: bytes.toString() });
        expect([reply.status, reply.body]).toEqual([200, '']);
        const snapshot = parseDocument(
          Buffer.from((await exchange(server, gun, 'GET', 'snapshot.json')).body),
          'snapshot',
        );
        const sha256 = createHash('sha256').update(bytes).digest();
        expect(snapshot.signed.meta.get('targets')?.hashes?.get('sha256')).toBe(sha256.toString('base64'));
        expect((await exchange(server, gun, 'GET', `targets.${sha256.toString('hex')}.json`)).body).toBe(
          bytes.toString(),
        );
        const read = parseDocument(bytes, 'targets');
        expect(serialise(read.signed, read.signatures).equals(bytes)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

/** Names that are the same once they are written are one. */
function byName(entries: readonly (readonly [string, FileMeta])[]): Map<string, FileMeta> {
  const once = new Map(entries.map((entry) => [Buffer.from(entry[0]).toString(), entry]));
  return new Map(once.values());
}
