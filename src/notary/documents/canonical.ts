import { DctError } from '../../error';
import { type JsonNode, parseJson, wellFormed } from './json';

/** JSON that passes through as it was written, white space apart (Go's json.RawMessage): the `custom` of a target. */
export class RawJson {
  private constructor(readonly text: string) {}

  /** Throws `malformed_document` if `text` is not one JSON value. */
  static from(text: string): RawJson {
    parseJson(text, 'custom data');
    return new RawJson(compact(text));
  }
}

export type JsonInput =
  | null
  | boolean
  | string
  | number
  | bigint
  | RawJson
  | readonly JsonInput[]
  | ReadonlyMap<string, JsonInput>
  | { readonly [name: string]: JsonInput | undefined };

/**
 * Canonical JSON as docker/go has it (its MarshalCanonical): keys sorted by their UTF-8 bytes, no white space, integers only,
 * in strings `\` and `"` escaped and nothing else. RawJson is compacted but not sorted, as there; undefined fields are left
 * out. Throws `malformed_document` for a number that is not an integer.
 */
export function canonicalJson(value: JsonInput): Buffer {
  return Buffer.from(canonicalText(value), 'utf8');
}

export function canonicalText(value: JsonInput): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number' || typeof value === 'bigint') return integer(value);
  if (value instanceof RawJson) return escapeHtml(value.text);
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members: [string, string][] = [];
  for (const [name, member] of isMap(value) ? value : Object.entries(value)) {
    if (member === undefined || isNullRaw(member)) continue;
    members.push([name, canonicalText(member)]);
  }
  return object(members);
}

/**
 * The message that signatures are over. Verifiers (notary, signed.VerifySignatures) read `signed` into untyped values and
 * write those canonically, so custom data is sorted here and numbers go through a float64: 2^53+1 is signed as 2^53.
 */
export function messageOf(signed: JsonNode, what: string): Buffer {
  return Buffer.from(nodeText(signed, what), 'utf8');
}

/** Go's own escaping of `<`, `>`, `&`, U+2028 and U+2029, which stand in strings only. */
export function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function nodeText(node: JsonNode, what: string): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return node.value ? 'true' : 'false';
    case 'string':
      return quote(node.value);
    case 'number':
      return floatText(node.text, what);
    case 'list':
      return `[${node.items.map((item) => nodeText(item, what)).join(',')}]`;
    case 'object':
      return object([...node.members].map(([name, member]) => [name, nodeText(member, what)]));
  }
}

function object(members: [string, string][]): string {
  members.sort(([a], [b]) => byUtf8(a, b));
  return `{${members.map(([name, text]) => `${quote(name)}:${text}`).join(',')}}`;
}

/** JavaScript orders strings by UTF-16 units, which differs from UTF-8 where surrogates meet U+E000 to U+FFFF. */
export function byUtf8(a: string, b: string): number {
  if (a === b) return 0;
  if (!/[\ud800-\uffff]/.test(a + b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function quote(text: string): string {
  return `"${wellFormed(text).replace(/["\\]/g, '\\$&')}"`;
}

const INT64_END = 2n ** 63n;

function integer(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new DctError('malformed_document', `canonical JSON has integers only, not ${value}`);
  }
  return BigInt(value).toString();
}

function floatText(text: string, what: string): string {
  const value = Number(text);
  if (!Number.isInteger(value)) {
    throw new DctError('malformed_document', `${what}: canonical JSON has integers only, not ${text.slice(0, 40)}`);
  }
  const rounded = BigInt(value);
  if (rounded >= INT64_END || rounded < -INT64_END) {
    throw new DctError('malformed_document', `${what}: the number ${text.slice(0, 40)} is too big`);
  }
  return rounded.toString();
}

/** Takes white space between tokens out of valid JSON. */
function compact(json: string): string {
  let result = '';
  let isInString = false;
  // pieces without repetition inside, for a pattern of a whole string overflows the stack on a long one
  for (const [piece] of json.matchAll(/["]|[\t\n\r ]+|\\.|[^"\\\t\n\r ]+/gs)) {
    if (piece === '"') isInString = !isInString;
    if (isInString || !/^[\t\n\r ]/.test(piece)) result += piece;
  }
  return result;
}

/** Go reads a raw null as nothing, and then leaves the field out. */
function isNullRaw(value: JsonInput): boolean {
  return value instanceof RawJson && value.text === 'null';
}

function isMap(value: object): value is ReadonlyMap<string, JsonInput> {
  return value instanceof Map;
}

function isList(value: object): value is readonly JsonInput[] {
  return Array.isArray(value);
}
