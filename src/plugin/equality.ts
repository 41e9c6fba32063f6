import type { Attribute, Type } from './schema';
import { isKnown, isListValue, isObjectValue, UNKNOWN, type Value } from './value';

/** Whether two values are the same for Terraform: sets in any order. UNKNOWN is the same as UNKNOWN. */
export function sameValue(type: Type, a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === 'number' || typeof a === 'bigint')
    return (typeof b === 'number' || typeof b === 'bigint') && a.toString() === b.toString();
  switch (type.kind) {
    case 'list':
      return sameElements(a, b, (x, y) => sameValue(type.element, x, y));
    case 'set':
      return sameInAnyOrder(a, b, (x, y) => sameValue(type.element, x, y));
    case 'map':
      return sameEntries(a, b, () => type.element);
    case 'object':
      return sameEntries(a, b, (name) => type.attributes[name]?.type);
    default:
      return false;
  }
}

/**
 * Whether two values of one attribute mean the same: by its `equal`, and null as the empty collection. Inside objects
 * each attribute is compared by its own `equal`.
 */
export function sameMeaning(attribute: Attribute, a: Value, b: Value): boolean {
  const { type } = attribute;
  if (sameValue(type, a, b)) return true;
  if ('element' in type && isEmpty(a) && isEmpty(b)) return true;
  if (a === null || b === null || !isKnown(a) || !isKnown(b)) return false;
  const equal = attribute.equal?.bind(attribute);
  if (equal !== undefined) {
    if (type.kind === 'list') return sameElements(a, b, equal);
    if (type.kind === 'set') return sameInAnyOrder(a, b, equal);
    return equal(a, b);
  }
  if (type.kind === 'object') return sameAttributes(type.attributes, a, b);
  if ('element' in type && type.element.kind === 'object') {
    const { attributes } = type.element;
    const sameObject = (x: Value, y: Value): boolean => sameAttributes(attributes, x, y);
    if (type.kind === 'list') return sameElements(a, b, sameObject);
    if (type.kind === 'set') return sameInAnyOrder(a, b, sameObject);
    return (
      isObjectValue(a) &&
      isObjectValue(b) &&
      Object.keys(a).length === Object.keys(b).length &&
      Object.keys(a).every((key) => key in b && sameObject(a[key] ?? null, b[key] ?? null))
    );
  }
  return false;
}

/** `prior` where `next` means the same, else `next`. */
export function keepIfSame(attribute: Attribute, prior: Value, next: Value): Value {
  return next !== UNKNOWN && sameMeaning(attribute, prior, next) ? prior : next;
}

function isEmpty(value: Value): boolean {
  if (isListValue(value)) return value.length === 0;
  return value === null || (isObjectValue(value) && Object.keys(value).length === 0);
}

type Same = (a: Value, b: Value) => boolean;

function sameElements(a: Value, b: Value, same: Same): boolean {
  return (
    isListValue(a) && isListValue(b) && a.length === b.length && a.every((element, i) => same(element, b[i] ?? null))
  );
}

function sameInAnyOrder(a: Value, b: Value, same: Same): boolean {
  if (!isListValue(a) || !isListValue(b) || a.length !== b.length) return false;
  const rest = [...b];
  return a.every((element) => {
    const i = rest.findIndex((candidate) => same(element, candidate));
    if (i >= 0) rest.splice(i, 1);
    return i >= 0;
  });
}

function sameEntries(a: Value, b: Value, typeOf: (name: string) => Type | undefined): boolean {
  if (!isObjectValue(a) || !isObjectValue(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const type = typeOf(name);
      return type !== undefined && name in b && sameValue(type, a[name] ?? null, b[name] ?? null);
    })
  );
}

function sameAttributes(attributes: Readonly<Record<string, Attribute>>, a: Value, b: Value): boolean {
  if (!isObjectValue(a) || !isObjectValue(b)) return false;
  return Object.entries(attributes).every(([name, attribute]) =>
    sameMeaning(attribute, a[name] ?? null, b[name] ?? null),
  );
}
