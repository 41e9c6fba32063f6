import { GoJsonError, type Json } from './go-json';

/**
 * Values into Go types, with Go's leniency: null leaves the zero value, names match in any case, unknown names are dropped.
 * A wrong type is an error.
 */
export function goStruct(json: Json, fields: Readonly<Record<string, (value: Json) => void>>): void {
  if (json.kind === 'null') return;
  if (json.kind !== 'object') throw mismatch(json, 'struct');
  const names = Object.keys(fields);
  for (const [name, value] of json.members) {
    const field = names.includes(name) ? name : names.find((known) => known.toLowerCase() === name.toLowerCase());
    if (field !== undefined) fields[field]?.(value);
  }
}

export function goText(json: Json): string {
  if (json.kind === 'null') return '';
  if (json.kind !== 'string') throw mismatch(json, 'string');
  return json.value;
}

export function goBool(json: Json): boolean {
  if (json.kind === 'null') return false;
  if (json.kind !== 'bool') throw mismatch(json, 'bool');
  return json.value;
}

/** A 64-bit integer; `type` is how Go's errors call it. */
export function goInt(json: Json, type: 'int' | 'int64'): bigint {
  if (json.kind === 'null') return 0n;
  if (json.kind !== 'number' || !/^-?\d+$/.test(json.text)) throw mismatch(json, type);
  const value = BigInt(json.text);
  if (BigInt.asIntN(64, value) !== value) throw mismatch(json, type);
  return value;
}

/** `[]byte`: strict base64 with padding; line breaks are ignored. */
export function goBytes(json: Json): Buffer | null {
  if (json.kind === 'null') return null;
  const text = goText(json).replace(/[\r\n]/g, '');
  const valid = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  if (!valid) {
    const foreign = text.search(/[^A-Za-z0-9+/=]/);
    const at = foreign < 0 ? text.length - (text.length % 4) : foreign;
    throw new GoJsonError(`illegal base64 data at input byte ${at}`);
  }
  return Buffer.from(text, 'base64');
}

/** A slice: null stays null. */
export function goSlice<T>(json: Json, item: (value: Json) => T): T[] | null {
  if (json.kind === 'null') return null;
  if (json.kind !== 'array') throw mismatch(json, 'slice');
  return json.items.map(item);
}

/** A map: null stays null. */
export function goMap<T>(json: Json, member: (value: Json) => T): Map<string, T> | null {
  if (json.kind === 'null') return null;
  if (json.kind !== 'object') throw mismatch(json, 'map');
  return new Map([...json.members].map(([name, value]) => [name, member(value)]));
}

/** `time.Time`, kept as it will be written again. */
export interface GoTime {
  /** RFC 3339 with nanoseconds, trailing zeros of the fraction trimmed, `Z` for UTC. */
  readonly text: string;
  readonly milliseconds: number;
}

export const zeroTime: GoTime = { text: '0001-01-01T00:00:00Z', milliseconds: Date.parse('0001-01-01T00:00:00Z') };

export function goTime(json: Json): GoTime {
  if (json.kind === 'null') return zeroTime;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(goText(json));
  const [, seconds = '', fraction = '', zone = ''] = match ?? [];
  const milliseconds = Date.parse(`${seconds}${zone}`);
  if (match === null || Number.isNaN(milliseconds)) {
    throw new GoJsonError(`parsing time ${json.text} as "2006-01-02T15:04:05Z07:00": cannot parse`);
  }
  return written(seconds, fraction, /^[+-]00:00$/.test(zone) ? 'Z' : zone, milliseconds);
}

/** A moment as Go writes it. */
export function goTimeOf(date: Date): GoTime {
  const [seconds = '', fraction = ''] = date.toISOString().replace('Z', '').split('.');
  return written(seconds, fraction, 'Z', Date.parse(`${seconds}Z`));
}

function written(seconds: string, fraction: string, zone: string, milliseconds: number): GoTime {
  const trimmed = fraction.slice(0, 9).replace(/0+$/, '');
  return {
    text: `${seconds}${trimmed === '' ? '' : `.${trimmed}`}${zone}`,
    milliseconds: milliseconds + Math.floor(Number(`0.${fraction}0`) * 1000),
  };
}

function mismatch(json: Json, type: string): GoJsonError {
  return new GoJsonError(`json: cannot unmarshal ${json.kind} into Go value of type ${type}`);
}
