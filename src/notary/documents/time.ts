import { DctError } from '../../error';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * A time as Go's RFC3339Nano writes it: UTC, no trailing zeros in the fraction. (`toISOString` alone keeps them, and then
 * the server's hash over its own serialisation is another one than the file's.)
 */
export function formatTime(date: Date): string {
  const text = date.toISOString();
  if (text.length !== 24) throw new DctError('malformed_document', `the time ${text} has no four-digit year`);
  return text.replace(/\.?0+Z$/, 'Z');
}

/** The same time in the form Go writes when it re-serialises a document, or undefined if Go would not read it. */
export function normaliseTime(text: string): string | undefined {
  const parts = RFC3339.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = parts;
  const date = new Date(`${text.slice(0, 19)}Z`);
  // Date takes 31 February for 3 March, and 24:00; Go refuses both.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== text.slice(0, 19)) return undefined;
  if (zone !== 'Z' && (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(4)) > 59)) return undefined;
  const digits = fraction.replace(/0+$/, '');
  const utc = zone === '+00:00' || zone === '-00:00' ? 'Z' : zone;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${digits && `.${digits}`}${utc}`;
}

/** The instant of a document's time, to the millisecond (rounded down). */
export function instantOf(text: string): Date {
  const parts = RFC3339.exec(text);
  if (!parts) throw new DctError('malformed_document', `${JSON.stringify(text.slice(0, 60))} is not an RFC 3339 time`);
  const [, , , , , , , fraction = '', zone = 'Z'] = parts;
  return new Date(`${text.slice(0, 19)}.${fraction.padEnd(3, '0').slice(0, 3)}${zone}`);
}
