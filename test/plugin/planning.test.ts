import * as fc from 'fast-check';
import { computed, list, map, number, object, optional, required, set, string, UNKNOWN } from '../../src/plugin';
import type { Attributes, ObjectValue } from '../../src/plugin';
import { conform, contradictions, contradictsConfig, keepSame } from '../../src/plugin/conformity';
import { withDefaults } from '../../src/plugin/defaults';
import { planObject, replacedAttributes } from '../../src/plugin/planning';

const d = { description: '' };
const sameCase = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const attributes = {
  name: required(string, { ...d, forceNew: true, equal: sameCase }),
  size: optional(number, d),
  mode: optional(string, { ...d, default: 'a' }),
  place: optional(string, { ...d, computed: true }),
  tags: optional(set(string), { ...d, equal: sameCase }),
  key: optional(string, { ...d, writeOnly: true }),
  parts: optional(
    list(
      object({
        of: required(string, { ...d, forceNew: true }),
        serial: computed(string, d),
        grade: optional(string, { ...d, equal: sameCase }),
      }),
    ),
    d,
  ),
  id: computed(string, d),
  since: computed(string, { ...d, nullable: true }),
} satisfies Attributes;
const NULLS = { size: null, mode: null, place: null, tags: null, key: null, parts: null };
const STATE = { name: 'N', size: 1, mode: 'a', place: 'p', tags: ['x'], key: null, parts: null, id: 'i', since: null };

describe('when a plan follows from the declaration', () => {
  it.each<[string, ObjectValue | undefined, ObjectValue, ObjectValue]>([
    [
      'a new object',
      undefined,
      { name: 'N', key: 'secret', parts: [{ of: 'wood' }] },
      {
        name: 'N',
        size: null,
        mode: 'a',
        place: UNKNOWN,
        tags: null,
        key: null,
        parts: [{ of: 'wood', serial: UNKNOWN, grade: null }],
        id: UNKNOWN,
        since: UNKNOWN,
      },
    ],
    ['nothing changed', STATE, { name: 'N', size: 1, tags: ['x'] }, STATE],
    ['the same in other words', STATE, { name: 'n', size: 1, tags: ['X'] }, STATE],
    ['one element of a set is new', STATE, { name: 'N', size: 1, tags: ['X', 'y'] }, { ...STATE, tags: ['X', 'y'] }],
    [
      'a number that is larger than doubles',
      STATE,
      { name: 'N', size: 2n ** 64n, tags: ['x'] },
      { ...STATE, size: 2n ** 64n },
    ],
    [
      'elements of a set that are not known yet, which may turn out to be two',
      STATE,
      { name: 'N', size: 1, tags: [UNKNOWN, UNKNOWN] },
      { ...STATE, tags: [UNKNOWN, UNKNOWN] },
    ],
    ['null for an empty set', { ...STATE, tags: [] }, { name: 'N', size: 1 }, { ...STATE, tags: null }],
    [
      'unknown for a known value',
      STATE,
      { name: UNKNOWN, size: 1, tags: UNKNOWN },
      { ...STATE, name: UNKNOWN, tags: UNKNOWN },
    ],
    [
      'a state that lacks what is computed',
      { ...STATE, id: null, since: null },
      { name: 'N', size: 1, tags: ['x'] },
      { ...STATE, id: UNKNOWN, since: null },
    ],
    [
      'objects in a list',
      { ...STATE, parts: [{ of: 'wood', serial: '1', grade: 'A' }] },
      { name: 'N', size: 1, tags: ['x'], parts: [{ of: 'wood', grade: 'a' }, { of: 'tin' }] },
      {
        ...STATE,
        parts: [
          { of: 'wood', serial: '1', grade: 'A' },
          { of: 'tin', serial: UNKNOWN, grade: null },
        ],
      },
    ],
  ])('%s', (_, prior, config, planned) => {
    expect(planObject(attributes, prior, withDefaults(attributes, { ...NULLS, ...config }))).toEqual(planned);
  });

  it('keeps what is computed of the same object in a set', () => {
    const boxes = {
      boxes: optional(set(object({ of: required(string, d), serial: computed(string, d) })), d),
    };
    const prior = {
      boxes: [
        { of: 'wood', serial: '1' },
        { of: 'tin', serial: '2' },
      ],
    };
    const config = {
      boxes: [
        { of: 'tin', serial: null },
        { of: 'clay', serial: null },
      ],
    };
    expect(planObject(boxes, prior, config)).toEqual({
      boxes: [
        { of: 'tin', serial: '2' },
        { of: 'clay', serial: UNKNOWN },
      ],
    });
  });
});

