import type { Settings, Value as Written } from '../configuration';
import { inOrder, type Schema, Unknown, type Value, type Values } from './wire';

/** A resource as it is configured, for HCL and for the stand-in alike. `${type.name.attribute}` in a text is a reference. */
export interface Block {
  /** `dct_repository`, or `terraform_data`: something else that makes values only at apply. */
  readonly type: string;
  readonly name: string;
  readonly settings: Settings;
  /** Addresses of what has to be there first, besides what it refers to. */
  readonly after?: readonly string[];
  readonly createBeforeDestroy?: boolean;
}
export type Lookup = (address: string, attribute: string) => Value;

const REFERENCE = /\$\{(\w+\.\w+)\.(\w+)\}/g;

export function addressOf({ type, name }: Pick<Block, 'type' | 'name'>): string {
  return `${type}.${name}`;
}

export function dependenciesOf({ settings, after = [] }: Block): string[] {
  const referred = [...JSON.stringify(settings).matchAll(REFERENCE)].map(([, address = '']) => address);
  return [...new Set([...referred, ...after])];
}

/** The configuration of a resource, with everything in it that is known by now; what is left out is null. */
export function evaluate(schema: Schema, { settings }: Block, lookup: Lookup): Values {
  return Object.fromEntries(
    Object.entries(schema).map(([name, { type, nested }]) => {
      const value = valueOf(settings[name] ?? null, lookup);
      if (nested !== undefined && isObject(value))
        return [name, Object.fromEntries(Object.keys(nested).map((inside) => [inside, value[inside] ?? null]))];
      return [name, type === 'set' && Array.isArray(value) ? inOrder(value) : value];
    }),
  );
}

/** Unknown begins with what comes before the first part that is not known. */
function valueOf(written: Written, lookup: Lookup): Value {
  if (typeof written === 'string') return textOf(written, lookup);
  if (Array.isArray(written)) return written.map((element: Written) => valueOf(element, lookup));
  if (typeof written !== 'object' || written === null) return written;
  return Object.fromEntries(
    Object.entries(written).map(([key, each]: [string, Written]) => [key, valueOf(each, lookup)]),
  );
}

function textOf(written: string, lookup: Lookup): Value {
  const whole = /^\$\{(\w+\.\w+)\.(\w+)\}$/.exec(written);
  if (whole !== null) return lookup(whole[1] ?? '', whole[2] ?? '');
  let unknownAt: number | undefined;
  const text = written.replace(REFERENCE, (_, address: string, attribute: string, at: number) => {
    const value = lookup(address, attribute);
    if (value instanceof Unknown) unknownAt ??= at;
    return typeof value === 'string' ? value : '';
  });
  return unknownAt === undefined ? text : new Unknown(written.slice(0, unknownAt));
}

function isObject(value: Value): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}
