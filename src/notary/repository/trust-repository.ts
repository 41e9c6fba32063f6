import { DctError } from '../../error';
import { sleep, type Sleep } from '../../http';
import type { BaseRole, Gun, RoleName } from '../documents';
import { noTrustData, type Rotation, standInRotation, TrustDraft } from '../draft';
import { PrivateKey } from '../keys';
import type { KeysAtHand } from '../trust-store';
import type { Expectations } from '../verification';
import { ChangeQueue } from './change-queue';
import { fetchFile, type FileCache } from './fetch-file';
import { type FetchedRepository, fetchTrust } from './fetch-trust';
import { GroupPublisher } from './group-publisher';
import { prepareRepository, type RootOfTrust } from './prepare-repository';
import { type NextRootOfTrust, prepareRotation, type RotationOptions } from './prepare-rotation';
import type { Check, Intent, PinnedIntent } from './intent';
import { refusal } from './refusal';
import { type Actions, type Authorizer, Session, type Transport } from './session';
import { askSnapshotManager, checkSnapshotKey } from './snapshot-manager';
import { type SnapshotManager, TrustData } from './trust-data';
import { type Findings, viewOf } from './trust-view';

export interface TrustRepositoryOptions {
  /** Client of the Notary server; may be shared between repositories. */
  readonly http: Transport;
  readonly authorizer?: Authorizer | undefined;
  readonly keys: KeysAtHand;
  /** IDs of root keys of which one must stand at the start of the chain, whatever else is expected of it. */
  readonly pins?: ((gun: Gun) => readonly string[] | undefined) | undefined;
  readonly clock?: (() => Date) | undefined;
  readonly sleep?: Sleep | undefined;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

export interface ChangeOptions {
  /** IDs of the root keys this repository is known by; one of them must stand at the start of the chain. */
  readonly expectedRootKeyIds?: readonly string[] | undefined;
  /** Gives up waiting; a publish under way for others goes on. */
  readonly signal?: AbortSignal | undefined;
}

export interface PublishOptions extends ChangeOptions {
  readonly check?: Check | undefined;
  /** Called each time that a publish with the change is in force: what is left to mend then is another publish. */
  readonly inForce?: (() => void) | undefined;
}

export interface ReadOptions extends ChangeOptions {
  /** Highest versions seen so far; older files are a rollback. */
  readonly rememberedVersions?: Readonly<Partial<Record<RoleName, number>>> | undefined;
  /** Reads what has expired as well, and says so in `expired`: whoever can sign it again has to see it first. */
  readonly allowExpired?: boolean | undefined;
  /** Reads also newer targets that a publish at the same time has put out of force again: `TrustData.overtaken`. */
  readonly lookBehind?: boolean | undefined;
  /** Reads what docker cannot read any more but verifies, and says so in `trust.damaged`: the next change heals that. */
  readonly allowDamaged?: boolean | undefined;
}

/** The trust data of one GUN on a Notary server. One object per GUN and process: it lets changes go out together. */
export class TrustRepository {
  private readonly session: Session;
  private readonly queue: ChangeQueue<PinnedIntent, TrustData>;
  private readonly publisher: GroupPublisher;
  private cache: FileCache = new Map();
  /** What was found behind is looked at again until it is gone. */
  private looksBehind = false;
  private manager: { root: Buffer; answer: SnapshotManager | undefined } | undefined;

  constructor(
    readonly gun: Gun,
    private readonly options: TrustRepositoryOptions,
  ) {
    this.session = new Session(gun, options.http, options.authorizer);
    this.publisher = new GroupPublisher({
      session: this.session,
      fetch: (expectedRootKeyIds) => this.fetch('pull,push', { expectedRootKeyIds, allowExpired: true }, true),
      lookBehind: (expectedRootKeyIds) =>
        this.fetch('pull,push', { expectedRootKeyIds, allowExpired: true, lookBehind: true }, true),
      draft: (fetched, findings) => this.draft(fetched, findings),
      data: (fetched) => this.data(fetched),
      managesSnapshot: (fetched) => this.snapshotManager(fetched),
      wait: (attempt) => this.backOff(attempt),
    });
    this.queue = new ChangeQueue((group) => this.publisher.publishAll(group));
  }

