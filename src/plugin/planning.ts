import { isWriteOnly, mapAttributes } from './defaults';
import { keepIfSame, sameMeaning, sameValue } from './equality';
import type { Attribute, Attributes, Type } from './schema';
import { isListValue, isObjectValue, UNKNOWN, type ObjectValue, type Path, type Value } from './value';

/**
 * The plan as it follows from the declaration: what is configured as configured (or as before where that means the
 * same); what the provider computes as before, or UNKNOWN for a new object; write-only attributes null.
 */
export function planObject(attributes: Attributes, prior: ObjectValue | undefined, config: ObjectValue): ObjectValue {
  return mapAttributes(attributes, config, (attribute, configured, name) => {
    const before = prior?.[name];
    if (isWriteOnly(attribute)) return null;
    const computed = attribute.mode === 'computed' || attribute.mode === 'optionalComputed';
    if (computed && configured === null) {
      // Null where it may not be (a state of an older version): the next apply finds it out.
      return before === undefined || (before === null && !attribute.nullable) ? UNKNOWN : before;
    }
    const planned = planValue(attribute.type, before, configured);
    // Null and empty are not exchanged here: Terraform wants the one that is configured.
    return before === undefined || before === null || planned === null
      ? planned
      : keepIfSame(attribute, before, planned);
  });
}

function planValue(type: Type, before: Value | undefined, configured: Value): Value {
  if (type.kind === 'object') {
    if (!isObjectValue(configured)) return configured;
    return planObject(type.attributes, isObjectValue(before) ? before : undefined, configured);
  }
  if (!('element' in type) || type.element.kind !== 'object') return configured;
  const { element } = type;
  if (isListValue(configured)) {
    const elements = isListValue(before) ? before : [];
    const counterpart =
      type.kind === 'list'
        ? (_: Value, i: number) => elements[i]
        : (value: Value) => elements.find((candidate) => sameConfigured(element.attributes, candidate, value));
    return configured.map((value, i) => planValue(element, counterpart(value, i), value));
  }
  if (!isObjectValue(configured)) return configured;
  return Object.fromEntries(
    Object.entries(configured).map(([key, value]) => [
      key,
      planValue(element, isObjectValue(before) ? before[key] : undefined, value),
    ]),
  );
}

/** Whether two elements of a set are the same object as far as the user says. */
function sameConfigured(attributes: Attributes, before: Value, configured: Value): boolean {
  if (!isObjectValue(before) || !isObjectValue(configured)) return false;
  return Object.entries(attributes).every(([name, attribute]) => {
    const value = configured[name] ?? null;
    const mayDiffer = attribute.mode === 'computed' || (attribute.mode === 'optionalComputed' && value === null);
    return mayDiffer || isWriteOnly(attribute) || sameMeaning(attribute, before[name] ?? null, value);
  });
}

/** Attributes whose change needs a new object: those with `forceNew`, or all when nothing can be updated. */
export function replacedAttributes(
  attributes: Attributes,
  prior: ObjectValue,
  planned: ObjectValue,
  canUpdate: boolean,
): Path[] {
  const paths: Path[] = [];
  const look = (name: string, attribute: Attribute, before: Value, after: Value, path: Path): void => {
    if (sameValue(attribute.type, before, after)) return;
    const here = [...path, name];
    if (attribute.forceNew === true || !canUpdate) {
      paths.push(here);
      return;
    }
    for (const [at, nested, x, y] of pairedObjects(attribute.type, before, after))
      for (const [inside, of] of Object.entries(nested))
        look(inside, of, x[inside] ?? null, y[inside] ?? null, [...here, ...at]);
  };
  for (const [name, attribute] of Object.entries(attributes))
    look(name, attribute, prior[name] ?? null, planned[name] ?? null, []);
  return paths;
}

/** Nested objects that stand in the same place before and after (in a set nothing has a place). */
function pairedObjects(type: Type, before: Value, after: Value): [Path, Attributes, ObjectValue, ObjectValue][] {
  if (type.kind === 'object')
    return isObjectValue(before) && isObjectValue(after) ? [[[], type.attributes, before, after]] : [];
  if ((type.kind !== 'list' && type.kind !== 'map') || type.element.kind !== 'object') return [];
  const { attributes } = type.element;
  const pairs: [Path, Attributes, ObjectValue, ObjectValue][] = [];
  const pair = (key: string | number, x: Value | undefined, y: Value | undefined): void => {
    if (isObjectValue(x) && isObjectValue(y)) pairs.push([[key], attributes, x, y]);
  };
  if (isListValue(before) && isListValue(after)) {
    before.forEach((x, i) => {
      pair(i, x, after[i]);
    });
  } else if (isObjectValue(before) && isObjectValue(after))
    for (const key of Object.keys(before)) pair(key, before[key], after[key]);
  return pairs;
}
