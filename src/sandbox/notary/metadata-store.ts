import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { StateDirectory } from '../state-directory';

/** One stored file of a repository. */
export interface StoredFile {
  readonly role: string;
  readonly version: number;
  readonly bytes: Buffer;
  readonly time: Date;
}

/** A publish or a deletion, as `/changefeed` lists them. */
export interface Change {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly GUN: string;
  readonly Version: number;
  readonly SHA256: string;
  readonly Category: 'update' | 'deletion';
}

/** A newer version of one of the files is stored already. */
export class OldVersion extends Error {}

const stateSchema = v.object({
  files: v.record(
    v.string(),
    v.array(v.object({ role: v.string(), version: v.number(), bytes: v.string(), time: v.string() })),
  ),
  changes: v.array(
    v.object({
      ID: v.string(),
      CreatedAt: v.string(),
      GUN: v.string(),
      Version: v.number(),
      SHA256: v.string(),
      Category: v.picklist(['update', 'deletion']),
    }),
  ),
});

const stateFile = 'metadata.json';

/** Every version of every file, by GUN, as notary's memory storage keeps them. */
export class MetadataStore {
  private readonly repositories = new Map<string, StoredFile[]>();
  private readonly log: Change[] = [];
  private saving: Promise<unknown> = Promise.resolve();

  private constructor(private readonly directory: StateDirectory | undefined) {}

  static async open(directory: StateDirectory | undefined): Promise<MetadataStore> {
    const store = new MetadataStore(directory);
    const saved = await directory?.readJson(stateFile);
    if (saved === undefined) return store;
    const { files, changes } = v.parse(stateSchema, saved);
    for (const [gun, list] of Object.entries(files)) {
      const stored = list.map((file) => ({
        ...file,
        bytes: Buffer.from(file.bytes, 'base64'),
        time: new Date(file.time),
      }));
      store.repositories.set(gun, stored);
    }
    store.log.push(...changes);
    return store;
  }

  guns(): readonly string[] {
    return [...this.repositories.keys()];
  }

  current(gun: string, role: string): StoredFile | undefined {
    const versions = this.repositories.get(gun)?.filter((file) => file.role === role) ?? [];
    return versions.reduce<StoredFile | undefined>(
      (newest, file) => (newest === undefined || file.version > newest.version ? file : newest),
      undefined,
    );
  }

  version(gun: string, role: string, version: number): StoredFile | undefined {
    return this.repositories.get(gun)?.find((file) => file.role === role && file.version === version);
  }

  /** By sha256 of its bytes, whatever its role: the real one does not look at the role either. */
  byChecksum(gun: string, checksum: string): StoredFile | undefined {
    return this.repositories.get(gun)?.findLast((file) => sha256(file.bytes) === checksum.toLowerCase());
  }

  /** All of them or none. @throws OldVersion */
  async update(gun: string, files: readonly Omit<StoredFile, 'time'>[], time: Date): Promise<void> {
    const stored = this.repositories.get(gun) ?? [];
    const seen = new Set<string>();
    for (const { role, version } of files) {
      const duplicate = seen.has(`${role} ${version}`);
      if (duplicate || stored.some((file) => file.role === role && file.version >= version)) throw new OldVersion();
      seen.add(`${role} ${version}`);
    }
    for (const file of files) {
      stored.push({ ...file, time });
      if (file.role === 'timestamp') this.change(gun, 'update', time, file.version, sha256(file.bytes));
    }
    this.repositories.set(gun, stored);
    await this.save();
  }

  async delete(gun: string, time: Date): Promise<void> {
    if (!this.repositories.delete(gun)) return;
    this.change(gun, 'deletion', time, 0, '');
    await this.save();
  }

  changes(): readonly Change[] {
    return this.log;
  }

  private change(gun: string, category: Change['Category'], time: Date, version: number, checksum: string): void {
    this.log.push({
      ID: String(this.log.length + 1),
      CreatedAt: time.toISOString(),
      GUN: gun,
      Version: version,
      SHA256: checksum,
      Category: category,
    });
  }

  /** One write after the other, each of the newest state. */
  private save(): Promise<unknown> {
    const { directory } = this;
    if (directory === undefined) return Promise.resolve();
    this.saving = this.saving.then(() => directory.writeJson(stateFile, this.snapshot()));
    return this.saving;
  }

  private snapshot(): v.InferInput<typeof stateSchema> {
    const files = [...this.repositories].map(
      ([gun, list]) =>
        [
          gun,
          list.map((file) => ({ ...file, bytes: file.bytes.toString('base64'), time: file.time.toISOString() })),
        ] as const,
    );
    return { files: Object.fromEntries(files), changes: [...this.log] };
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