describe('when an object may have to be replaced', () => {
  it.each<[string, ObjectValue, boolean, unknown]>([
    ['nothing that needs it', { size: 2 }, true, []],
    ['an attribute that needs it', { name: 'M' }, true, [['name']]],
    ['one that is not known', { name: UNKNOWN }, true, [['name']]],
    ['one inside a list', { parts: [{ of: 'tin', serial: '1', grade: null }] }, true, [['parts', 0, 'of']]],
    ['anything, without an update', { size: 2, tags: ['y'] }, false, [['size'], ['tags']]],
    ['the order of a set, without an update', { tags: ['x'] }, false, []],
  ])('%s', (_, change, canUpdate, paths) => {
    const prior = { ...STATE, parts: [{ of: 'wood', serial: '1', grade: null }] };
    expect(replacedAttributes(attributes, prior, { ...prior, ...change }, canUpdate)).toEqual(paths);
  });
});

describe('when a handler returns something', () => {
  it('is completed, without duplicates in sets and write-only values', () => {
    expect(
      conform(attributes, { name: 'N', mode: 'a', place: 'p', id: 'i', tags: ['x', 'x'], key: 'secret' }, 'known'),
    ).toEqual({
      ...STATE,
      size: null,
    });
  });

  it.each<[string, unknown, string]>([
    ['no object', 'x', ': a string instead of an object'],
    ['an undeclared attribute', { ...STATE, colour: 'red' }, 'colour: an attribute that is not declared'],
    ['another type', { ...STATE, size: '1' }, 'size: a string instead of a number'],
    ['not a number', { ...STATE, size: NaN }, 'size: a number instead of a number'],
    ['an unknown value', { ...STATE, tags: [UNKNOWN] }, 'tags.0: an unknown value, where it has to be known by now'],
    [
      'null where there is always something',
      { ...STATE, id: null },
      'id: no value, where one is declared always to be there',
    ],
    [
      'nothing inside',
      { ...STATE, parts: [{ of: 'x' }] },
      'parts.0.serial: no value, where one is declared always to be there',
    ],
  ])('refuses %s', (_, returned, message) => {
    const told = (() => {
      try {
        conform(attributes, returned, 'known');
      } catch (error) {
        return error instanceof Error && 'path' in error && Array.isArray(error.path)
          ? `${error.path.join('.')}: ${error.message}`
          : error;
      }
      return undefined;
    })();
    expect(told).toBe(message);
  });

  it('keeps the words of the plan where it means the same, also inside objects', () => {
    const planned: ObjectValue = { ...STATE, id: UNKNOWN, parts: [{ of: 'wood', serial: UNKNOWN, grade: 'A' }] };
    const returned = { ...STATE, name: 'n', tags: ['X'], parts: [{ of: 'wood', serial: '9', grade: 'a' }] };
    expect(keepSame(attributes, planned, returned, 'state')).toEqual({
      ...STATE,
      parts: [{ of: 'wood', serial: '9', grade: 'A' }],
    });
  });

  it.each<[string, ObjectValue, ObjectValue, unknown]>([
    ['nothing', { id: UNKNOWN, tags: ['x', UNKNOWN] }, { id: 'i', tags: ['y', 'x'] }, []],
    ['nothing when unknown elements are one', { tags: ['x', UNKNOWN, UNKNOWN] }, { tags: ['x'] }, []],
    ['a value', { size: 1 }, { size: 2 }, [['size']]],
    ['an element too many', { tags: ['x'] }, { tags: ['x', 'y'] }, [['tags']]],
    ['an element too few', { tags: ['x', 'y'] }, { tags: ['x'] }, [['tags']]],
    [
      'a value inside',
      { parts: [{ of: 'a', serial: UNKNOWN, grade: null }] },
      { parts: [{ of: 'b', serial: '1', grade: null }] },
      [['parts']],
    ],
  ])('contradicts its plan in %s', (_, planned, state, paths) => {
    expect(contradictions(attributes, { ...STATE, ...planned }, { ...STATE, ...state })).toEqual(paths);
  });

  it.each<[string, ObjectValue, ObjectValue, unknown]>([
    ['nothing', {}, {}, []],
    ['nothing when it stays as before', { name: 'n' }, { name: 'N' }, []],
    ['a configured value', { size: 3 }, { size: 4 }, [['size']]],
    ['a value that is not configured', { size: null }, { size: 4 }, [['size']]],
    ['nothing that is computed', { place: null }, { place: 'q' }, []],
    ['what the user sets, though it may be computed', { place: 'r' }, { place: 'q' }, [['place']]],
    ['an unknown value that is planned as known', { size: UNKNOWN }, { size: 1 }, [['size']]],
  ])('contradicts the configuration in %s', (_, config, planned, paths) => {
    expect(contradictsConfig(attributes, { ...STATE, ...config }, STATE, { ...STATE, ...planned })).toEqual(paths);
  });
});

