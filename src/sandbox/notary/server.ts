import type { Clock } from '../clock';
import { json, type Reply, route, type Route, type SandboxRequest, text } from '../route';
import type { StateDirectory } from '../state-directory';
import { changefeed } from './changefeed';
import { type Key, readEnvelope, readListing, readRoot } from './documents';
import { NotaryError } from './errors';
import { MetadataStore, OldVersion, type StoredFile } from './metadata-store';
import { ServerKeys } from './server-keys';
import { InvalidMetadata } from './signatures';
import { TrustBuilder } from './trust-builder';
import { tagsOf, type TrustService } from './trust-service';
import { readUpload } from './upload';
import { validateUpdate } from './update';

/** Lets a request through or answers it with a challenge; the scope names the whole GUN, as notary has it. */
export type Authorization = (request: SandboxRequest, scope: string) => Promise<Reply | undefined>;

export interface NotaryOptions {
  readonly clock: Clock;
  /** @default everybody may do everything */
  readonly authorize?: Authorization;
  /** Where state is kept between runs. @default in memory only */
  readonly directory?: StateDirectory;
}

const baseFile = 'root|targets(?:/[^/\\s]+)*|snapshot|timestamp';
const repository = '^/v2/(?<gun>[^*]+)/_trust/tuf/';
const anyTrust = /^\/v2\/(?:.+\/)?_trust\//;
const currentCache = 'public, max-age=300, s-maxage=300, must-revalidate';
const hashedCache = 'public, max-age=2592000, s-maxage=2592000';

/** A Notary server as notary-server 0.7 with a remote ECDSA signer and memory storage behaves (reference: notary). */
export class NotaryServer implements TrustService {
  private constructor(
    private readonly options: NotaryOptions,
    private readonly store: MetadataStore,
    private readonly keys: ServerKeys,
  ) {}

  static async open(options: NotaryOptions): Promise<NotaryServer> {
    const store = await MetadataStore.open(options.directory);
    return new NotaryServer(options, store, await ServerKeys.open(options.directory));
  }

  get routes(): readonly Route[] {
    const repositoryRoute = (
      method: string,
      rest: string,
      actions: string,
      handle: (request: SandboxRequest, gun: string) => Reply | Promise<Reply>,
    ): Route =>
      route(method, new RegExp(`${repository}${rest}$`), (request) => {
        const gun = request.params['gun'] ?? '';
        return this.guarded(request, `repository:${gun}:${actions}`, () => handle(request, gun));
      });
    return [
      repositoryRoute('POST', '', 'push,pull', (request, gun) => this.publish(request, gun)),
      repositoryRoute('DELETE', '', '*', async (_, gun) => {
        await this.store.delete(gun, this.options.clock.now());
        return { status: 200 };
      }),
      repositoryRoute(
        'GET',
        `(?<role>${baseFile})\\.(?<checksum>[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})\\.json`,
        'pull',
        ({ params }, gun) => fileReply(this.store.byChecksum(gun, params['checksum'] ?? ''), hashedCache),
      ),
      repositoryRoute('GET', `(?<version>\\d+)\\.(?<role>${baseFile})\\.json`, 'pull', ({ params }, gun) =>
        fileReply(this.store.version(gun, params['role'] ?? '', Number(params['version'])), hashedCache),
      ),
      repositoryRoute('GET', `(?<role>${baseFile})\\.json`, 'pull', async ({ params }, gun) =>
        fileReply(await this.current(gun, params['role'] ?? ''), currentCache),
      ),
      repositoryRoute('GET', '(?<role>snapshot|timestamp)\\.key', 'push,pull', async ({ params }, gun) =>
        keyReply(await this.keyInForce(gun, params['role'] ?? '')),
      ),
      repositoryRoute('POST', '(?<role>snapshot|timestamp)\\.key', '*', async () => keyReply(await this.keys.create())),
      route('GET', '/v2/_trust/changefeed', (request) =>
        this.guarded(request, 'registry:catalog:*', () => changefeed(request, this.store.changes())),
      ),
      route('GET', /^\/v2\/(?<gun>[^*]+)\/_trust\/changefeed$/, (request) => {
        const gun = request.params['gun'] ?? '';
        return this.guarded(request, `repository:${gun}:pull`, () => changefeed(request, this.store.changes(), gun));
      }),
      route('GET', '/_notary_server/health', () => json({})),
      route('GET|POST|PUT|HEAD|DELETE', anyTrust, () => new NotaryError('METADATA_NOT_FOUND').reply),
      route('*', anyTrust, () => ({ status: 405 })),
    ];
  }

