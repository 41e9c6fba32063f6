import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import type { DynamicValue } from './generated/tfplugin6';
import type { Type } from './schema';
import { isListValue, isObjectValue, UNKNOWN, type Value } from './value';

/**
 * How numbers came that are not whole: Terraform computes with 512 bits, so they have to go back with every digit.
 * One per request, filled by `decodeValue`, used by `encodeValue`.
 */
export type Decimals = Map<number, string>;

// Extension types of cty's msgpack: 0 is an unknown value, 12 one of which something is known ("starts with x-"),
// which Terraform sends for ordinary expressions such as "x-${y}". An unknown is always answered as type 0.
const UNKNOWN_TYPE = 0;
const REFINED_UNKNOWN_TYPE = 12;
const extensions = new ExtensionCodec();
extensions.register({
  type: UNKNOWN_TYPE,
  encode: (value) => (value === UNKNOWN ? Uint8Array.of(0) : null),
  decode: () => UNKNOWN,
});
extensions.register({ type: REFINED_UNKNOWN_TYPE, encode: () => null, decode: () => UNKNOWN });
const encoder = new Encoder({ extensionCodec: extensions, useBigInt64: true });
const decoder = new Decoder({ extensionCodec: extensions, useBigInt64: true });

/**
 * The value of an object or of a single `type` as Terraform sends it; null where there is none.
 * @throws Error when the bytes do not fit the type (Terraform checks that they do)
 */
export function decodeValue(type: Type, dynamic: DynamicValue | undefined, decimals: Decimals): Value {
  if (dynamic === undefined) return null;
  if (dynamic.msgpack.length > 0) return fromWire(type, decoder.decode(dynamic.msgpack), exactly(decimals), '');
  if (dynamic.json.length > 0) return fromJson(type, dynamic.json, decimals);
  return null;
}

/** `value` has to be complete: every attribute of an object there, if only as null. */
export function encodeValue(type: Type, value: Value, decimals: Decimals): DynamicValue {
  const wire = holdsNumbers(type) ? toWire(value, decimals) : value;
  return { msgpack: Buffer.from(encoder.encode(wire)), json: Buffer.alloc(0) };
}

/** The value in JSON (a state file's). Attributes that `type` does not have are dropped, missing ones are null. */
export function fromJson(type: Type, json: Uint8Array, decimals: Decimals): Value {
  return fromWire(type, JSON.parse(Buffer.from(json).toString('utf8')), asWritten(decimals), '');
}

interface NumberReader {
  readonly decimals: Decimals;
  /** The text of a double: in msgpack it stands for itself, in JSON for the decimal it was written as. */
  readonly textOf: (value: number) => string;
}
const exactly = (decimals: Decimals): NumberReader => ({
  decimals,
  textOf: (value) => value.toPrecision(100).replace(/0+(e|$)/, '$1'),
});
const asWritten = (decimals: Decimals): NumberReader => ({ decimals, textOf: String });

function fromWire(type: Type, wire: unknown, numbers: NumberReader, path: string): Value {
  if (wire === null || wire === undefined) return null;
  if (wire === UNKNOWN) return UNKNOWN;
  switch (type.kind) {
    case 'string':
      if (typeof wire === 'string') return wire;
      break;
    case 'bool':
      if (typeof wire === 'boolean') return wire;
      break;
    case 'number':
      if (typeof wire === 'bigint') return smallest(wire);
      if (typeof wire === 'number') {
        if (!Number.isInteger(wire)) numbers.decimals.set(wire, numbers.textOf(wire));
        return wire;
      }
      if (typeof wire === 'string') return parseNumber(wire, numbers.decimals);
      break;
    case 'list':
    case 'set':
      if (Array.isArray(wire))
        return wire.map((element: unknown, i) => fromWire(type.element, element, numbers, `${path}[${i}]`));
      break;
    case 'map':
      if (isRecord(wire))
        return fromEntries(
          Object.entries(wire).map(([key, element]) => [
            key,
            fromWire(type.element, element, numbers, `${path}.${key}`),
          ]),
        );
      break;
    case 'object':
      if (isRecord(wire))
        return fromEntries(
          Object.entries(type.attributes).map(([name, attribute]) => [
            name,
            fromWire(attribute.type, wire[name], numbers, `${path}.${name}`),
          ]),
        );
      break;
  }
  throw new Error(`expected a ${type.kind} at "${path.replace(/^\./, '')}"`);
}

// Object.fromEntries defines, where assignment would hit `__proto__`'s setter.
function fromEntries(entries: [string, Value][]): Value {
  return Object.fromEntries(entries);
}

function isRecord(wire: unknown): wire is Record<string, unknown> {
  return typeof wire === 'object' && wire !== null && !Array.isArray(wire);
}

function smallest(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function parseNumber(text: string, decimals: Decimals): number | bigint {
  if (/^-?\d+$/.test(text)) return smallest(BigInt(text));
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error('expected a number');
  decimals.set(value, text);
  return value;
}

// All numbers go as text, exact whatever their size. It also makes Terraform hold them with the precision it reads its
// state file with; otherwise `terraform plan -refresh-only` takes every state with a number in it for a changed one.
function toWire(value: Value, decimals: Decimals): unknown {
  if (typeof value === 'number') return decimals.get(value) ?? String(value);
  if (typeof value === 'bigint') return String(value);
  if (isListValue(value)) return value.map((element) => toWire(element, decimals));
  if (isObjectValue(value))
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, toWire(element, decimals)]));
  return value;
}

const withNumbers = new WeakMap<Type, boolean>();
function holdsNumbers(type: Type): boolean {
  const known = withNumbers.get(type);
  if (known !== undefined) return known;
  const holds =
    type.kind === 'object'
      ? Object.values(type.attributes).some((attribute) => holdsNumbers(attribute.type))
      : 'element' in type
        ? holdsNumbers(type.element)
        : type.kind === 'number';
  withNumbers.set(type, holds);
  return holds;
}