describe('when anything is configured, and then anything else', () => {
  const text = fc.constantFrom('a', 'A', 'b', 'B');
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { freq: 3 });
  const config = fc.record({
    name: text,
    size: maybe(fc.nat(2)),
    mode: maybe(text),
    place: maybe(text),
    tags: maybe(fc.uniqueArray(text)),
    key: maybe(text),
    parts: maybe(fc.array(fc.record({ of: text, serial: fc.constant(null), grade: maybe(text) }), { maxLength: 2 })),
  });
  const found = (planned: ObjectValue): ObjectValue => {
    const known: unknown = JSON.parse(
      JSON.stringify(planned, (_, value: unknown) => value ?? null),
      (_, value: unknown) => value,
    );
    return conform(attributes, { place: 'found', id: 'found', ...withSerials(known) }, 'known');
  };
  const withSerials = (value: unknown): Record<string, unknown> =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([name, inside]: [string, unknown]) => [
            name,
            Array.isArray(inside) && name === 'parts'
              ? inside.map((part: unknown) => ({ serial: 'found', ...withSerials(part) }))
              : inside,
          ]),
        )
      : {};

  it('plans what Terraform takes, and nothing more to do after it is applied', () => {
    fc.assert(
      fc.property(fc.array(config, { minLength: 1, maxLength: 4 }), (steps) => {
        let state: ObjectValue | undefined;
        for (const step of steps) {
          const wanted = withDefaults(attributes, step);
          const planned = planObject(attributes, state, wanted);
          expect(contradictsConfig(attributes, wanted, state, planned)).toEqual([]);
          const next = keepSame(attributes, planned, found(planned), 'state');
          expect(contradictions(attributes, planned, next)).toEqual([]);
          expect(planObject(attributes, next, wanted)).toEqual(next);
          state = next;
        }
      }),
    );
  });

  it('compares a map of objects by its keys', () => {
    const owners = { owners: required(map(object({ card: required(string, { ...d, equal: sameCase }) })), d) };
    const prior = { owners: { ann: { card: 'X' }, bob: { card: 'Y' } } };
    expect(planObject(owners, prior, { owners: { bob: { card: 'y' }, cid: { card: 'z' } } })).toEqual({
      owners: { bob: { card: 'Y' }, cid: { card: 'z' } },
    });
  });
});
