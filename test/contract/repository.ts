import { createHash } from 'node:crypto';
import {
  envelope,
  exact,
  type HandmadeKey,
  inDays,
  type Json,
  keyId,
  keyObject,
  makeKey,
  makeRootKey,
  sha256,
  type Signed,
} from './handmade';
import { exchange, type NotaryUnderTest, publish, type WireReply } from './wire';

/** How a document is made worse than it should be. */
export interface Variation {
  readonly change?: Signed;
  readonly leaveOut?: string;
  readonly keys?: readonly HandmadeKey[];
  readonly write?: (signed: Signed, signatures: Json) => string;
}

export interface RepositoryKeys {
  readonly rootKey: HandmadeKey;
  readonly targetsKey: HandmadeKey;
}

/** A repository on the server under test, written by hand. */
export class HandmadeRepository {
  private constructor(
    readonly server: NotaryUnderTest,
    readonly gun: string,
    readonly rootKey: HandmadeKey,
    readonly targetsKey: HandmadeKey,
    /** Set when the snapshot is the client's to sign. */
    readonly snapshotKey: HandmadeKey | undefined,
    private readonly serverKeys: Readonly<Record<'timestamp' | 'snapshot', Json>>,
  ) {}

  /** Makes keys and asks the server for its own; publishes nothing yet. */
  static async prepare(server: NotaryUnderTest, name: string, clientSnapshot = false): Promise<HandmadeRepository> {
    const gun = `${server.hostAddress}/${name}`;
    // one after the other, also by those who call this: the real server dies of making two ed25519 keys at once
    const timestamp = await serverKey(server, gun, 'timestamp');
    const snapshot = await serverKey(server, gun, 'snapshot');
    const own = clientSnapshot ? makeKey() : undefined;
    return new HandmadeRepository(server, gun, await makeRootKey(gun), makeKey(), own, {
      timestamp,
      snapshot: own?.object ?? snapshot,
    });
  }

  /** Prepared, and root and targets version 1 are published. */
  static async create(server: NotaryUnderTest, name: string): Promise<HandmadeRepository> {
    const made = await HandmadeRepository.prepare(server, name);
    const reply = await made.publish({ root: made.root(1), targets: made.targets(1) });
    if (reply.status !== 200) throw new Error(`server answered ${reply.status}: ${reply.body}`);
    return made;
  }

  /** The same repository, written with other keys. */
  with({ rootKey = this.rootKey, targetsKey = this.targetsKey }: Partial<RepositoryKeys>): HandmadeRepository {
    return new HandmadeRepository(this.server, this.gun, rootKey, targetsKey, this.snapshotKey, this.serverKeys);
  }

  root(
    version: number,
    variation: Variation = {},
    replaced: Partial<Record<'timestamp' | 'snapshot', Json>> = {},
  ): string {
    const { timestamp, snapshot } = { ...this.serverKeys, ...replaced };
    const { rootKey, targetsKey } = this;
    const objects = [timestamp, snapshot, rootKey.object, targetsKey.object];
    const role = (object: Json): Json => ({ keyids: [keyId(object)], threshold: 1 });
    const signed: Signed = {
      _type: 'Root',
      consistent_snapshot: false,
      expires: inDays(3650),
      keys: Object.fromEntries(objects.map((object) => [keyId(object), object])),
      roles: {
        root: role(rootKey.object),
        snapshot: role(snapshot),
        targets: role(targetsKey.object),
        timestamp: role(timestamp),
      },
      version,
      ...variation.change,
    };
    return envelope(signed, variation.keys ?? [rootKey], variation.write);
  }

  targets(version: number, variation: Variation = {}): string {
    const signed: Signed = {
      _type: 'Targets',
      delegations: { keys: {}, roles: [] },
      expires: inDays(1095),
      targets: {},
      version,
      ...variation.change,
    };
    const kept = Object.fromEntries(Object.entries(signed).filter(([name]) => name !== variation.leaveOut));
    return envelope(kept, variation.keys ?? [this.targetsKey], variation.write);
  }

  snapshot(version: number, files: Readonly<Record<string, string>>): string {
    if (this.snapshotKey === undefined) throw new Error('the snapshot is the server’s');
    return envelope(
      { _type: 'Snapshot', expires: inDays(1095), meta: snapshotMeta(files), version },
      [this.snapshotKey],
      exact,
    );
  }

  publish(documents: Readonly<Record<string, string>>): Promise<WireReply> {
    return publish(this.server, this.gun, documents);
  }

  get(path: string): Promise<WireReply> {
    return exchange(this.server, this.gun, 'GET', path);
  }

  send(method: string, path: string, body?: { type: string; content: string }): Promise<WireReply> {
    return exchange(this.server, this.gun, method, path, body);
  }

  /** The hash the current snapshot names for a role, found the way a client does: timestamp, then snapshot by its hash. */
  async hashInForce(role: string): Promise<string | undefined> {
    const timestamp = await this.get('timestamp.json');
    const snapshot = await this.get(`snapshot.${metaHash(timestamp.body, 'snapshot') ?? ''}.json`);
    return metaHash(snapshot.body, role);
  }

  /** Version of a role's file as the server gives it without a hash. */
  async version(role: string): Promise<number> {
    const { body } = await this.get(`${role}.json`);
    return (JSON.parse(body) as { signed: { version: number } }).signed.version;
  }
}

/** `delegations` of a targets file that declares `targets/<name>` for each key. */
export function delegations(members: Readonly<Record<string, HandmadeKey>>): Json {
  return {
    keys: Object.fromEntries(Object.values(members).map((key) => [key.id, key.object])),
    roles: Object.entries(members).map(([name, key]) => delegation(`targets/${name}`, [key])),
  };
}

export function delegation(name: string, keys: readonly HandmadeKey[], threshold = 1): Signed {
  return { keyids: keys.map(({ id }) => id), name, paths: [''], threshold };
}

export async function serverKey(
  server: NotaryUnderTest,
  gun: string,
  role: 'timestamp' | 'snapshot',
  method = 'GET',
): Promise<Json> {
  const { status, body } = await exchange(server, gun, method, `${role}.key`);
  if (status !== 200) throw new Error(`server answered ${status}: ${body}`);
  const { keytype, keyval } = JSON.parse(body) as { keytype: string; keyval: { public: string } };
  return keyObject(keytype, keyval.public);
}

function metaHash(document: string, role: string): string | undefined {
  const { signed } = JSON.parse(document) as { signed: { meta: Record<string, { hashes: { sha256: string } }> } };
  const hash = signed.meta[role]?.hashes.sha256;
  return hash === undefined ? undefined : Buffer.from(hash, 'base64').toString('hex');
}

function snapshotMeta(files: Readonly<Record<string, string>>): Json {
  const entry = (content: string): Json => ({
    hashes: {
      sha256: Buffer.from(sha256(content), 'hex').toString('base64'),
      sha512: createHash('sha512').update(content).digest('base64'),
    },
    length: Buffer.byteLength(content),
  });
  return Object.fromEntries(Object.entries(files).map(([role, content]) => [role, entry(content)]));
}
