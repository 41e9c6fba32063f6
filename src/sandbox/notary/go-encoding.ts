import { GoJsonError, type Json, parseJson } from './go-json';

/** A value to be written the way docker/go's canonical encoder writes it; `raw` is text that passes through. */
export type GoValue =
  null | boolean | bigint | string | readonly GoValue[] | ReadonlyMap<string, GoValue> | { readonly raw: string };

/**
 * Canonical JSON: names sorted bytewise, no spaces, in strings only `\` and `"` escaped (reference: docker/go
 * canonical/json).
 */
export function canonical(value: GoValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (isMap(value)) {
    const members = [...value].map(([name, member]) => [Buffer.from(name), name, member] as const);
    members.sort(([left], [right]) => Buffer.compare(left, right));
    return `{${members.map(([, name, member]) => `${canonical(name)}:${canonical(member)}`).join(',')}}`;
  }
  return compact(value.raw);
}

/**
 * The bytes a signature is over, as Go's verifier makes them: `signed` decoded to untyped values (so numbers pass through a
 * float64) and written canonically. @throws GoJsonError for a number that is not an integer
 */
export function signedMessage(signed: Json): Buffer {
  return Buffer.from(canonical(untyped(signed)), 'utf8');
}

/**
 * Go's ordinary encoder on JSON text: spaces dropped, `<`, `>`, `&`, U+2028 and U+2029 escaped.
 * @throws GoJsonError where the text is no JSON (canonical text with control characters is not)
 */
export function compact(text: string): string {
  const json = parseJson(text);
  return escapeHtml(unspaced(json));
}

/** A Go struct in canonical form wrapped with its signatures: the whole file as the server itself would write it. */
export function encodeSigned(signed: GoValue, signatures: readonly GoSignature[]): Buffer {
  const list = signatures.map(
    ({ keyId, method, signature }) =>
      `{"keyid":${goString(keyId)},"method":${goString(method)},"sig":${signature === null ? 'null' : `"${signature.toString('base64')}"`}}`,
  );
  return Buffer.from(`{"signed":${compact(canonical(signed))},"signatures":[${list.join(',')}]}`, 'utf8');
}

export interface GoSignature {
  readonly keyId: string;
  readonly method: string;
  readonly signature: Buffer | null;
}

function untyped(json: Json): GoValue {
  switch (json.kind) {
    case 'null':
      return null;
    case 'bool':
    case 'string':
      return json.value;
    case 'number':
      return integer(json.text);
    case 'array':
      return json.items.map(untyped);
    case 'object':
      return new Map([...json.members].map(([name, member]) => [name, untyped(member)]));
  }
}

function integer(text: string): GoValue {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new GoJsonError(`json: unsupported value: ${text}`);
  // beyond 64 bits the float itself is written, which nobody signs
  return Math.abs(value) < 2 ** 63 ? BigInt(value) : { raw: value.toExponential() };
}

function unspaced(json: Json): string {
  if (json.kind === 'array') return `[${json.items.map(unspaced).join(',')}]`;
  if (json.kind !== 'object') return json.text;
  // names keep their own escapes, which the parsed map no longer has: spaces are dropped between tokens instead
  return json.text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, name: string | undefined) => name ?? '');
}

function goString(text: string): string {
  return escapeHtml(JSON.stringify(text));
}

function escapeHtml(text: string): string {
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isList(value: object): value is readonly GoValue[] {
  return Array.isArray(value);
}

function isMap(value: object): value is ReadonlyMap<string, GoValue> {
  return value instanceof Map;
}
