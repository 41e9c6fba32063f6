import { DctError } from '../../error';

/**
 * A JSON value with its place in the text. JSON.parse will not do for trust data: it rounds big integers, keeps the last of
 * two equal keys, makes `__proto__` special, and cannot give back the bytes of one value.
 */
export type JsonNode = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonNode> }
);

/** Real documents nest six deep; the rest is room for custom data. Keeps hostile input off the call stack. */
const MAX_DEPTH = 200;
/** As many as the tags of the longest file that docker reads have; without an end to them, 100 MiB of `[]` would fill the memory. */
const MAX_VALUES = 4_000_000;
/** What a string may hold as it is: no control characters, no `"`, no `\`. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** The text of UTF-8 bytes. Throws `malformed_document` for anything that is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DctError('malformed_document', `${what} is not valid UTF-8`);
  }
}

/** Parses RFC 8259 JSON, refusing duplicate keys and nesting beyond 200. Throws `malformed_document` with the position. */
export function parseJson(text: string, what: string): JsonNode {
  return new JsonParser(text, what).document();
}

/** A lone surrogate becomes U+FFFD, as in Go. */
export function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text;
}

class JsonParser {
  private at = 0;
  private values = 0;

  constructor(
    private readonly text: string,
    private readonly what: string,
  ) {}

  document(): JsonNode {
    const node = this.value(0);
    this.skipSpace();
    if (this.at < this.text.length) this.fail('something follows the JSON value');
    return node;
  }

  private value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH}`);
    if (++this.values > MAX_VALUES) this.fail(`more than ${MAX_VALUES} values`);
    this.skipSpace();
    const start = this.at;
    switch (this.text[start]) {
      case '{':
        return this.object(start, depth);
      case '[':
        return this.list(start, depth);
      case '"':
        return { kind: 'string', value: this.string(), start, end: this.at };
      case 't':
        return { kind: 'boolean', value: true, start, end: this.word('true') };
      case 'f':
        return { kind: 'boolean', value: false, start, end: this.word('false') };
      case 'n':
        return { kind: 'null', start, end: this.word('null') };
      case undefined:
        return this.fail('the text ends too early');
      default:
        return this.number(start);
    }
  }

  private object(start: number, depth: number): JsonNode {
    const members = new Map<string, JsonNode>();
    this.at++;
    if (this.next() === '}') return { kind: 'object', members, start, end: ++this.at };
    for (;;) {
      if (this.next() !== '"') this.fail('expected a key in quotes');
      const key = this.string();
      if (members.has(key)) this.fail(`the key ${JSON.stringify(shorten(key))} is there twice`);
      if (this.next() !== ':') this.fail('expected ":" after the key');
      this.at++;
      members.set(key, this.value(depth + 1));
      const separator = this.next();
      this.at++;
      if (separator === '}') return { kind: 'object', members, start, end: this.at };
      if (separator !== ',') this.fail('expected "," or "}"', this.at - 1);
    }
  }

  private list(start: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at++;
    if (this.next() === ']') return { kind: 'list', items, start, end: ++this.at };
    for (;;) {
      items.push(this.value(depth + 1));
      const separator = this.next();
      this.at++;
      if (separator === ']') return { kind: 'list', items, start, end: this.at };
      if (separator !== ',') this.fail('expected "," or "]"', this.at - 1);
    }
  }

  private string(): string {
    const start = this.at++;
    PLAIN.lastIndex = this.at;
    PLAIN.test(this.text);
    this.at = PLAIN.lastIndex;
    if (this.text[this.at] === '"') return this.text.slice(start + 1, this.at++);
    return this.escapedString(start);
  }

  private escapedString(start: number): string {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code)) this.fail('a string has no end', start);
      if (code < 0x20) this.fail('a control character in a string');
      this.at += code === 0x5c ? 2 : 1;
      if (code === 0x22) break;
    }
    try {
      const value: unknown = JSON.parse(this.text.slice(start, this.at));
      return wellFormed(String(value));
    } catch {
      return this.fail('an unknown escape in a string', start);
    }
  }

  private number(start: number): JsonNode {
    NUMBER.lastIndex = start;
    const text = NUMBER.exec(this.text)?.[0];
    if (text === undefined) return this.fail('not a JSON value');
    this.at += text.length;
    return { kind: 'number', text, start, end: this.at };
  }

  private word(word: string): number {
    if (!this.text.startsWith(word, this.at)) this.fail('not a JSON value');
    return (this.at += word.length);
  }

  private next(): string | undefined {
    this.skipSpace();
    return this.text[this.at];
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private fail(reason: string, at = this.at): never {
    throw new DctError('malformed_document', `${this.what} is not JSON: ${reason} (at character ${at})`);
  }
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
