import { DctError } from '../../error';
import { type DraftNote, releases, type TrustData, type TrustRepository } from '../../notary';
import type { Context } from '../../plugin';
import { unreadable, warnOfDamage, warnOfOvertaken } from '../trust/damage';
import { checkVersions, type KnownTrust } from '../trust/known-trust';
import { lost } from '../trust/trust-lost';
import { once } from './once';

/** What can be seen to be healed or renewed has to be read first. */
const TOLERANT = { allowExpired: true, allowDamaged: true } as const;

/** The trust data of one GUN, read once until it is forgotten, and held against what a state knows of it (rule 1). */
export class TrustReading {
  #data: () => Promise<TrustData | undefined>;
  #mayBeRemade = false;
  #warned = false;

  constructor(private readonly trust: TrustRepository) {
    this.#data = once(() => trust.read(TOLERANT));
  }

  /** Trust data that is gone will be made again (`when_lost`), so what stood in it is gone, too, and no error. */
  mayBeRemade(): void {
    this.#mayBeRemade = true;
  }

  /** As it is on the server, whatever a state knows. */
  data(): Promise<TrustData | undefined> {
    return this.#data();
  }

  /** The same, where it chains from one of these root keys. Throws `unpinned_root`. */
  async rootedIn(rootKeyIds: readonly string[]): Promise<TrustData | undefined> {
    const data = await this.#data();
    if (data !== undefined && !data.rootSignerIds.some((id) => rootKeyIds.includes(id))) {
      await this.trust.read({ ...TOLERANT, expectedRootKeyIds: rootKeyIds });
    }
    return data;
  }

  forget(): void {
    this.#data = once(() => this.trust.read(TOLERANT));
  }

  /**
   * Undefined: there is no trust data. With the root keys that a state knows it by that is an error instead, and so is a root
   * that does not chain from them, or a version older than remembered. What docker cannot read is an error, too, unless there
   * is somebody to `warn`.
   */
  read(known: KnownTrust = { rootKeyIds: null }, warn?: Context['warn']): Promise<TrustData | undefined> {
    return this.unlessOvertaken(() => this.readNoOlder(known, warn));
  }

  /** Does the work again, with another look at the server, where what looks like a rollback may be something else. */
  async unlessOvertaken<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DctError) || error.code !== 'version_rollback') throw error;
      const data = await this.trust.read({ ...TOLERANT, lookBehind: true });
      if (data?.overtakenTargets === undefined || !(await this.isHealable(data))) throw error;
      this.forget();
      return work();
    }
  }

  /** What would be healed by the next change, and what cannot be here. */
  async damage({ trust, overtakenTargets }: TrustData): Promise<readonly DraftNote[]> {
    const broken = [...trust.delegations.values()].some(({ failure }) => failure?.code === 'missing_metadata');
    if (!broken && trust.damaged.length === 0 && overtakenTargets === undefined) return [];
    return (await this.trust.open()).heal();
  }

  async isHealable(data: TrustData): Promise<boolean> {
    return (await this.damage(data)).some(({ code }) => code === 'healed');
  }

  private async readNoOlder(known: KnownTrust, warn: Context['warn'] | undefined): Promise<TrustData | undefined> {
    const { gun } = this.trust;
    const { rootKeyIds } = known;
    const data = await (rootKeyIds === null ? this.#data() : this.rootedIn(rootKeyIds));
    if (data === undefined) {
      if (rootKeyIds === null || this.#mayBeRemade) return undefined;
      throw lost(gun, rootKeyIds);
    }
    checkVersions(gun, { versions: await this.versionsOf(data), rootKeys: data.trust.rootKeys }, known);
    const isDamaged = data.trust.damaged.length > 0;
    if (isDamaged && warn === undefined) throw unreadable(data);
    if (warn !== undefined && !this.#warned) {
      if (isDamaged) warnOfDamage(data, warn);
      if (data.overtakenTargets !== undefined) warnOfOvertaken(gun, data.overtakenTargets, warn);
      this.#warned = isDamaged || data.overtakenTargets !== undefined;
    }
    return data;
  }

  /** Targets that were overtaken are no rollback where the next change signs them again. */
  private async versionsOf(data: TrustData): Promise<TrustData['versions']> {
    const { overtakenTargets: targets, versionsFound } = data;
    return targets !== undefined && (await this.isHealable(data)) ? { ...versionsFound, targets } : versionsFound;
  }
}

/** TUF IDs of the keys of `targets/releases`: docker counts only what these signed. */
export function releaseKeyIds(data: TrustData): ReadonlySet<string> {
  return new Set(data.trust.delegations.get(releases)?.keys.keys());
}
