/**
 * JSON as Go's decoder reads it: exact numbers, the source text of every value (Go's `json.RawMessage`), the last of two
 * equal names. Written apart from the client's reader on purpose: the sandbox is there to catch the client's mistakes.
 */
export type Json = { readonly text: string } & (
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number' }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Json> }
);

/** What Go's decoder or encoder would have said. */
export class GoJsonError extends Error {}

const MAX_DEPTH = 500;

/** The whole text as one value. @throws GoJsonError */
export function parseJson(text: string): Json {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** The first value of a text that may go on, as Go's streaming decoder takes it. @throws GoJsonError */
export function parseFirstJson(text: string): Json {
  return new Parser(text).value(0);
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new GoJsonError('exceeded max depth');
    this.space();
    const start = this.at;
    const character = this.text[start];
    const source = (): string => this.text.slice(start, this.at);
    if (character === '{') {
      const members = this.object(depth);
      return { kind: 'object', members, text: source() };
    }
    if (character === '[') {
      const items = this.array(depth);
      return { kind: 'array', items, text: source() };
    }
    if (character === '"') {
      const value = this.string();
      return { kind: 'string', value, text: source() };
    }
    if (this.take(/true|false/y) !== undefined) return { kind: 'bool', value: source() === 'true', text: source() };
    if (this.take(/null/y) !== undefined) return { kind: 'null', text: source() };
    if (this.take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y) !== undefined) {
      return { kind: 'number', text: source() };
    }
    throw this.unexpected('looking for beginning of value');
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) throw this.unexpected('after top-level value');
  }

  private object(depth: number): ReadonlyMap<string, Json> {
    const members = new Map<string, Json>();
    this.at += 1;
    this.space();
    if (this.skip('}')) return members;
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw this.unexpected('looking for beginning of object key string');
      const name = this.string();
      this.space();
      if (!this.skip(':')) throw this.unexpected('after object key');
      members.set(name, this.value(depth + 1));
      this.space();
      if (this.skip('}')) return members;
      if (!this.skip(',')) throw this.unexpected('after object key:value pair');
    }
  }

  private array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.at += 1;
    this.space();
    if (this.skip(']')) return items;
    for (;;) {
      items.push(this.value(depth + 1));
      this.space();
      if (this.skip(']')) return items;
      if (!this.skip(',')) throw this.unexpected('after array element');
    }
  }

  private string(): string {
    // eslint-disable-next-line no-control-regex -- JSON strings have no raw control characters
    const source = this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (source === undefined) throw this.unexpected('in string literal');
    return String(JSON.parse(source));
  }

  private space(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  private skip(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [match] = pattern.exec(this.text) ?? [];
    if (match !== undefined) this.at += match.length;
    return match;
  }

  private unexpected(where: string): GoJsonError {
    const character = this.text[this.at];
    return new GoJsonError(
      character === undefined ? 'unexpected end of JSON input' : `invalid character '${character}' ${where}`,
    );
  }
}
