import { isWriteOnly, mapAttributes } from './defaults';
import { keepIfSame, sameValue } from './equality';
import type { Attribute, Attributes, Type } from './schema';
import { isKnown, isListValue, isObjectValue, UNKNOWN, type ObjectValue, type Path, type Value } from './value';

/** A handler returned what its declaration does not allow: a mistake in the provider, not of the user. */
export class HandlerFault extends Error {
  override readonly name = 'HandlerFault';
  constructor(
    readonly path: Path,
    message: string,
  ) {
    super(message);
  }
}

/** What a value may be: a plan may hold UNKNOWN, what an import or a failure left behind may be incomplete. */
export type Allowed = 'known' | 'unknown' | 'incomplete';

/**
 * What a handler returned as a complete object: attributes it left out null, write-only ones null.
 * @throws HandlerFault where a value is of another type, null or UNKNOWN where it must not be, or not an attribute
 */
export function conform(attributes: Attributes, returned: unknown, allowed: Allowed, path: Path = []): ObjectValue {
  if (!isRecord(returned)) throw new HandlerFault(path, `${describe(returned)} instead of an object`);
  for (const [name, value] of Object.entries(returned))
    if (!(name in attributes) && value !== undefined)
      throw new HandlerFault([...path, name], 'an attribute that is not declared');
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => {
      const value = returned[name];
      const here = [...path, name];
      if (isWriteOnly(attribute)) return [name, null];
      if (value !== null && value !== undefined) return [name, conformValue(attribute.type, value, allowed, here)];
      if (!attribute.nullable && allowed !== 'incomplete')
        throw new HandlerFault(here, 'no value, where one is declared always to be there');
      return [name, null];
    }),
  );
}

/** The same for a single value, such as a function's result. */
export function conformValue(type: Type, value: unknown, allowed: Allowed, path: Path): Value {
  if (value === UNKNOWN) {
    if (allowed === 'unknown') return UNKNOWN;
    throw new HandlerFault(path, 'an unknown value, where it has to be known by now');
  }
  switch (type.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'number':
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return value;
      break;
    case 'list':
      if (Array.isArray(value))
        return value.map((element: unknown, i) => conformValue(type.element, element, allowed, [...path, i]));
      break;
    case 'set':
      if (Array.isArray(value))
        return value
          .map((element: unknown, i) => conformValue(type.element, element, allowed, [...path, i]))
          .filter(
            // Two that are not known yet may turn out to be two: Terraform counts them.
            (element, i, all) =>
              !isKnown(element) || all.findIndex((other) => sameValue(type.element, other, element)) === i,
          );
      break;
    case 'map':
      if (isRecord(value))
        return Object.fromEntries(
          Object.entries(value).map(([key, element]) => [
            key,
            conformValue(type.element, element, allowed, [...path, key]),
          ]),
        );
      break;
    case 'object':
      return conform(type.attributes, value, allowed, path);
  }
  throw new HandlerFault(path, `${describe(value)} instead of a ${type.kind}`);
}

/**
 * `next` with the values of `prior` wherever they mean the same, so that Terraform sees no difference. In a state null
 * and an empty collection stand for each other; a plan has to say which of them is configured.
 */
export function keepSame(
  attributes: Attributes,
  prior: ObjectValue,
  next: ObjectValue,
  of: 'plan' | 'state',
): ObjectValue {
  return mapAttributes(attributes, next, (attribute, value, name) => {
    const before = prior[name] ?? null;
    if (before === UNKNOWN || (of === 'plan' && (before === null || value === null))) return value;
    const kept = keepIfSame(attribute, before, value);
    return kept === before ? before : keepInside(attribute.type, before, value, of);
  });
}

function keepInside(type: Type, before: Value, value: Value, of: 'plan' | 'state'): Value {
  if (type.kind === 'object')
    return isObjectValue(before) && isObjectValue(value) ? keepSame(type.attributes, before, value, of) : value;
  if (!('element' in type) || type.kind === 'set') return value;
  const { element } = type;
  if (isListValue(before) && isListValue(value))
    return value.map((x, i) => keepInside(element, before[i] ?? null, x, of));
  if (!isObjectValue(before) || !isObjectValue(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, x]) => [key, keepInside(element, before[key] ?? null, x, of)]),
  );
}

