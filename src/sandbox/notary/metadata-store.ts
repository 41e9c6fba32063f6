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

const journalFile = 'metadata.jsonl';
const journalSchema = v.array(
  v.object({
    gun: v.string(),
    time: v.string(),
    /** None: the repository was deleted. */
    files: v.optional(v.array(v.object({ role: v.string(), version: v.number(), bytes: v.string() }))),
  }),
);

interface IndexedFile extends StoredFile {
  readonly checksum: string;
}

/** Every version of every file, by GUN, as notary's memory storage keeps them; what happened is kept in a journal. */
export class MetadataStore {
  private readonly repositories = new Map<string, IndexedFile[]>();
  private readonly log: Change[] = [];
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(private readonly directory: StateDirectory | undefined) {}

  static async open(directory: StateDirectory | undefined): Promise<MetadataStore> {
    const store = new MetadataStore(directory);
    const journal = v.parse(journalSchema, (await directory?.readJournal(journalFile)) ?? []);
    for (const { gun, time, files } of journal) {
      if (files === undefined) store.forget(gun, new Date(time));
      else
        store.keep(
          gun,
          files.map((file) => ({ ...file, bytes: Buffer.from(file.bytes, 'base64') })),
          new Date(time),
        );
    }
    return store;
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
    return this.repositories.get(gun)?.findLast((file) => file.checksum === checksum.toLowerCase());
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
    this.keep(gun, files, time);
    const written = files.map((file) => ({ ...file, bytes: file.bytes.toString('base64') }));
    await this.write({ gun, time: time.toISOString(), files: written });
  }

  async delete(gun: string, time: Date): Promise<void> {
    if (this.forget(gun, time)) await this.write({ gun, time: time.toISOString() });
  }

  changes(): readonly Change[] {
    return this.log;
  }

  private keep(gun: string, files: readonly Omit<StoredFile, 'time'>[], time: Date): void {
    const stored = this.repositories.get(gun) ?? [];
    this.repositories.set(gun, stored);
    for (const file of files) {
      const checksum = createHash('sha256').update(file.bytes).digest('hex');
      stored.push({ ...file, time, checksum });
      if (file.role === 'timestamp') this.change(gun, 'update', time, file.version, checksum);
    }
  }

  private forget(gun: string, time: Date): boolean {
    const had = this.repositories.delete(gun);
    if (had) this.change(gun, 'deletion', time, 0, '');
    return had;
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

  /** In the order in which things happened. */
  private write(entry: v.InferInput<typeof journalSchema>[number]): Promise<unknown> {
    const { directory } = this;
    if (directory === undefined) return Promise.resolve();
    this.writing = this.writing.catch(() => undefined).then(() => directory.append(journalFile, entry));
    return this.writing;
  }
}
