import type { Activity } from './activity';
import { SharedTurn, type Turn } from './turn';
import { mayPass, type Operation, PlannedTrust } from './planned-trust';
import { once } from './once';
import { TrustReading } from './trust-reading';
import type { RepositoryTrust } from '../../admission';
import {
  type BaseRole,
  checkSnapshotKey,
  type DraftNote,
  type Expiring,
  type Intent,
  standInRotation,
  type TrustData,
  type TrustDraft,
  type TrustRepository,
} from '../../notary';
import type { Context } from '../../plugin';
import { DctError } from '../../error';
import { checkVersions, type KnownTrust } from '../trust/known-trust';
import { warnOfNewRootKey } from '../trust/new-root-key';
import { renewDue, upkeep, type Upkeep } from '../trust/renewal';
import { unlessEnded } from '../trust/ended-trust';
import { unexpectedRootKey } from '../trust/trust-lost';
import type { Keys } from './keys';
import { Glance, type Seen } from './glance';
import { goingPast } from './left-behind';
import { Said } from './said';
import { isLockOut, type TrustNow } from '../rehearsal';
import type { When } from './cluster';

interface WriteOptions {
  readonly signal: AbortSignal;
  readonly warn: Context['warn'];
  /** What the state knows of the trust data. */
  readonly known?: KnownTrust;
}

/** What a repository needs of the connection it belongs to. */
export interface RepositoryContext {
  readonly keys: Keys;
  /** Rule 4, asked right before a publish. */
  readonly rehearse: (
    after: () => Promise<RepositoryTrust>,
    warn: Context['warn'],
    hold: () => Promise<void>,
  ) => Promise<void>;
  readonly turn: Turn;
  readonly clock: () => Date;
  readonly activity: Activity;
}

/** The trust data of one GUN as the handlers see it: read once for all resources of a plan, and again after every write. */
export class Repository {
  readonly #reading: TrustReading;
  #now: () => Promise<TrustNow | undefined>;
  readonly #told = new Set<string>();
  /** What the last rehearsal had to say. */
  readonly #rehearsed: Parameters<Context['warn']>[] = [];
  readonly #unsigned = new Said();
  readonly #planned: PlannedTrust;
  readonly #glance: Glance;
  readonly #turn: SharedTurn;

  constructor(
    private readonly trust: TrustRepository,
    private readonly of: RepositoryContext,
  ) {
    this.#reading = new TrustReading(trust);
    this.#now = once(() => this.readNow());
    this.#planned = new PlannedTrust(trust, of.activity);
    this.#glance = new Glance(trust);
    this.#turn = new SharedTurn(of.turn);
  }

