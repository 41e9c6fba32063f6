import fc from 'fast-check';
import { RawJson, byUtf8, canonicalJson, serialise, signedBytes, type Targets } from '../../../src/notary/documents';
import { failing } from '../failing';

const text = (value: Parameters<typeof canonicalJson>[0]) => canonicalJson(value).toString('utf8');

describe('when a value is written canonically', () => {
  it.each([
    ['keys sorted', { b: 1, a: 2, A: 3, '10': 4, '9': 5 }, '{"10":4,"9":5,"A":3,"a":2,"b":1}'],
    [
      'a map like an object',
      new Map([
        ['b', 1],
        ['a', 2],
      ]),
      '{"a":2,"b":1}',
    ],
    ['__proto__ as a name', new Map([['__proto__', 1]]), '{"__proto__":1}'],
    ['only quote and backslash escaped', { k: 'a"b\\c<>&/\u2028é😀' }, '{"k":"a\\"b\\\\c<>&/\u2028é😀"}'],
    ['control characters raw', 'a\nb', '"a\nb"'],
    ['raw null left out, as Go leaves it out', { a: RawJson.from(' null'), b: 1 }, '{"b":1}'],
    ['undefined left out', { a: undefined, b: null }, '{"b":null}'],
    ['big integers', [2n ** 62n, -1, 0, -0], `[${2n ** 62n},-1,0,0]`],
    ['a lone surrogate as Go reads it', 'a\ud800b', '"a\ufffdb"'],
    [
      'raw JSON compacted, not sorted',
      { c: RawJson.from('{ "b" : [1, 2.50],\n"a": "x  y\\u00e9<" }') },
      '{"c":{"b":[1,2.50],"a":"x  y\\u00e9\\u003c"}}',
    ],
  ] as const)('has %s', (_, value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it.each([0.5, NaN, Infinity, 2 ** 60])('refuses %p', (value) => {
    expect(failing(() => canonicalJson(value))?.code).toBe('malformed_document');
  });

  it('sorts by UTF-8 bytes where UTF-16 has another order', () => {
    // U+10000 is D800 DC00 in UTF-16, before U+E000; in UTF-8 it is after.
    expect(text({ '\ue000': 1, '\u{10000}': 2 })).toBe('{"\ue000":1,"\u{10000}":2}');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(byUtf8(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });
});

describe('when a document is written', () => {
  const targets = (name: string, over: Partial<Targets> = {}): Targets => ({
    _type: 'Targets',
    delegations: { keys: new Map(), roles: [] },
    expires: '2030-01-02T03:04:05.12Z',
    targets: new Map([[name, { hashes: new Map([['sha256', 'AAAA']]), length: 3 }]]),
    version: 1,
    ...over,
  });

  it('is sent with the characters escaped that Go escapes, and signed without', () => {
    const document = targets('<a&b>\u2028\u2029');
    expect(serialise(document, []).toString()).toContain('"\\u003ca\\u0026b\\u003e\\u2028\\u2029"');
    expect(signedBytes(document).toString()).toContain('"<a&b>\u2028\u2029"');
  });

  it('is signed with custom data sorted, and sent with it as it was', () => {
    const meta = { hashes: null, length: 1, custom: RawJson.from('{"z":1,"a":"<"}') };
    const document = targets('', { targets: new Map([['t', meta]]) });
    expect(serialise(document, []).toString()).toContain('"custom":{"z":1,"a":"\\u003c"}');
    expect(signedBytes(document).toString()).toContain('"custom":{"a":"<","z":1}');
  });

  it('keeps every digit of a length, though verifiers read it as a float', () => {
    const document = targets('', { targets: new Map([['t', { hashes: null, length: 2n ** 53n + 1n }]]) });
    expect(serialise(document, []).toString()).toContain('"length":9007199254740993}');
    expect(signedBytes(document).toString()).toContain('"length":9007199254740992}');
  });

  it('refuses a control character, with which Go cannot write the file', () => {
    expect(failing(() => serialise(targets('a\u0001'), []))?.code).toBe('malformed_document');
  });

  it('keeps null apart from an empty list or map', () => {
    const bytes = serialise(targets('', { delegations: { keys: null, roles: null }, targets: null }), []);
    expect(bytes.toString()).toBe(
      '{"signed":{"_type":"Targets","delegations":{"keys":null,"roles":null},"expires":"2030-01-02T03:04:05.12Z","targets":null,"version":1},"signatures":[]}',
    );
  });
});