  /** The bytes of a role's file in force; a timestamp or server-signed snapshot that has run out is signed anew first. */
  async current(gun: string, role: string): Promise<StoredFile | undefined> {
    if (role === 'timestamp' || role === 'snapshot') await this.renew(gun);
    return this.store.current(gun, role);
  }

  /** Signed tags and their hex sha256; what `targets/releases` says goes before what `targets` says. */
  signedTags(gun: string): ReadonlyMap<string, string> {
    return new Map(['targets', 'targets/releases'].flatMap((role) => tagsOf(this.store.current(gun, role)?.bytes)));
  }

  /** Removes the trust data of a GUN, as an administrator would behind everybody's back. */
  delete(gun: string): Promise<void> {
    return this.store.delete(gun, this.options.clock.now());
  }

  private async guarded(request: SandboxRequest, scope: string, handle: () => Reply | Promise<Reply>): Promise<Reply> {
    try {
      return (await this.options.authorize?.(request, scope)) ?? (await handle());
    } catch (error) {
      if (error instanceof NotaryError) return error.reply;
      // what it cannot make, it does not explain (measured: a client's snapshot that has ended)
      if (error instanceof InvalidMetadata) return new NotaryError('UNKNOWN').reply;
      throw error;
    }
  }

  private async publish(request: SandboxRequest, gun: string): Promise<Reply> {
    const now = this.options.clock.now();
    const accepted = validateUpdate(gun, readUpload(request), this.store, this.keys, now);
    // notary's check and write are two steps: publishes that overlap here clash on snapshot and timestamp, as there
    await new Promise((resolve) => setTimeout(resolve, 2));
    try {
      await this.store.update(gun, accepted, now);
    } catch (error) {
      if (error instanceof OldVersion) throw new NotaryError('VERSION', {});
      throw error;
    }
    return { status: 200 };
  }

  private async keyInForce(gun: string, role: string): Promise<Key> {
    const stored = this.store.current(gun, 'root');
    const signed = stored === undefined ? undefined : readEnvelope(stored.bytes).signed;
    if (signed === undefined) return this.keys.create();
    const root = readRoot(signed);
    for (const id of root.roles?.get(role)?.keyIds ?? []) {
      const key = root.keys?.get(id);
      // a snapshot key that a client keeps is no answer: the server offers one of its own
      if (key !== undefined && (role === 'timestamp' || this.keys.holds(key))) return key;
    }
    return this.keys.create();
  }

  private async renew(gun: string): Promise<void> {
    const now = this.options.clock.now();
    const [root, snapshot, timestamp] = ['root', 'snapshot', 'timestamp'].map((role) => this.store.current(gun, role));
    if (root === undefined || snapshot === undefined || timestamp === undefined) return;
    const snapshotExpired = isExpired(snapshot, now);
    if (!snapshotExpired && !isExpired(timestamp, now)) return;
    const builder = new TrustBuilder(gun, this.keys, now);
    builder.loadRoot(root.bytes, 1, false);
    const renewed = [];
    if (snapshotExpired) renewed.push({ role: 'snapshot', ...builder.generateSnapshot(snapshot.bytes) });
    else builder.loadSnapshot(snapshot.bytes, false);
    renewed.push({ role: 'timestamp', ...builder.generateTimestamp(timestamp.bytes) });
    await this.store.update(gun, renewed, now);
  }
}

function isExpired(file: StoredFile, now: Date): boolean {
  const { signed } = readEnvelope(file.bytes);
  return signed === undefined || readListing(signed).expires.milliseconds < now.getTime();
}

function fileReply(file: StoredFile | undefined, cacheControl: string): Reply {
  if (file === undefined) throw new NotaryError('METADATA_NOT_FOUND', {});
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': cacheControl,
      'Last-Modified': file.time.toUTCString().replace('GMT', 'UTC'),
    },
    body: file.bytes,
  };
}

/** Go writes the struct in its own order, not canonically. */
function keyReply(key: Key): Reply {
  const publicPart = key.publicBytes?.toString('base64') ?? null;
  return text(JSON.stringify({ keytype: key.type, keyval: { public: publicPart, private: null } }));
}
