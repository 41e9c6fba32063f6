import fc from 'fast-check';
import { DctError } from '../../../src/error';
import { MAX_TIMESTAMP_BYTES, type RoleName, parseDocument, parseKey, serialise } from '../../../src/notary/documents';
import { failing } from '../failing';
import { mutations } from '../mutations';
import { sample, sampleFiles } from '../samples';

const original = (role: RoleName) =>
  sample('after-sign-v1')
    .find((file) => file.role === role)!
    .bytes.toString('utf8');
const parse = (text: string | Buffer, role: RoleName) => parseDocument(Buffer.from(text as string), role);
const failure = (text: string | Buffer, role: RoleName) => failing(() => parse(text, role));

/** `[what, role, text to replace, replacement, words of the error]` */
const DAMAGE: [string, RoleName, string | RegExp, string, ...string[]][] = [
  ['cut off', 'root', /.$/, '', 'root.json', 'not JSON'],
  ['something behind it', 'root', /$/, 'x', 'follows'],
  ['a byte order mark', 'root', /^/, '\ufeff', 'not JSON'],
  ['a key twice', 'root', '"version":1}', '"version":1,"version":2}', '"version"', 'twice'],
  ['a key twice behind an escape', 'root', '"version":1}', '"version":1,"v\\u0065rsion":2}', 'twice'],
  ['a known field in capitals', 'root', '"version":1}', '"version":1,"Version":2}', 'signed', '"Version"', 'case'],
  ['a known field with a long s', 'root', '"expires"', '"expire\u017f"', 'expire\u017f'],
  ['a leading zero', 'root', '"version":1}', '"version":01}', 'not JSON'],
  ['a fraction', 'root', '"version":1}', '"version":1.0}', 'signed.version', 'integer'],
  ['an exponent', 'root', '"version":1}', '"version":1e0}', 'signed.version', 'integer'],
  ['a negative version', 'root', '"version":1}', '"version":-1}', 'signed.version'],
  ['version 0', 'root', '"version":1}', '"version":0}', 'signed.version', '1 or more'],
  ['a version in quotes', 'root', '"version":1}', '"version":"1"}', 'signed.version', 'found a string'],
  ['a giant version', 'root', '"version":1}', '"version":9223372036854775807}', 'signed.version', 'too big'],
  ['version null', 'root', '"version":1}', '"version":null}', 'signed.version', 'null'],
  ['no version', 'root', ',"version":1}', '}', 'signed', '"version" is missing'],
  ['a wrong time', 'root', /"expires":"[^"]*"/, '"expires":"2036-02-31T00:00:00Z"', 'signed.expires', 'time'],
  ['threshold 0', 'root', '"threshold":1', '"threshold":0', 'signed.roles["root"].threshold', '1 or more'],
  ['a missing role', 'root', '"snapshot":{', '"snapsho":{', 'signed.roles', 'snapshot is missing'],
  [
    'a key ID without a key',
    'root',
    /"keyids":\["\w{4}/,
    '"keyids":["0000',
    'signed.roles["root"].keyids[0]',
    'no key',
  ],
  ['a private key', 'root', '"private":null', '"private":"AAAA"', 'keyval.private', 'private key'],
  ['unpadded base64', 'root', /=="/, '"', 'base64'],
  ['URL base64', 'targets', /"sig":"\w\w/, '"sig":"-_', 'signatures[0].sig', 'base64'],
  ['signatures as an object', 'root', /"signatures":\[.*\]/, '"signatures":{}', 'signatures', 'a list'],
  ['no signed', 'root', '"signed"', '"unsigned"', '"signed" is missing'],
  ['signed as a list', 'root', /"signed":\{.*\},"signatures"/, '"signed":[],"signatures"', 'signed', 'an object'],
  [
    'a delegation in capitals',
    'targets',
    'targets/bob',
    'targets/Bob',
    'signed.delegations.roles[2].name',
    'targets/Bob',
  ],
  [
    'a delegation of another parent',
    'targets',
    'targets/bob',
    'targets/a/bob',
    'roles[2].name',
    'directly under targets',
  ],
  ['a base role as delegation', 'targets', '"targets/bob"', '"root"', 'roles[2].name'],
  ['a delegation null', 'targets', /"roles":\[\{/, '"roles":[null,{', 'signed.delegations.roles[0]', 'null'],
  ['paths as text', 'targets', '"paths":[""]', '"paths":""', 'roles[0].paths', 'a list'],
  ['a negative length', 'targets/alice', '"length":422', '"length":-1', 'signed.targets["v1"].length'],
  ['a length beyond int64', 'targets/alice', '"length":422', '"length":9223372036854775808', 'too big'],
  ['no root hash', 'snapshot', '"root":{', '"roots":{', 'sha256 hash of root is missing'],
  ['a short hash', 'snapshot', /"sha256":"[^"]*"/, '"sha256":"AAAA"', 'sha256 hash of root', '32 bytes'],
  ['a short sha512', 'timestamp', /"sha512":"[^"]*"/, '"sha512":"AAAA"', '64 bytes'],
  ['a control character', 'targets/alice', '"v1"', '"v\u0001"', 'control character'],
  ['an unknown escape', 'targets/alice', '"v1"', '"v\\x"', 'escape'],
];

describe('when a file is damaged', () => {
  it.each(DAMAGE)('by %s, it is refused naming the place', (_, role, from, to, ...words) => {
    const text = original(role);
    const damaged = text.replace(from, to);
    expect(damaged).not.toBe(text);
    const error = failure(damaged, role);
    expect(error?.code).toBe('malformed_document');
    for (const word of [`${role}.json`, ...words]) expect(error?.message).toContain(word);
  });

  it('is refused when it is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"signed":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(failure(bytes, 'root')).toMatchObject({ code: 'malformed_document' });
  });

  it("is refused when it is another role's", () => {
    expect(failure(original('targets'), 'snapshot')).toMatchObject({ code: 'wrong_role_type' });
    expect(failure(original('snapshot'), 'timestamp')).toMatchObject({ code: 'wrong_role_type' });
    expect(failure(original('root'), 'targets/alice')).toMatchObject({ code: 'wrong_role_type' });
  });

  it('is refused when it nests without end, and does not end the process', () => {
    for (const bracket of ['[', '{"a":', '[{"a":']) {
      expect(failure(bracket.repeat(100_000), 'root')).toMatchObject({ code: 'malformed_document' });
    }
  });

  it('is refused when it is longer than docker reads', () => {
    const text = ' '.repeat(MAX_TIMESTAMP_BYTES + 1);
    expect(failure(text, 'timestamp')).toMatchObject({ code: 'document_too_large' });
  });

  it('shows no more than a little of hostile text', () => {
    const error = failure(original('root').replace('"Root"', JSON.stringify('x'.repeat(100_000))), 'root');
    expect(error?.message.length).toBeLessThan(300);
  });
});

describe("when a file differs from Go's in ways Go reads", () => {
  const rewritten = (text: string, role: RoleName) => {
    const { signed, signatures } = parse(text, role);
    return serialise(signed, signatures).toString();
  };

  it.each<[string, RoleName, (text: string) => string]>([
    ['white space', 'root', (t) => JSON.stringify(JSON.parse(t), undefined, 2)],
    ['a trailing newline', 'root', (t) => `${t}\n`],
    ['signatures first', 'targets', (t) => t.replace(/^\{("signed":.*),("signatures":.*)\}$/, '{$2,$1}')],
    [
      'unknown fields',
      'targets',
      (t) => t.replace('"version":3}', '"version":3,"x":{"y":[1]}}').replace('{"signed"', '{"z":1,"signed"'),
    ],
    ['no private field', 'targets', (t) => t.replaceAll('"private":null,', '')],
    ['a method in capitals', 'targets', (t) => t.replace('"method":"ecdsa"', '"method":"ECDSA"')],
    ['a zone', 'targets', (t) => t.replace(/(:\d\d)(\.\d+)Z"/, '$1$2+00:00"')],
    ['custom null', 'targets/alice', (t) => t.replace('"length":422', '"custom":null,"length":422')],
  ])('by %s, it is written again as Go writes it', (_, role, change) => {
    expect(rewritten(change(original(role)), role)).toBe(original(role));
  });

  it('drops an empty paths and one that is null, as Go does', () => {
    for (const paths of ['[]', 'null']) {
      const { signed } = parseDocument(
        Buffer.from(original('targets').replace('"paths":[""]', `"paths":${paths}`)),
        'targets',
      );
      expect(signed.delegations.roles?.[0]).not.toHaveProperty('paths');
    }
  });

  it('keeps keyids null apart from empty', () => {
    const text = original('targets')
      .replace(/"keyids":\["\w+"\]/, '"keyids":null')
      .replace(/("name":"targets\/bob")/, '$1');
    expect(rewritten(text, 'targets')).toBe(text);
    const empty = text.replace('"keyids":null', '"keyids":[]');
    expect(rewritten(empty, 'targets')).toBe(empty);
  });

  it('keeps custom data byte for byte, white space apart', () => {
    const custom = '{"z":[1.0,1e3,{"b":null,"a":"\\u00e9\\/"}],"a":"x  y"}';
    const text = original('targets/alice').replace('"hashes"', `"custom": ${custom.replace(',', ' ,\n')},"hashes"`);
    expect(rewritten(text, 'targets/alice')).toContain(`"custom":${custom},"hashes"`);
  });

  it('keeps a length beyond 2^53', () => {
    const text = original('targets/alice').replace('"length":422', '"length":9007199254740993');
    expect(rewritten(text, 'targets/alice')).toBe(text);
  });

  it('refuses custom data with a fraction, which no verifier can put in canonical form', () => {
    const text = original('targets/alice').replace('"hashes"', '"custom":[1.5],"hashes"');
    expect(failure(text, 'targets/alice')).toMatchObject({ code: 'malformed_document' });
  });

  it('covers unknown fields by the signed message', () => {
    const changed = original('root').replace('"version":1}', '"version":1,"x":2}');
    expect(parse(changed, 'root').message.toString()).toContain(',"x":2}');
  });
});

describe('when the server gives a key', () => {
  it('is read whatever its field order', () => {
    const text = '{"keytype":"ecdsa","keyval":{"public":"AAAA","private":null}}';
    expect(parseKey(Buffer.from(text), 'timestamp.key')).toEqual({
      keytype: 'ecdsa',
      keyval: { private: null, public: 'AAAA' },
    });
  });

  it('is refused naming the file', () => {
    expect(() => parseKey(Buffer.from('{"keytype":1}'), 'timestamp.key')).toThrow(/timestamp\.key/);
  });
});

describe('when documents are mutated at random', () => {
  it("either fails as malformed, or is written in Go's form and read the same again", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...sampleFiles()), mutations, ({ role, bytes }, mutate) => {
        const mutated = mutate(bytes);
        let document;
        try {
          document = parseDocument(mutated, role);
        } catch (error) {
          expect(error).toBeInstanceOf(DctError);
          return;
        }
        accepted++;
        let again;
        try {
          again = serialise(document.signed, document.signatures);
        } catch (error) {
          expect(error).toBeInstanceOf(DctError); // an escaped control character
          return;
        }
        const second = parseDocument(again, role);
        expect(second.signed).toEqual(document.signed);
        expect(serialise(second.signed, second.signatures).equals(again)).toBe(true);
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(10);
  });
});
