import { decide, parseImageReference, type ClusterFacts, type Verdict } from '../../admission';
import type { DctError } from '../../error';
import { UNKNOWN, type Context } from '../../plugin';
import { clusterThen, isOfTrust, type PlannedChange, type TrustNow, trustThen } from './planned-change';
import { attributeOf, described } from './described';
import { type Guarded, isLockOut, lockOut, mayRefuse, refusesAlready } from './rehearse';

/** What a rehearsal at plan looks at. Everything is read at most once. */
export interface PlanWorld {
  /** Clusters with images they have to be able to run, and names of those of which that is not known yet. */
  guarded(): { readonly known: readonly Guarded[]; readonly unknown: readonly string[] };
  trust(gun: string): Promise<TrustNow | undefined | 'not_read'>;
  /** Canonical IDs of those keys that can be signed with. */
  atHand(keyIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** What else is under way: see `Activity`. */
  readonly activity: {
    arrive(): void;
    together<T>(attempt: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T | undefined>;
  };
}

/** What goes and what takes its place, planned in one. */
export interface Replacement {
  readonly goes: readonly PlannedChange[];
  readonly comes: readonly PlannedChange[];
  /**
   * What depends on it, is planned after it, and may make up for it. That goes before it does, so that its harm is a warning:
   * of the policy of its cluster it becomes an error where that does not.
   */
  readonly followedBy?: 'policy' | 'anything';
}

interface Case {
  readonly cluster: string;
  readonly image: string;
  /** By the cluster, before this apply made it run it: see `refusedUntil`. */
  readonly wasRefused: boolean;
  readonly facts: ClusterFacts;
  readonly gun: string;
  readonly trust: TrustNow | undefined | 'not_read';
}

/** Terraform plans what depends on a resource after it. */
const ORDER =
  'if something else in this plan makes up for it, make this resource depend on that (depends_on), and do not plan with ' +
  '-parallelism=1; if what makes up for it depends on this resource, apply that by itself first';
/** Terraform plans what is no longer in the configuration before it plans to destroy all. */
const DESTROY =
  'if all of it is to be destroyed, use -refresh=false, or put back what was taken out of the configuration';
/** Such as an imported one, which `on_destroy = "restore"` keeps. */
const STAYS =
  'its policy requires signatures after this plan, too, since that is what was there before it: if it is to go, set on_destroy = ' +
  '"disable" in the dct_enforcement and apply that first';
const NOT_KNOWN = 'Its configuration is known only at apply, which asks before anything is sent.';
/** Terraform takes away what is removed before it changes what used to depend on it. */
const REMOVED =
  'A change of the policy of its cluster makes up for it in this plan, but Terraform may take away first what is removed: should ' +
  'the apply refuse that, apply the policy first (-target), then the rest.';
/** What depends on a resource is planned after it. */
const LEFT =
  'Whether the policy of its cluster goes, or asks for less, is planned after it. Unless it does, the apply refuses this.';
/** Terraform takes away what is replaced before it makes it again, if it is not told otherwise. */
const REPLACED =
  'It is replaced, and taken away first: the apply refuses that as long as the image depends on it. With ' +
  'lifecycle { create_before_destroy = true } what takes its place is there before.';

/**
 * Rule 4 at plan: today's world with everything this plan adds and takes away, in whatever order Terraform plans it. What
 * is harmful alone waits for what may make up for it. Only what is certain is an error; the apply looks again.
 */
export class PlanRehearsal {
  #planned: readonly PlannedChange[] = [];
  /** Clusters whose policy is planned, and replacements whose harm is left to the plan of one. */
  readonly #policies = new Set<string>();
  readonly #left = new Set<readonly PlannedChange[]>();
  readonly #said = new Set<string>();

  constructor(private readonly world: PlanWorld) {}

  /** Adds what the plan of one resource changes. Throws `would_lock_out` when that makes a cluster refuse what it runs today. */
  async add(changes: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    const { activity } = this.world;
    this.#planned = [...this.#planned, ...changes];
    activity.arrive();
    const left = this.takeOver(changes);
    const attempt = async () => {
      for (const each of [changes, ...left]) {
        const harm = await this.harmOf(each, warn);
        if (harm !== undefined) throw harm;
      }
      return 'harmless';
    };
    try {
      // Otherwise another one's plan says what is wrong with both.
      const isHarmless = (await activity.together(attempt, isLockOut)) === 'harmless';
      if (isHarmless && changes.some((change) => isOfTrust(change) && !change.stands))
        await this.warnOfOrder(changes, warn);
    } catch (error) {
      this.#planned = this.without(changes);
      throw error;
    }
  }

  /** A policy that stays as it is: whatever was left to it is harm. */
  async stay(policy: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    if (this.takeOver(policy).length > 0) await this.add(policy, warn);
  }

  /** Adds what the plan of a resource that is replaced changes. Throws as `add`. */
  async replace({ goes, comes, followedBy }: Replacement, warn: Context['warn']): Promise<void> {
    const changes = [...goes, ...comes];
    const harm = await this.harmOf(goes, () => undefined, goes);
    const inTheEnd = followedBy && (await this.harmOf(changes, () => undefined, changes));
    const isPlanned = clustersOf(goes).some((cluster) => this.#policies.has(cluster));
    if (inTheEnd === undefined || (followedBy === 'policy' && isPlanned)) {
      await this.add(changes, warn);
      if (harm !== undefined) this.warnOnce(warn, [firstLine(harm), REPLACED]);
      return;
    }
    this.#planned = [...this.#planned, ...changes];
    if (followedBy === 'policy') this.#left.add(changes);
    this.warnOnce(warn, [firstLine(inTheEnd), followedBy === 'policy' ? LEFT : REPLACED]);
  }

  /** Of what is harmless only because a policy changes, too. */
  private async warnOfOrder(removal: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    const meanwhile = this.#planned.filter(({ of, stands }) => !(of === 'policy' && stands));
    const harm = await this.harmOf(removal, () => undefined, meanwhile);
    if (harm !== undefined) this.warnOnce(warn, [firstLine(harm), REMOVED]);
  }

  /** What was left to the plans of these policies, to which nothing is left from now on. */
  private takeOver(changes: readonly PlannedChange[]): (readonly PlannedChange[])[] {
    const clusters = clustersOf(changes.filter(({ of }) => of === 'policy'));
    for (const cluster of clusters) this.#policies.add(cluster);
    return [...this.#left].filter((left) => clustersOf(left).some((cluster) => clusters.includes(cluster)));
  }

  /** @param all what is looked at: with all that is planned, or alone */
  private async harmOf(
    changes: readonly PlannedChange[],
    warn: Context['warn'],
    all?: readonly PlannedChange[],
  ): Promise<DctError | undefined> {
    const { known, unknown } = this.world.guarded();
    for (const name of unknown)
      this.warnOnce(warn, [`Whether ${name} would still run its images cannot be told yet`, NOT_KNOWN]);
    for (const cluster of known) {
      for (const image of cluster.mustAdmit) {
        const gun = parseImageReference(image).repository;
        const concerns = (change: PlannedChange): boolean =>
          isOfTrust(change) ? change.gun === gun : change.cluster === cluster.name;
        if (!changes.some(concerns)) continue;
        const read = await this.read(cluster, image, gun, warn);
        const harm = read && (await this.judge(read, changes, warn, all));
        if (harm !== undefined) return harm;
      }
    }
    return undefined;
  }

  private async judge(
    read: Case,
    changes: readonly PlannedChange[],
    warn: Context['warn'],
    all: readonly PlannedChange[] = this.#planned,
  ): Promise<DctError | undefined> {
    const { cluster, image } = read;
    const today = decide(image, read.facts, read.trust === 'not_read' ? read.trust : read.trust?.tags);
    const after = await this.verdict(read, all);
    const isRefused = today.outcome === 'refused';
    if (isRefused || read.wasRefused) {
      const mayHarm = changes.some((change) => !change.stands || change.of === 'policy');
      if (after?.outcome === 'refused' && mayHarm)
        this.warnOnce(warn, refusesAlready(cluster, image, isRefused ? today : after));
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
    if (!isCause) return undefined;
    const isRemoval = all.some((change) => !change.stands);
    const way = isRemoval ? `${ORDER}; ${all.some((change) => staysOn(change, cluster)) ? STAYS : DESTROY}` : ORDER;
    return lockOut(cluster, image, after, { way, change: described(changes), attribute: attributeOf(changes) });
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
      return { cluster: cluster.name, image, wasRefused: cluster.refused.has(image), facts, gun, trust };
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

/** A policy whose end leaves one behind that requires signatures. */
function staysOn(change: PlannedChange, cluster: string): boolean {
  if (change.of !== 'policy' || change.stands || change.cluster !== cluster) return false;
  return change.policy !== UNKNOWN && change.policy.requireContentTrust;
}

function firstLine({ message }: DctError): string {
  return (message.split('\n')[0] ?? '').replace(/\.$/, '');
}

function clustersOf(changes: readonly PlannedChange[]): string[] {
  return changes.flatMap((change) => (isOfTrust(change) || change.cluster === UNKNOWN ? [] : [change.cluster]));
}

/** Canonical IDs of the keys that the planned signatures, new and again, would be made with. */
function signingKeys(gun: string, now: TrustNow | undefined, changes: readonly PlannedChange[]): string[] {
  return changes.flatMap((change) => {
    if (!isOfTrust(change) || change.gun !== gun || !change.stands || change.of === 'repository') return [];
    if (change.of === 'signature') return change.signer === UNKNOWN ? [] : (now?.signers.get(change.signer) ?? []);
    return change.keyIds === UNKNOWN ? [] : change.keyIds;
  });
}
