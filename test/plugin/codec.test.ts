import { decode, Encoder, ExtData } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import {
  bool,
  computed,
  isKnown,
  list,
  map,
  number,
  object,
  optional,
  required,
  set,
  string,
  UNKNOWN,
} from '../../src/plugin';
import type { Type, Value } from '../../src/plugin';
import { decodeValue, encodeValue, fromJson } from '../../src/plugin/codec';

const sent = (wire: unknown) => ({
  msgpack: Buffer.from(new Encoder({ useBigInt64: true }).encode(wire)),
  json: Buffer.alloc(0),
});
const decoded = (type: Type, wire: unknown): Value => decodeValue(type, sent(wire), new Map());

describe('when a value arrives', () => {
  it.each<[string, Type, unknown, Value]>([
    ['null', string, null, null],
    ['an unknown value', string, new ExtData(0, Uint8Array.of(0)), UNKNOWN],
    [
      'an unknown value that is partly known',
      string,
      new ExtData(12, Buffer.from('8201c202a77072656669782d', 'hex')),
      UNKNOWN,
    ],
    ['an unknown element', list(string), ['a', new ExtData(0, Uint8Array.of(0))], ['a', UNKNOWN]],
    ['a whole number', number, 42, 42],
    ['a whole number beyond doubles', number, 9007199254740993n, 9007199254740993n],
    ['a whole number of 64 bits within doubles', number, 4294967296n, 4294967296],
    [
      'a whole number beyond 64 bits, as text',
      number,
      '123456789012345678901234567890',
      123456789012345678901234567890n,
    ],
    ['a decimal, as text', number, '0.1', 0.1],
    ['a double', number, 1.5, 1.5],
    ['a map with a treacherous key', map(bool), JSON.parse('{"constructor": true}'), { constructor: true }],
  ])('understands %s', (_, type, wire, value) => {
    expect(decoded(type, wire)).toEqual(value);
  });

  it('has every attribute of an object, and only those', () => {
    const type = object({ a: required(string, { description: '' }), b: computed(number, { description: '' }) });
    expect(decoded(type, { a: 'x', c: true })).toEqual({ a: 'x', b: null });
  });

  it.each<[Type, unknown, string]>([
    [string, 1, 'expected a string at ""'],
    [list(bool), [true, 'x'], 'expected a bool at "[1]"'],
    [object({ a: required(set(string), { description: '' }) }), { a: 'x' }, 'expected a set at "a"'],
  ])('refuses what does not fit the type', (type, wire, message) => {
    expect(() => decoded(type, wire)).toThrow(message);
  });
});

describe('when a value is sent', () => {
  it('is msgpack with unknown as extension 0', () => {
    const bytes = encodeValue(list(string), ['a', UNKNOWN, null], new Map()).msgpack;
    expect(bytes.toString('hex')).toBe('93a161d40000c0');
  });

  it.each(['0.1', '3.141592653589793238462643', '1e-400', '-7.50'])('gives the decimal %s back as it came', (text) => {
    const decimals = new Map<number, string>();
    const value = decodeValue(number, sent(text), decimals);
    expect(decode(encodeValue(number, value, decimals).msgpack)).toBe(text);
  });

  it.each([1.5, 2 ** -30, 1e-7, -0.1])('gives the double %p back with all its digits', (double) => {
    const decimals = new Map<number, string>();
    const value = decodeValue(number, sent(double), decimals);
    const text = decode(encodeValue(number, value, decimals).msgpack);
    expect(text).toBe(double.toPrecision(100).replace(/0+(e|$)/, '$1'));
    expect(Number(text)).toBe(double);
  });
});

// Any type, and any value of it.
const { type: anyType } = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Type>(string, bool, number),
    tie('type').map(list),
    tie('type').map(set),
    tie('type').map(map),
    fc
      .dictionary(fc.stringMatching(/^[a-z_]{1,5}$/), tie('type'), { maxKeys: 4 })
      .map((types) =>
        object(
          Object.fromEntries(Object.entries(types).map(([name, type]) => [name, optional(type, { description: '' })])),
        ),
      ),
  ),
}));
function valueOf(type: Type): fc.Arbitrary<Value> {
  const known = ((): fc.Arbitrary<Value> => {
    switch (type.kind) {
      case 'string':
        return fc.string({ unit: 'binary' });
      case 'bool':
        return fc.boolean();
      case 'number':
        return fc.oneof(
          fc.maxSafeInteger().map((n) => n + 0),
          fc.bigInt().filter((n) => !Number.isSafeInteger(Number(n))),
          fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((n) => n + 0),
        );
      case 'list':
      case 'set':
        return fc.array(valueOf(type.element), { maxLength: 3 });
      case 'map':
        return fc
          .dictionary(
            fc.string().filter((key) => key !== '__proto__'),
            valueOf(type.element),
            { maxKeys: 3 },
          )
          .map((value) => ({ ...value }));
      case 'object':
        return fc.record(
          Object.fromEntries(Object.entries(type.attributes).map(([name, inside]) => [name, valueOf(inside.type)])),
          { noNullPrototype: true },
        );
    }
  })();
  return fc.oneof({ weight: 8, arbitrary: known }, fc.constant<Value>(null), fc.constant<Value>(UNKNOWN));
}
const typed: fc.Arbitrary<{ type: Type; value: Value }> = anyType.chain((type) =>
  valueOf(type).map((value) => ({ type, value })),
);

describe('when any value goes out and comes back', () => {
  it('is the same', () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        expect(decodeValue(type, encodeValue(type, value, new Map()), new Map())).toEqual(value);
      }),
    );
  });

  it('is the same through the JSON of a state file, numbers within doubles', () => {
    const bigint = (value: Value): boolean =>
      typeof value === 'bigint' || (typeof value === 'object' && value !== null && Object.values(value).some(bigint));
    fc.assert(
      fc.property(
        typed.filter(({ value }) => isKnown(value) && !bigint(value)),
        ({ type, value }) => {
          expect(fromJson(type, Buffer.from(JSON.stringify(value)), new Map())).toEqual(value);
        },
      ),
    );
  });

  it('takes any bytes, or says that they do not fit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), anyType, (bytes, type) => {
        const dynamic = { msgpack: Buffer.from(bytes), json: Buffer.alloc(0) };
        let value: Value;
        try {
          value = decodeValue(type, dynamic, new Map());
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        expect(() => encodeValue(type, value, new Map())).not.toThrow();
      }),
    );
  });
});
