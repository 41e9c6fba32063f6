import type { Json, PrivateData } from './definition';

/** Private data of one resource during one call; `bytes()` is what Terraform keeps. */
export class CallPrivateData implements PrivateData {
  private readonly values: Map<string, Json>;

  constructor(private readonly received: Buffer) {
    this.values = new Map(Object.entries(parse(received)));
  }

  readonly get = (key: string): Json | undefined => this.values.get(key);

  readonly set = (key: string, value: Json | undefined): void => {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
  };

  bytes(): Buffer {
    if (this.values.size === 0 && this.received.length === 0) return this.received;
    return Buffer.from(JSON.stringify(Object.fromEntries(this.values)), 'utf8');
  }
}

function parse(bytes: Buffer): Readonly<Record<string, Json>> {
  if (bytes.length === 0) return {};
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  return isJsonObject(value) ? value : {};
}

function isJsonObject(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
