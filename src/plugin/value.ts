/** What a value is when only the apply will tell. Stands anywhere in a configuration or a plan, never in a state. */
export const UNKNOWN: unique symbol = Symbol('unknown');
export type Unknown = typeof UNKNOWN;

/**
 * A Terraform value in JavaScript: lists and sets are arrays, maps and objects are plain objects, whole numbers beyond
 * 2^53 are bigints.
 */
export type Value = string | boolean | number | bigint | null | Unknown | readonly Value[] | ObjectValue;
export interface ObjectValue {
  readonly [name: string]: Value;
}

/** Attribute names, map keys and list indexes from the top of a resource's (or the provider's) configuration. */
export type Path = readonly (string | number)[];

export function isObjectValue(value: Value | undefined): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isListValue(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether no UNKNOWN stands anywhere in `value`. */
export function isKnown(value: Value): boolean {
  if (value === UNKNOWN) return false;
  if (isListValue(value)) return value.every(isKnown);
  if (isObjectValue(value)) return Object.values(value).every(isKnown);
  return true;
}
