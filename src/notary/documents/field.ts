import { DctError } from '../../error';
import type { JsonNode } from './json';

const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;
/** With a length that is a multiple of four. A repeated group would overflow the stack on a long text. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** One place in a document: its value and the path that errors name (`targets.json, signed.roles[2].name`). */
export class Field {
  constructor(
    readonly node: JsonNode,
    readonly path: string,
    private readonly file: string,
    private readonly source: string,
  ) {}

  /** The value as it is written. */
  text(): string {
    return this.source.slice(this.node.start, this.node.end);
  }

  describe(): string {
    return `${this.file}, ${this.path || 'the document'}`;
  }

  /**
   * The members of an object with known field names. Go takes `Version` for `version`; two readings of one signed document
   * are an attack, so a name that differs in case only is refused. Other unknown names are left out, as Go does.
   */
  struct(known: readonly string[]): (name: string) => Field | undefined {
    const members = this.members();
    const folded = new Set(known.map(fold));
    for (const name of members.keys()) {
      if (!known.includes(name) && folded.has(fold(name))) {
        this.fail(`the field ${JSON.stringify(name)} differs from a known one in upper and lower case only`);
      }
    }
    return (name) => {
      const node = members.get(name);
      return node && new Field(node, this.path ? `${this.path}.${name}` : name, this.file, this.source);
    };
  }

  map<T>(read: (member: Field, name: string) => T): Map<string, T> {
    const result = new Map<string, T>();
    for (const [name, node] of this.members()) {
      result.set(name, read(new Field(node, `${this.path}[${JSON.stringify(name)}]`, this.file, this.source), name));
    }
    return result;
  }

  list<T>(read: (item: Field) => T): T[] {
    if (this.node.kind !== 'list') return this.mismatch('a list');
    return this.node.items.map((item, index) =>
      read(new Field(item, `${this.path}[${index}]`, this.file, this.source)),
    );
  }

  /** `read`, or null for a literal null. */
  orNull<T>(read: (field: Field) => T): T | null {
    return this.node.kind === 'null' ? null : read(this);
  }

  string(): string {
    return this.node.kind === 'string' ? this.node.value : this.mismatch('a string');
  }

  boolean(): boolean {
    return this.node.kind === 'boolean' ? this.node.value : this.mismatch('true or false');
  }

  /** A count such as a version or threshold. */
  integer(): number {
    const value = this.length();
    return typeof value === 'number' ? value : this.fail('the number is too big');
  }

  /** An int64 that is not negative; a bigint where a number would lose digits. */
  length(): number | bigint {
    if (this.node.kind !== 'number') return this.mismatch('an integer');
    if (!INTEGER.test(this.node.text) || this.node.text.length > 20) return this.fail('expected an integer');
    const exact = BigInt(this.node.text);
    if (exact < 0n) return this.fail('expected an integer that is not negative');
    if (exact >= 2n ** 63n) return this.fail('the number is too big');
    const value = Number(exact);
    return Number.isSafeInteger(value) ? value : exact;
  }

  /** Standard padded base64, in the form Go writes it. */
  base64(): string {
    const text = this.string().replace(/[\r\n]/g, '');
    if (text.length % 4 !== 0 || !BASE64.test(text)) return this.fail('expected standard base64 with padding');
    return /=$/.test(text) ? Buffer.from(text, 'base64').toString('base64') : text;
  }

  fail(reason: string): never {
    throw new DctError('malformed_document', `${this.describe()}: ${reason}`, {
      cure: DAMAGED,
    });
  }

  private members(): ReadonlyMap<string, JsonNode> {
    return this.node.kind === 'object' ? this.node.members : this.mismatch('an object');
  }

  private mismatch(expected: string): never {
    return this.fail(`expected ${expected}, found ${FOUND[this.node.kind]}`);
  }
}

const FOUND: Record<JsonNode['kind'], string> = {
  null: 'null',
  boolean: 'a boolean',
  string: 'a string',
  number: 'a number',
  list: 'a list',
  object: 'an object',
};

/** What to do about a file that no Notary client would read. */
export const DAMAGED =
  'compare with what the server holds: the file was not written by a Notary client, or was damaged on its way';

/** Go's simple case folding as far as it reaches ASCII letters (ſ for s, the Kelvin sign for k). */
function fold(name: string): string {
  return name.toLowerCase().toUpperCase();
}
