/** A range of a text: `start` is in it, `end` is not. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `a.b = value`, on its own line or in an inline table. */
export interface KeyValue {
  readonly path: readonly string[];
  readonly value: Span;
  /** The pairs of an inline table `{…}`. */
  readonly entries: readonly KeyValue[] | undefined;
}

export interface ValueLine extends KeyValue {
  /** Its whole lines, with the line break. */
  readonly lines: Span;
}

/** A header with the values under it; the first table of a document is the root and has no header. */
export interface TableLayout {
  readonly header: 'root' | 'table' | 'array-table';
  readonly path: readonly string[];
  readonly lines: Span;
  readonly values: readonly ValueLine[];
}

/** The document is not laid out in a way this reader can follow. Says where, never what stands there. */
export class LayoutError extends Error {}

/**
 * Finds where the tables and values of a TOML document stand, so that a few can be changed and every other byte kept.
 * It only locates: whether the document is valid is for a real parser to say (TOML 1.0, toml.io/en/v1.0.0).
 */
export function layout(text: string): TableLayout[] {
  return new Reader(text).tables();
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  tables(): TableLayout[] {
    if (this.text.startsWith('\uFEFF')) this.at = 1;
    let values: ValueLine[] = [];
    const tables: TableLayout[] = [{ header: 'root', path: [], lines: { start: this.at, end: this.at }, values }];
    while (this.at < this.text.length) {
      const start = this.at;
      this.skip(/[ \t]*/y);
      if (this.lineIsEmpty()) {
        this.endLine();
      } else if (this.peek('[')) {
        const header = this.header();
        this.endLine();
        values = [];
        tables.push({ ...header, lines: { start, end: this.at }, values });
      } else {
        const pair = this.keyValue();
        this.endLine();
        values.push({ ...pair, lines: { start, end: this.at } });
      }
    }
    return tables;
  }

  private header(): Pick<TableLayout, 'header' | 'path'> {
    const array = this.peek('[[');
    this.expect(array ? '[[' : '[');
    const path = this.key();
    this.expect(array ? ']]' : ']');
    return { header: array ? 'array-table' : 'table', path };
  }

  private keyValue(): KeyValue {
    const path = this.key();
    this.expect('=');
    this.skip(/[ \t]*/y);
    const start = this.at;
    const entries = this.value();
    return { path, value: { start, end: this.at }, entries };
  }

  private key(): string[] {
    const path: string[] = [];
    do {
      this.skip(/[ \t]*/y);
      path.push(this.simpleKey());
      this.skip(/[ \t]*/y);
    } while (this.accept('.'));
    return path;
  }

  private simpleKey(): string {
    const start = this.at;
    if (this.skip(/"(?:[^"\\\r\n]|\\.)*"/y)) return unescape(this.text.slice(start + 1, this.at - 1));
    if (this.skip(/'[^'\r\n]*'/y)) return this.text.slice(start + 1, this.at - 1);
    if (this.skip(/[A-Za-z0-9_-]+/y)) return this.text.slice(start, this.at);
    throw this.lost();
  }

  /** Passes a value; of an inline table it returns the pairs. */
  private value(): KeyValue[] | undefined {
    if (this.peek('{')) return this.inlineTable();
    if (this.peek('[')) this.array();
    else if (this.peek('"""')) this.must(/"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}/y);
    else if (this.peek("'''")) this.must(/'''(?:[^']|'(?!''))*'{3,5}/y);
    else if (this.peek('"')) this.must(/"(?:[^"\\\r\n]|\\.)*"/y);
    else if (this.peek("'")) this.must(/'[^'\r\n]*'/y);
    else this.must(/[A-Za-z0-9_+:.-]+(?: [0-9][0-9:.]*(?:[Zz]|[+-][0-9:]+)?)?/y);
    return undefined;
  }

  private array(): void {
    this.expect('[');
    for (;;) {
      this.skipBetween();
      if (this.accept(']')) return;
      this.value();
      this.skipBetween();
      if (!this.accept(',') && !this.peek(']')) throw this.lost();
    }
  }

  private inlineTable(): KeyValue[] {
    const entries: KeyValue[] = [];
    this.expect('{');
    for (;;) {
      this.skipBetween();
      if (this.accept('}')) return entries;
      entries.push(this.keyValue());
      this.skipBetween();
      if (!this.accept(',') && !this.peek('}')) throw this.lost();
    }
  }

  /** White space, line breaks and comments, as they may stand between the values of an array. */
  private skipBetween(): void {
    this.skip(/(?:[ \t\r\n]|#[^\n]*)*/y);
  }

  private lineIsEmpty(): boolean {
    return this.at >= this.text.length || this.peek('#') || this.peek('\n') || this.peek('\r\n');
  }

  private endLine(): void {
    this.skip(/[ \t]*(?:#[^\n]*)?/y);
    if (this.at < this.text.length) this.must(/\r?\n/y);
  }

  private peek(expected: string): boolean {
    return this.text.startsWith(expected, this.at);
  }

  private accept(expected: string): boolean {
    if (!this.peek(expected)) return false;
    this.at += expected.length;
    return true;
  }

  private expect(expected: string): void {
    if (!this.accept(expected)) throw this.lost();
  }

  private must(pattern: RegExp): void {
    if (!this.skip(pattern)) throw this.lost();
  }

  /** Passes what a sticky pattern matches here. */
  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match !== null;
  }

  private lost(): LayoutError {
    const before = this.text.slice(0, this.at).split('\n');
    return new LayoutError(`line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`);
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };

function unescape(text: string): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g,
    (_, four?: string, eight?: string, one?: string) => {
      const code = four ?? eight;
      return code === undefined ? (escapes[one ?? ''] ?? '') : String.fromCodePoint(Number.parseInt(code, 16));
    },
  );
}
