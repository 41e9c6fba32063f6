import fc from 'fast-check';

/** Ways to damage a file: bytes flipped, cut out, doubled, and JSON's own words put where they do not belong. */
export const mutations: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('flip', 'cut', 'double', 'insert', 'end'),
      // not fc.double: nearly all doubles between 0 and 1 are close to 0
      at: fc.nat(999_999).map((place) => place / 1_000_000),
      length: fc.integer({ min: 1, max: 12 }),
      what: fc.constantFrom(
        'null',
        '[]',
        '{}',
        '""',
        '0',
        '-1',
        '1e9',
        ',',
        '}',
        ']',
        '"',
        '\\',
        '\\u0000',
        '\u2028',
        '😀',
        '\xff',
        '=',
        '\n',
        ' ',
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((steps) => (bytes: Buffer) => {
    let text = Buffer.from(bytes);
    for (const { kind, at, length, what } of steps) {
      const start = Math.floor(at * text.length);
      const [head, middle, tail] = [
        text.subarray(0, start),
        text.subarray(start, start + length),
        text.subarray(start + length),
      ];
      switch (kind) {
        case 'flip':
          text = Buffer.concat([head, middle.map((byte, index) => (index === 0 ? byte ^ length : byte)), tail]);
          break;
        case 'cut':
          text = Buffer.concat([head, tail]);
          break;
        case 'double':
          text = Buffer.concat([head, middle, middle, tail]);
          break;
        case 'insert':
          text = Buffer.concat([head, Buffer.from(what, 'utf8'), middle, tail]);
          break;
        default:
          text = Buffer.from(head);
      }
    }
    return text;
  });