/**
 * Where a state contradicts its plan: only what was planned as UNKNOWN may have become something else. Terraform would
 * refuse the whole result ("inconsistent result after apply").
 */
export function contradictions(attributes: Attributes, planned: ObjectValue, state: ObjectValue): Path[] {
  return Object.entries(attributes)
    .filter(([name, { type }]) => !fulfils(type, planned[name] ?? null, state[name] ?? null))
    .map(([name]) => [name]);
}

/**
 * Where a plan contradicts the configuration: what is configured has to be planned as written, or kept as it was; what
 * is not and cannot be computed has to be null. Terraform would refuse it ("invalid plan").
 */
export function contradictsConfig(
  attributes: Attributes,
  config: ObjectValue,
  prior: ObjectValue | undefined,
  planned: ObjectValue,
): Path[] {
  const fits = (attribute: Attribute, name: string): boolean => {
    const configured = config[name] ?? null;
    const value = planned[name] ?? null;
    if (attribute.mode === 'computed' || isWriteOnly(attribute)) return true;
    if (attribute.mode === 'optionalComputed' && configured === null) return true;
    const before = prior?.[name] ?? null;
    // Whether that means the same may depend on more than the two values: the `plan` handler decides.
    const kept = before !== null && sameValue(attribute.type, before, value);
    if (kept && configured !== null && isKnown(configured)) return true;
    return agrees(attribute.type, before, configured, value);
  };
  return Object.entries(attributes)
    .filter(([name, attribute]) => !fits(attribute, name))
    .map(([name]) => [name]);
}

/** Whether `value` is what is configured; attributes of objects inside as if they stood alone. */
function agrees(type: Type, before: Value, configured: Value, value: Value): boolean {
  if (type.kind === 'object' && isObjectValue(configured) && isObjectValue(value)) {
    const prior = isObjectValue(before) ? before : undefined;
    return contradictsConfig(type.attributes, configured, prior, value).length === 0;
  }
  return alike(type, configured, value, (element, x, y, key) => agrees(element, elementOf(before, key), x, y));
}

function elementOf(value: Value, key: string | number | undefined): Value {
  if (typeof key === 'number') return isListValue(value) ? (value[key] ?? null) : null;
  return key !== undefined && isObjectValue(value) ? (value[key] ?? null) : null;
}

/** Whether `value` is what was planned, UNKNOWN standing for anything. */
function fulfils(type: Type, planned: Value, value: Value): boolean {
  if (planned === UNKNOWN) return true;
  if (type.kind === 'object' && isObjectValue(planned) && isObjectValue(value))
    return contradictions(type.attributes, planned, value).length === 0;
  return alike(type, planned, value, fulfils);
}

/** Compares elements; `key` is where in a list or map (in a set nothing has a place). */
function alike(
  type: Type,
  a: Value,
  b: Value,
  same: (type: Type, a: Value, b: Value, key?: string | number) => boolean,
): boolean {
  if (sameValue(type, a, b)) return true;
  if (!('element' in type)) return false;
  const { element } = type;
  if (isListValue(a) && isListValue(b)) {
    if (type.kind === 'list') return a.length === b.length && a.every((x, i) => same(element, x, b[i] ?? null, i));
    // Unknown elements of a set may turn out to be the same one.
    const rest = [...b];
    const unmatched = a.filter((x) => {
      const i = x === UNKNOWN ? -1 : rest.findIndex((y) => same(element, x, y));
      if (i >= 0) rest.splice(i, 1);
      return i < 0;
    });
    return unmatched.every((x) => x === UNKNOWN) && rest.length <= unmatched.length;
  }
  if (!isObjectValue(a) || !isObjectValue(b)) return false;
  return (
    Object.keys(a).length === Object.keys(b).length &&
    Object.keys(a).every((key) => key in b && same(element, a[key] ?? null, b[key] ?? null, key))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : value === undefined ? 'nothing' : `a ${typeof value}`;
}
