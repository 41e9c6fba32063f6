import type { Attribute, Attributes, Type } from './schema';
import { isListValue, isObjectValue, type ObjectValue, type Value } from './value';

/** The configuration with defaults where the user left something out, also inside nested objects. */
export function withDefaults(attributes: Attributes, config: ObjectValue): ObjectValue {
  return mapAttributes(attributes, config, (attribute, value) => {
    if (value === null && attribute.mode === 'defaulted') return attribute.default ?? null;
    return inObjects(attribute.type, value, (nested, inside) => withDefaults(nested, inside));
  });
}

export function isWriteOnly(attribute: Attribute): boolean {
  return attribute.mode === 'requiredWriteOnly' || attribute.mode === 'optionalWriteOnly';
}

/** Whether the user may set it, and has to be asked first. */
export function isConfigurable(attribute: Attribute): boolean {
  return attribute.mode !== 'computed';
}

/** An object with all of `attributes`; what is not there is null. */
export function mapAttributes(
  attributes: Attributes,
  value: ObjectValue,
  make: (attribute: Attribute, value: Value, name: string) => Value,
): ObjectValue {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, make(attribute, value[name] ?? null, name)]),
  );
}

/** Applies `make` to each object that a value of `type` holds (itself, or its elements). */
export function inObjects(
  type: Type,
  value: Value,
  make: (attributes: Attributes, value: ObjectValue) => ObjectValue,
): Value {
  if (type.kind === 'object') return isObjectValue(value) ? make(type.attributes, value) : value;
  if (!('element' in type)) return value;
  const { element } = type;
  if (isListValue(value)) return value.map((inside) => inObjects(element, inside, make));
  if (!isObjectValue(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, inObjects(element, inside, make)]));
}