  /**
   * The repository as the server has it, verified from the root down; undefined when it has no trust data. Throws the errors
   * of verification (each with its own code), `unauthorised`, HttpError.
   */
  async read(options: ReadOptions = {}): Promise<TrustData | undefined> {
    const fetched = await this.fetch('pull', options, false);
    return fetched && this.data(fetched);
  }

  /**
   * Publishes a change and returns the repository with it. Changes in flight together go out in one publish; an intent that
   * throws fails alone, and so does one that alone fails the `check`. Conflicts with other writers are retried on what they made. Throws what the intent throws,
   * `would_unsign`, `key_not_at_hand`, `not_byte_exact`, `conflict`, and what `read` throws.
   */
  change(intent: Intent, { expectedRootKeyIds, signal, check, inForce }: PublishOptions = {}): Promise<TrustData> {
    return this.queue.submit({ apply: intent, expectedRootKeyIds, check, inForce }, signal);
  }

  /** The repository as it is, to try changes on: nothing is sent. */
  async open(options: ReadOptions = {}): Promise<TrustDraft> {
    return this.draft(await this.fetch('pull', { ...options, allowExpired: true }, true));
  }

  /**
   * Makes trust data for the repository: the root key of `store` in a certificate for this GUN, a new targets key that is in
   * the store before anything names it, and the server's own keys. Throws `already_initialised`.
   */
  async initialise(
    store: RootOfTrust,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TrustData> {
    const now = this.now();
    const made = await prepareRepository(this.session, store, now, options.signal);
    return this.change((draft) => {
      draft.initialise(made);
    }, options);
  }

  /**
   * Makes the keys for a rotation of these roles, for a change that names them (`draft.rotate`); they are in the store before
   * it returns. Nothing is made when it could not be published: throws `key_not_at_hand`, `snapshot_key_not_at_hand`,
   * `would_unsign`, `no_trust_data`, and
   * `unauthorised` or `forbidden` where the scope `*` is not given.
   */
  async prepareRotation(
    store: NextRootOfTrust,
    roles: readonly BaseRole[],
    options: ChangeOptions & RotationOptions = {},
  ): Promise<Rotation> {
    const { expectedRootKeyIds, signal } = options;
    const fetched = await this.fetch('pull,push', { expectedRootKeyIds, signal, allowExpired: true }, true);
    if (fetched === undefined) throw noTrustData(this.gun);
    const now = this.now();
    const draft = this.draft(fetched);
    await draft.rotate(standInRotation(this.gun, roles, now));
    await draft.finish();
    const data = await this.data(fetched);
    if (!roles.includes('snapshot')) await checkSnapshotKey(data, this.options.keys);
    return prepareRotation(this.session, store, data, roles, now, options);
  }

  /**
   * Goes past a snapshot that an interrupted publish left in the server's way (`left_behind`): one signed by a key of ours may
   * have any number, one by the server has to have the next. To be followed by a rotation that hands the snapshot back.
   */
  async takeOverSnapshot(store: Pick<NextRootOfTrust, 'add'>, options: ChangeOptions = {}): Promise<TrustData> {
    const key = PrivateKey.generate();
    await store.add(key, { role: 'snapshot', gun: this.gun });
    return this.change((draft) => draft.rotate({ snapshot: key }), options);
  }

  /**
   * Deletes the trust data of the repository, all of it; also when there is none. Needs the scope `*`. No key is deleted. Once
   * asked for it is not aborted: what may or may not be deleted would look lost.
   */
  deleteTrustData({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return this.queue.exclusively(async () => {
      const before = await this.inForce('root', signal).catch(() => undefined);
      signal?.throwIfAborted();
      // what somebody else was publishing at that moment may have come after it: without a root, or with one that a server remembers
      for (let attempt = 1; attempt <= 3; attempt++) {
        const response = await this.session.request('', '*', { method: 'DELETE', safeToRetry: true });
        if (response.status !== 200) throw refusal(response, this.gun, 'delete the trust data of');
        this.cache = new Map();
        const root = await this.inForce('root');
        if (root === undefined && (await this.inForce('timestamp')) === undefined) return;
        if (root !== undefined && before?.equals(root) !== true) break;
        await this.backOff(attempt);
      }
      throw notDeleted(this.session);
    });
  }

  /** Reads until the files fit each other: other writers, slow replicas and caches show as files of two states. */
  private async fetch(actions: Actions, options: ReadOptions, repair: boolean): Promise<FetchedRepository | undefined> {
    const lookBehind = this.looksBehind || options.lookBehind === true;
    for (let attempt = 1; ; attempt++) {
      const cache: FileCache = new Map(this.cache);
      try {
        const fetched = await fetchTrust(this.session, this.expected(options), {
          actions,
          cache,
          repair,
          lookBehind,
          isSettled: attempt === 3,
          // not before it is clear that it does not pass
          allowDamaged: attempt === 3 && (repair || options.allowDamaged === true),
          pins: [options.expectedRootKeyIds, this.options.pins?.(this.gun)].flatMap((ids) => (ids ? [ids] : [])),
          signal: options.signal,
        });
        this.cache = cache;
        this.looksBehind = fetched?.overtaken !== undefined;
        return fetched;
      } catch (error) {
        const passing =
          error instanceof DctError && ['hash_mismatch', 'length_mismatch', 'missing_metadata'].includes(error.code);
        if (!passing || attempt === 3) throw error;
        await this.backOff(attempt, options.signal);
      }
    }
  }

  private inForce(role: 'root' | 'timestamp', signal?: AbortSignal): Promise<Buffer | undefined> {
    return fetchFile(this.session, `${role}.json`, { actions: 'pull', cache: new Map(), signal });
  }

  private expected({ rememberedVersions, allowExpired = false }: ReadOptions): Expectations {
    return {
      gun: this.gun,
      now: this.now(),
      allowExpired,
      ...(rememberedVersions === undefined ? {} : { rememberedVersions }),
    };
  }

  private draft(fetched: FetchedRepository | undefined, findings?: Findings): TrustDraft {
    return TrustDraft.over(this.gun, fetched && viewOf(fetched, findings), {
      keys: this.options.keys,
      now: this.now(),
    });
  }

  private async data(fetched: FetchedRepository): Promise<TrustData> {
    return new TrustData(fetched.trust, await this.snapshotManager(fetched), fetched.overtaken?.signed.version);
  }

  /** Asked once per root. */
  private async snapshotManager({ trust }: FetchedRepository): Promise<SnapshotManager | undefined> {
    if (this.manager?.root.equals(trust.root.bytes) !== true) {
      const answer = await askSnapshotManager(this.session, trust.root, this.options.keys);
      this.manager = { root: trust.root.bytes, answer };
    }
    return this.manager.answer;
  }

  private backOff(attempt: number, signal?: AbortSignal): Promise<void> {
    const most = Math.min(1000, 25 * 2 ** attempt);
    return (this.options.sleep ?? sleep)((0.25 + 0.75 * (this.options.random ?? Math.random)()) * most, signal);
  }

  private now(): Date {
    return (this.options.clock ?? (() => new Date()))();
  }
}

function notDeleted({ gun, host }: Session): DctError {
  return new DctError(
    'not_deleted',
    `${host} said that the trust data of ${gun} is deleted, but still gives some out`,
    {
      cure: 'look with docker trust inspect: somebody may have initialised it again',
    },
  );
}
