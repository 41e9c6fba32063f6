import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { StateDirectory } from '../state-directory';

const repositorySchema = v.object({
  id: v.string(),
  visibility: v.picklist(['private', 'public']),
  tags: v.record(v.string(), v.string()),
  /** Digest to media type. */
  manifests: v.record(v.string(), v.string()),
});

type StoredRepository = v.InferOutput<typeof repositorySchema>;
export type Visibility = StoredRepository['visibility'];

/** A repository of images. */
export interface Repository {
  readonly id: string;
  readonly visibility: Visibility;
  readonly tags: ReadonlyMap<string, string>;
}

export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const stateFile = 'repositories.json';

/** Repositories, tags, manifests and layers. Layers and manifests are files named by their digest. */
export class ImageStore {
  private readonly memory = new Map<string, Buffer>();
  private saving: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly repositories: Map<string, StoredRepository>,
    private readonly directory: StateDirectory | undefined,
    private readonly visibility: Visibility,
  ) {}

  /** @param visibility of repositories that a push makes */
  static async open(directory: StateDirectory | undefined, visibility: Visibility = 'private'): Promise<ImageStore> {
    const saved = v.parse(v.record(v.string(), repositorySchema), (await directory?.readJson(stateFile)) ?? {});
    return new ImageStore(new Map(Object.entries(saved)), directory, visibility);
  }

  names(): string[] {
    return [...this.repositories.keys()].sort();
  }

  find(name: string): Repository | undefined {
    const found = this.repositories.get(name);
    return found === undefined
      ? undefined
      : { id: found.id, visibility: found.visibility, tags: new Map(Object.entries(found.tags)) };
  }

  /** Makes the repository where it is missing. */
  async create(name: string, visibility: Visibility = this.visibility): Promise<void> {
    if (this.repositories.has(name)) return;
    this.repositories.set(name, { id: randomUUID(), visibility, tags: {}, manifests: {} });
    await this.save();
  }

  async remove(name: string): Promise<void> {
    this.repositories.delete(name);
    await this.save();
  }

  /** By tag or digest. */
  async manifest(name: string, reference: string): Promise<Manifest | undefined> {
    const found = this.repositories.get(name);
    const digest = reference.startsWith('sha256:') ? reference : found?.tags[reference];
    const mediaType = digest === undefined ? undefined : found?.manifests[digest];
    if (digest === undefined || mediaType === undefined) return undefined;
    const bytes = await this.blob(digest);
    return bytes === undefined ? undefined : { digest, mediaType, bytes };
  }

  async putManifest(name: string, tag: string | undefined, mediaType: string, bytes: Buffer): Promise<string> {
    const digest = await this.putBlob(bytes);
    await this.create(name);
    const found = this.repositories.get(name);
    if (found !== undefined) {
      found.manifests[digest] = mediaType;
      if (tag !== undefined) found.tags[tag] = digest;
    }
    await this.save();
    return digest;
  }

  /** By digest, with the tags that point at it, or by tag alone. False where there is none. */
  async removeManifest(name: string, reference: string): Promise<boolean> {
    const found = this.repositories.get(name);
    if (found === undefined) return false;
    const known = reference.startsWith('sha256:') ? found.manifests[reference] : found.tags[reference];
    if (known === undefined) return false;
    const gone = ([tag, digest]: [string, string]): boolean => tag === reference || digest === reference;
    found.tags = Object.fromEntries(Object.entries(found.tags).filter((entry) => !gone(entry)));
    found.manifests = Object.fromEntries(Object.entries(found.manifests).filter(([digest]) => digest !== reference));
    await this.save();
    return true;
  }

  async blob(digest: string): Promise<Buffer | undefined> {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
    return this.directory === undefined ? this.memory.get(digest) : this.directory.read(fileOf(digest));
  }

  async putBlob(bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes);
    if (this.directory === undefined) this.memory.set(digest, bytes);
    else await this.directory.write(fileOf(digest), bytes);
    return digest;
  }

  private save(): Promise<unknown> {
    const { directory } = this;
    if (directory === undefined) return Promise.resolve();
    this.saving = this.saving
      .catch(() => undefined)
      .then(() => directory.writeJson(stateFile, Object.fromEntries(this.repositories)));
    return this.saving;
  }
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function fileOf(digest: string): string {
  return `blobs/${digest.slice('sha256:'.length)}`;
}