  /** Rules 4 and 5, of all changes that go out together: what is harmful alone may be right with another. */
  readonly #rehearse = async (draft: TrustDraft): Promise<void> => {
    this.#rehearsed.length = 0;
    this.#unsigned.say(await draft.unsigned());
    await this.of.rehearse(
      () => draft.outlook(),
      (...warning) => this.#rehearsed.push(warning),
      () => this.#turn.hold(),
    );
  };

  get gun(): string {
    return this.trust.gun;
  }

  /** Warns once, however many resources have something to say of the same thing. */
  warnOnce(warn: Context['warn']): Context['warn'] {
    return (path, summary, detail) => {
      if (!this.#told.has(summary)) warn(path, summary, detail);
      this.#told.add(summary);
    };
  }

  /** See `TrustReading.mayBeRemade`. */
  mayBeRemade(): void {
    this.#reading.mayBeRemade();
  }

  /** See `TrustReading.read`. */
  read(when: When, known?: KnownTrust, warn?: Context['warn']): Promise<TrustData | undefined> {
    if (when === 'now') this.forget();
    return this.#reading.read(known, warn);
  }

  /** See `TrustReading.damage`. */
  damage(data: TrustData): Promise<readonly DraftNote[]> {
    return this.#reading.damage(data);
  }

  /** What of these parts ends soon. For `read` only: nothing else looks at the clock (rule 6). */
  upkeep(parts: readonly Expiring[], minValidityDays: number, handsOver = false): Promise<Upkeep> {
    return upkeep(parts, { minValidityDays, now: this.of.clock(), keys: this.of.keys.atHand, handsOver });
  }

  /** Signs again what of these parts ends within that many days and can be signed here. Sends nothing when none does. */
  async renew(
    parts: (data: TrustData) => readonly Expiring[],
    minValidityDays: number,
    options: WriteOptions,
  ): Promise<TrustData | undefined> {
    const data = await this.read('now', options.known, options.warn);
    const { due } = data === undefined ? { due: [] } : await this.upkeep(parts(data), minValidityDays);
    if (data === undefined) return undefined;
    if (due.length === 0 && !(await this.#reading.isHealable(data))) return data;
    return this.change((draft) => renewDue(draft, due, minValidityDays, this.of.clock()), options);
  }

  /**
   * Gives these roles new keys, and signs again what of these parts ends within that many days, in one publish. Throws what
   * `TrustRepository.prepareRotation` does.
   */
  async rotate(
    roles: readonly BaseRole[],
    parts: (data: TrustData) => readonly Expiring[],
    minValidityDays: number,
    options: WriteOptions,
  ): Promise<TrustData | undefined> {
    const data = await this.read('now', options.known, options.warn);
    if (data === undefined) return undefined;
    const { keys } = this.of;
    const handsOver = roles.includes('snapshot');
    const { due } = await this.upkeep(parts(data), minValidityDays, handsOver);
    const isMade = roles.includes('root') && (await keys.nextRootKey(data.rootKeyIds)) === undefined;
    const rotation = await this.trust.prepareRotation(keys, roles, {
      signal: options.signal,
      expectedRootKeyIds: options.known?.rootKeyIds ?? undefined,
    });
    if (isMade && rotation.root !== undefined) warnOfNewRootKey(rotation.root.privateKey.canonicalId, options.warn);
    const publish = () =>
      this.change(async (draft) => {
        const notes = await draft.rotate(rotation);
        return [...notes, ...(await renewDue(draft, due, minValidityDays, this.of.clock()))];
      }, options);
    if (!handsOver) return publish();
    return goingPast(publish, () => this.trust.takeOverSnapshot(keys, { signal: options.signal }));
  }

  /** Tries a rotation, from the root keys that the state knows, without making a key or sending anything. Throws as `rotate`. */
  async planRotation(rootKeyIds: readonly string[], roles: readonly BaseRole[]): Promise<readonly DraftNote[]> {
    const next = roles.includes('root') ? await this.of.keys.nextRootKey(rootKeyIds) : undefined;
    const data = await this.#reading.rootedIn(rootKeyIds);
    if (data !== undefined && !roles.includes('snapshot')) await checkSnapshotKey(data, this.of.keys.atHand);
    const standIns = standInRotation(this.gun, roles, this.of.clock(), next);
    return this.plan((draft) => draft.rotate(standIns));
  }

  /**
   * Tries an operation, on top of the others planned by now, without sending anything. Returns what the user should know
   * of it; throws what `change` would.
   */
  async plan(operation: Operation): Promise<readonly DraftNote[]> {
    return this.news(await this.#planned.with(operation));
  }

  /** See `Glance.at`. */
  async glance(operation: Operation, signal: AbortSignal, isAll: boolean): Promise<Seen> {
    const { notes, missingKey } = await this.#glance.at(operation, signal, isAll);
    return { notes: this.news(notes), ...(missingKey && !this.of.keys.isPartlyUnknown && { missingKey }) };
  }

  /** Publishes an operation, together with others on this GUN that are in flight. */
  async change(operation: Operation, { signal, warn, known }: WriteOptions): Promise<TrustData> {
    const said = new Said();
    const intent: Intent = async (draft) => {
      const healed = await draft.heal();
      if (known !== undefined) checkVersions(this.gun, draft, known);
      said.say([...healed, ...(await operation(draft))]);
    };
    const inForce = (): void => {
      said.inForce();
      this.#unsigned.inForce();
    };
    const options = { signal, expectedRootKeyIds: known?.rootKeyIds ?? undefined, check: this.#rehearse, inForce };
    const publish = () => this.write(() => this.trust.change(intent, options));
    try {
      const data = await this.#reading.unlessOvertaken(() => this.of.activity.patiently(publish, mayPass));
      said.inForce();
      for (const warning of this.#rehearsed.splice(0)) warn(...warning);
      return data;
    } finally {
      for (const { message } of this.news([...said.take(), ...this.#unsigned.take()])) warn(undefined, message);
    }
  }

  /** Publishes an operation that takes something away: without trust data there is nothing left of it. */
  async takeAway(operation: Operation, options: WriteOptions): Promise<void> {
    try {
      await unlessEnded(this.gun, options.warn, () => this.change(operation, options));
    } catch (error) {
      if (!(error instanceof DctError) || error.code !== 'no_trust_data') throw error;
    }
  }

  /** Takes back a signer’s signature of a tag; `sha256`: hex of what it is of. */
  async revokeTag(signer: string, tag: string, sha256: string, options: WriteOptions): Promise<void> {
    await this.takeAway((draft) => draft.revokeTag(signer, tag, { sha256 }), options);
  }

  /** `expected`: IDs of root keys of which the store's has to be one. Throws `unexpected_root_key`. */
  async initialise(signal: AbortSignal, expected: readonly string[]): Promise<TrustData> {
    if (expected.length > 0) {
      const { canonicalId } = await this.of.keys.rootKey();
      if (!expected.includes(canonicalId)) throw unexpectedRootKey(this.gun, canonicalId);
    }
    return this.write(() => this.trust.initialise(this.of.keys, { signal }));
  }

  /** `rootKeyIds`: those that the state knows it by. Throws `unpinned_root` for what somebody has made anew under another. */
  async deleteTrustData(rootKeyIds: readonly string[], { signal, warn }: WriteOptions): Promise<void> {
    await this.refuseAnothers(rootKeyIds);
    const remove = async () => {
      await this.of.rehearse(
        () => Promise.resolve(undefined),
        warn,
        () => this.#turn.hold(),
      );
      await this.trust.deleteTrustData({ signal });
    };
    await this.of.activity.patiently(() => this.write(remove), isLockOut);
  }

  /** Every valid signature by tag, as it is now; undefined: there is no trust data. */
  async signatures(): Promise<RepositoryTrust> {
    this.forget();
    return (await this.#reading.data()) && (await (await this.trust.open()).outlook());
  }

  /** For a rehearsal at plan: read once for all of them. */
  trustNow(): Promise<TrustNow | undefined> {
    return this.#now();
  }

  /** What cannot be read at all may go. */
  private async refuseAnothers(rootKeyIds: readonly string[]): Promise<void> {
    this.forget();
    try {
      await this.#reading.rootedIn(rootKeyIds);
    } catch (error) {
      if (error instanceof DctError && error.code === 'unpinned_root') throw error;
    }
  }

  private async readNow(): Promise<TrustNow | undefined> {
    const data = await this.#reading.data();
    if (data === undefined) return undefined;
    const signers = data.signers.map(({ name, keys }) => [name, keys.map((key) => key.canonicalId)] as const);
    return { signers: new Map(signers), tags: await (await this.trust.open()).outlook() };
  }

  /** What cannot be healed here is true of every change; it is said once. */
  private news(notes: readonly DraftNote[]): readonly DraftNote[] {
    const fresh = notes.filter(({ code, message }) => code !== 'damaged' || !this.#told.has(message));
    for (const { message } of fresh) this.#told.add(message);
    return fresh;
  }

  private async write<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await this.#turn.during(send);
    } finally {
      this.forget();
    }
  }

  private forget(): void {
    this.#reading.forget();
    this.#now = once(() => this.readNow());
    this.#planned.forget();
    this.#glance.forget();
  }
}
