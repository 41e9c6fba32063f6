import { decide, parseImageReference, type ClusterFacts, type Verdict } from '../../admission';
import type { DctError } from '../../error';
import { UNKNOWN, type Context } from '../../plugin';
import { clusterThen, isOfTrust, type PlannedChange, type TrustNow, trustThen } from './planned-change';
import { type Guarded, lockOut, mayRefuse, refusesAlready } from './rehearse';

/** What a rehearsal at plan looks at. Everything is read at most once. */
export interface PlanWorld {
  guarded(): readonly Guarded[];
  trust(gun: string): Promise<TrustNow | undefined | 'not_read'>;
  /** Canonical IDs of those keys that can be signed with. */
  atHand(keyIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Waits for another change to be planned than the `arrived` so far: see `Company`. */
  readonly company: { readonly arrived: number; arrive(): void; comes(after: number): Promise<boolean> };
}

interface Case {
  readonly cluster: string;
  readonly image: string;
  readonly facts: ClusterFacts;
  readonly gun: string;
  readonly trust: TrustNow | undefined | 'not_read';
}

const ORDER = 'if something else in this plan makes up for it, make this resource depend on that (depends_on)';
/** Terraform plans what is no longer in the configuration before it plans to destroy all. */
const DESTROY =
  'if all of it is to be destroyed, use -refresh=false, or put back what was taken out of the configuration';

/**
 * Rule 4 at plan: today's world with everything this plan adds and takes away, in whatever order Terraform plans it. What
 * is harmful alone waits for what may make up for it. Only what is certain is an error; the apply looks again.
 */
export class PlanRehearsal {
  #planned: readonly PlannedChange[] = [];
  readonly #said = new Set<string>();

  constructor(private readonly world: PlanWorld) {}

  /** Adds what the plan of one resource changes. Throws `would_lock_out` when that makes a cluster refuse what it runs today. */
  async add(changes: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    const { company } = this.world;
    this.#planned = [...this.#planned, ...changes];
    company.arrive();
    for (;;) {
      const { arrived } = company;
      const harm = await this.harmOf(changes, warn);
      if (harm === undefined) return;
      if (await company.comes(arrived)) continue;
      this.#planned = this.without(changes);
      throw harm;
    }
  }

  private async harmOf(changes: readonly PlannedChange[], warn: Context['warn']): Promise<DctError | undefined> {
    for (const cluster of this.world.guarded()) {
      for (const image of cluster.mustAdmit) {
        const gun = parseImageReference(image).repository;
        const concerns = (change: PlannedChange): boolean =>
          isOfTrust(change) ? change.gun === gun : change.cluster === cluster.name;
        if (!changes.some(concerns)) continue;
        const read = await this.read(cluster, image, gun, warn);
        const harm = read && (await this.judge(read, changes, warn));
        if (harm !== undefined) return harm;
      }
    }
    return undefined;
  }

  private async judge(
    read: Case,
    changes: readonly PlannedChange[],
    warn: Context['warn'],
  ): Promise<DctError | undefined> {
    const { cluster, image } = read;
    const today = decide(image, read.facts, read.trust === 'not_read' ? read.trust : read.trust?.tags);
    const after = await this.verdict(read, this.#planned);
    if (today.outcome === 'refused') {
      const mayHarm = changes.some((change) => !change.stands || change.of === 'policy');
      if (after?.outcome === 'refused' && mayHarm) this.warnOnce(warn, refusesAlready(cluster, image, today));
      return undefined;
    }
    if (after?.outcome === 'undocumented' && today.outcome === 'admitted' && after.reason === 'readings_differ') {
      this.warnOnce(warn, mayRefuse(cluster, image, after));
    }
    if (after?.outcome !== 'refused') return undefined;
    // Whoever is the cause: alone, or on top of the others.
    const alone = await this.verdict(read, changes);
    const without = await this.verdict(read, this.without(changes));
    const isCause = alone?.outcome === 'refused' || without?.outcome !== 'refused';
    const isRemoval = changes.some((change) => !change.stands);
    return isCause ? lockOut(cluster, image, after, isRemoval ? `${ORDER}; ${DESTROY}` : ORDER) : undefined;
  }

  /** Undefined where it hangs on something not known yet that may be all right. */
  private async verdict(
    { image, facts, gun, trust }: Case,
    changes: readonly PlannedChange[],
  ): Promise<Verdict | undefined> {
    const cluster = clusterThen(facts, changes);
    if (!cluster.certain) return undefined;
    if (trust === 'not_read') return decide(image, cluster.then, trust);
    const atHand = await this.world.atHand(signingKeys(gun, trust, changes));
    const { then, certain } = trustThen(gun, trust, changes, atHand);
    return decide(image, cluster.then, certain ? then : 'not_read');
  }

  /** Undefined, with a warning, while something cannot be read: nothing planned needs a server that is there yet. */
  private async read(cluster: Guarded, image: string, gun: string, warn: Context['warn']): Promise<Case | undefined> {
    try {
      const [facts, trust] = await Promise.all([cluster.facts('cached'), this.world.trust(gun)]);
      return { cluster: cluster.name, image, facts, gun, trust };
    } catch (error) {
      const detail = `${error instanceof Error ? error.message : String(error)}\nThe apply asks again before anything is sent.`;
      this.warnOnce(warn, [`Whether ${cluster.name} would still run ${image} cannot be told yet`, detail]);
      return undefined;
    }
  }

  private without(changes: readonly PlannedChange[]): readonly PlannedChange[] {
    return this.#planned.filter((planned) => !changes.includes(planned));
  }

  private warnOnce(warn: Context['warn'], [summary, detail]: readonly [string, string]): void {
    if (this.#said.has(summary)) return;
    this.#said.add(summary);
    warn(undefined, summary, detail);
  }
}

/** Canonical IDs of the keys that the planned signatures, new and again, would be made with. */
function signingKeys(gun: string, now: TrustNow | undefined, changes: readonly PlannedChange[]): string[] {
  return changes.flatMap((change) => {
    if (!isOfTrust(change) || change.gun !== gun || !change.stands || change.of === 'repository') return [];
    if (change.of === 'signature') return change.signer === UNKNOWN ? [] : (now?.signers.get(change.signer) ?? []);
    return change.keyIds === UNKNOWN ? [] : change.keyIds;
  });
}
