import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { DynamicValue, Schema_Attribute } from '../../../src/plugin/generated/tfplugin6';
import { Schema_Object_NestingMode } from '../../../src/plugin/generated/tfplugin6';

// Values between the stand-in for Terraform's core and a provider. Shares no code with the provider's own codec.

/** Not known before apply; of a text perhaps how it begins. */
export class Unknown {
  constructor(readonly prefix = '') {}
}
export type Value = string | number | boolean | null | Unknown | readonly Value[] | { readonly [name: string]: Value };
export type Values = Readonly<Record<string, Value>>;

export interface AttributeSchema {
  /** `set`: a set of strings, as its elements have no order. */
  readonly type: 'string' | 'bool' | 'number' | 'set' | 'object';
  readonly optional: boolean;
  readonly computed: boolean;
  /** Attributes of an object. */
  readonly nested?: Schema;
}
export type Schema = Readonly<Record<string, AttributeSchema>>;

const TYPES = v.picklist(['"string"', '"bool"', '"number"', '["set","string"]']);

/** @throws Error for types that no resource of ours has: the stand-in knows only these */
export function schemaOf(attributes: readonly Schema_Attribute[]): Schema {
  return Object.fromEntries(
    attributes.map(({ name, type, nestedType, optional, computed }): [string, AttributeSchema] => {
      if (nestedType?.nesting === Schema_Object_NestingMode.SINGLE) {
        const nested = schemaOf(nestedType.attributes);
        return [name, { type: 'object', optional, computed, nested }];
      }
      const known = v.parse(TYPES, type.toString('utf8'));
      const short =
        known === '["set","string"]' ? 'set' : known === '"bool"' ? 'bool' : known === '"number"' ? 'number' : 'string';
      return [name, { type: short, optional, computed }];
    }),
  );
}

const extensions = new ExtensionCodec();
extensions.register({
  type: 0,
  encode: (value) => (value instanceof Unknown && value.prefix === '' ? Uint8Array.of(0) : null),
  decode: () => new Unknown(),
});
extensions.register({
  type: 12,
  // not null, and begins with …
  encode: (value) => (value instanceof Unknown ? Uint8Array.of(0x82, 0x01, 0xc2, 0x02, ...encode(value.prefix)) : null),
  decode: () => {
    throw new Error('a provider need not refine what is unknown, and ours does not');
  },
});

export function toWire(value: Value): DynamicValue {
  return { msgpack: Buffer.from(encode(value, { extensionCodec: extensions })), json: Buffer.alloc(0) };
}

/** @throws Error unless it is an object with just the schema's attributes, each of its type; null: no object */
export function fromWire(schema: Schema, dynamic: DynamicValue | undefined): Values | null {
  if (dynamic === undefined) throw new Error('no value at all');
  const { msgpack, json } = dynamic;
  const raw: unknown =
    msgpack.length > 0 ? decode(msgpack, { extensionCodec: extensions }) : JSON.parse(json.toString('utf8'));
  if (raw === null) return null;
  const given = v.parse(v.record(v.string(), v.unknown()), raw);
  const names = Object.keys(schema).sort();
  if (!isDeepStrictEqual(Object.keys(given).sort(), names)) throw new Error(`not just the attributes ${names.join()}`);
  return Object.fromEntries(
    Object.entries(schema).map(([name, { type, nested }]) => [name, typed(type, given[name], name, nested)]),
  );
}

function typed(type: AttributeSchema['type'], raw: unknown, name: string, nested: Schema = {}): Value {
  if (raw === null || raw instanceof Unknown) return raw;
  switch (type) {
    case 'string':
      if (typeof raw === 'string') return raw;
      break;
    case 'bool':
      if (typeof raw === 'boolean') return raw;
      break;
    case 'number':
      if (['number', 'string'].includes(typeof raw) && Number.isFinite(Number(raw))) return Number(raw);
      break;
    case 'object': {
      const object = v.parse(v.record(v.string(), v.unknown()), raw);
      return Object.fromEntries(
        Object.entries(nested).map(([inside, { type: kind }]) => [inside, typed(kind, object[inside] ?? null, inside)]),
      );
    }
    case 'set': {
      const elements = Array.isArray(raw) ? raw.map((element: unknown) => typed('string', element, name)) : [null];
      if (elements.includes(null)) break;
      return inOrder(elements);
    }
  }
  throw new Error(`${name} is not a ${type}: ${JSON.stringify(raw)}`);
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A set as Terraform has it: in one order, each element once. */
export function inOrder(elements: readonly Value[]): readonly Value[] {
  const known = elements.filter((element): element is string => typeof element === 'string');
  return [...[...new Set(known)].sort(), ...elements.filter((element) => element instanceof Unknown)];
}

export function isKnown(value: Value): boolean {
  if (value instanceof Unknown) return false;
  return typeof value !== 'object' || value === null || Object.values(value).every(isKnown);
}

/** What is not known equals nothing. */
export function same(a: Value, b: Value): boolean {
  return isKnown(a) && isKnown(b) && isDeepStrictEqual(a, b);
}

/** A provider's configuration with nulls for all it leaves out, also in nested objects. */
export function completed(attributes: readonly Schema_Attribute[], given: Values): Values {
  return Object.fromEntries(
    attributes.map(({ name, nestedType }): [string, Value] => {
      const value = given[name] ?? null;
      if (nestedType === undefined || value === null || value instanceof Unknown) return [name, value];
      const object = v.parse(
        v.record(
          v.string(),
          v.custom<Value>(() => true),
        ),
        value,
      );
      if (nestedType.nesting === Schema_Object_NestingMode.SINGLE)
        return [name, completed(nestedType.attributes, object)];
      const inside = Object.entries(object).map(([key, each]): [string, Value] => [
        key,
        completed(
          nestedType.attributes,
          v.parse(
            v.record(
              v.string(),
              v.custom<Value>(() => true),
            ),
            each,
          ),
        ),
      ]);
      return [name, Object.fromEntries(inside)];
    }),
  );
}
