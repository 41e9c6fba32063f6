import { parseImageReference, type RepositoryTrust } from '../../admission';
import type { Context } from '../../plugin';
import {
  type Guarded,
  isLockOut,
  keepsSignatures,
  type Overlay,
  type PlannedChange,
  PlanRehearsal,
  refusedUntil,
  rehearse,
  type Replacement,
  type TrustNow,
  withTrust,
} from '../rehearsal';
import { unlessUnknown } from '../configuration/unknown-configuration';
import type { Activity } from './activity';
import type { Cluster, When } from './cluster';
import type { Turn } from './turn';

/** What rehearsals ask of the connection. */
export interface RehearsalContext {
  /**
   * Clusters with images they have to be able to run, and names of those of which that is not known yet. Throws
   * `unknown_configuration` where not even the clusters are.
   */
  readonly guarded: () => { readonly known: readonly Cluster[]; readonly unknown: readonly string[] };
  /** Every valid signature by tag, as it is now. */
  readonly signatures: (gun: string) => Promise<RepositoryTrust>;
  /** The same, read once, with who may sign. */
  readonly trustNow: (gun: string) => Promise<TrustNow | undefined | 'not_read'>;
  /** Those keys that can be signed with, by canonical ID. */
  readonly usable: (keyIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Undefined for what cannot be read, or not soon. */
  readonly atAGlance: <T>(look: () => Promise<T>) => Promise<T | undefined>;
  readonly activity: Activity;
  /** Of what a cluster hangs on: two changes, each harmless alone, must not be sent at the same time. */
  readonly turn: Turn;
}

/** What is about to be sent to a cluster, and what it does to what the cluster decides from. */
interface ClusterChange {
  readonly cluster: Cluster;
  readonly overlay: Overlay;
  readonly attribute?: readonly string[];
}

/** Rule 4 (design.md, section 8): no change makes a cluster refuse what it has to be able to run. */
export class Rehearsals {
  readonly #plan: PlanRehearsal;

  constructor(private readonly context: RehearsalContext) {
    const { guarded, trustNow: trust, usable: atHand, activity } = context;
    this.#plan = new PlanRehearsal({ guarded, trust, atHand, activity });
  }

  /** At plan: what one resource's plan changes. While the configuration is not known that is left to the apply. */
  async ofPlan(changes: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    await unlessUnknown(
      () => this.#plan.add(changes, warn),
      () => undefined,
    );
  }

  /** At plan, of a policy that stays as it is. */
  async ofPolicyThatStays(policy: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    await unlessUnknown(
      () => this.#plan.stay(policy, warn),
      () => undefined,
    );
  }

  /** At plan, of a resource that is replaced. */
  async ofReplacement(replacement: Replacement, warn: Context['warn']): Promise<void> {
    await unlessUnknown(
      () => this.#plan.replace(replacement, warn),
      () => undefined,
    );
  }

  /**
   * Right before trust data is published, or deleted.
   * @param after asked only where a cluster hangs on it: it costs signatures
   * @param hold waits for the turn of what could do harm, and keeps it until that is sent
   */
  async ofTrust(
    gun: string,
    after: () => Promise<RepositoryTrust>,
    warn: Context['warn'],
    hold: () => Promise<void>,
  ): Promise<void> {
    const ofGun = (images: readonly string[]) =>
      images.filter((image) => parseImageReference(image).repository === gun);
    const clusters = this.context.guarded().known.filter(({ mustAdmit }) => ofGun(mustAdmit).length > 0);
    if (clusters.length === 0) return;
    const [before, then] = await Promise.all([this.context.signatures(gun), after()]);
    const overlay = withTrust(gun, then);
    const those = (concerns: (image: string) => boolean) =>
      clusters.flatMap((cluster) => {
        const { name, refused } = cluster;
        const mustAdmit = ofGun(cluster.mustAdmit).filter(concerns);
        return mustAdmit.length === 0 ? [] : [{ name, refused, mustAdmit, facts: (when: When) => cluster.facts(when) }];
      });
    // A cluster that cannot be reached now, and a change of one that is under way, hold up only what it hangs on.
    const atRisk = those((image) => !keepsSignatures(image, before, then));
    if (atRisk.length > 0) {
      await hold();
      await rehearse(atRisk, this.context.signatures, overlay, warn);
    }
    const gaining = those((image) => !keepsSignatures(image, then, before));
    await Promise.all(gaining.map((cluster) => this.noteRefused(cluster, overlay, () => Promise.resolve(before))));
  }

  /** Sends what changes one cluster, and asks right before. What is under way may make it right, so that is waited for. */
  async ofCluster<T>(
    { cluster, overlay, attribute }: ClusterChange,
    warn: Context['warn'],
    send: () => Promise<T>,
  ): Promise<T> {
    if (cluster.mustAdmit.length === 0) return send();
    const { activity, turn, signatures } = this.context;
    const asked = async (): Promise<T> => {
      const said: Parameters<Context['warn']>[] = [];
      await rehearse([cluster], signatures, overlay, (...warning) => said.push(warning), attribute);
      for (const warning of said) warn(...warning);
      await this.noteRefused(cluster, overlay);
      return send();
    };
    return activity.patiently(() => turn.during(asked), isLockOut);
  }

  /** Right before a change that refuses nothing: see `refusedUntil`. */
  async noteRefused(
    cluster: Guarded & { readonly refused: Set<string> },
    overlay: Overlay,
    trustOf = this.context.signatures,
  ): Promise<void> {
    const refused = await this.context.atAGlance(() => refusedUntil(overlay, cluster, trustOf));
    for (const image of refused ?? []) cluster.refused.add(image);
  }
}
