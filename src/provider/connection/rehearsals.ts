import { parseImageReference, type RepositoryTrust } from '../../admission';
import type { HttpOptions } from '../../http';
import type { Context } from '../../plugin';
import {
  isLockOut,
  type Overlay,
  type PlannedChange,
  PlanRehearsal,
  rehearse,
  rehearseWrongCa,
  type TrustNow,
  withTrust,
} from '../rehearsal';
import { unlessUnknown } from '../unknown-configuration';
import type { Activity } from './activity';
import { caProblem } from './ca-problem';
import type { Cluster } from './cluster';
import { Company } from './company';

/** What rehearsals ask of the connection. */
export interface RehearsalContext {
  /** Clusters with images they have to be able to run. Throws `unknown_configuration`. */
  readonly guarded: () => readonly Cluster[];
  readonly cluster: (name: string) => Cluster;
  /** Every valid signature by tag, as it is now. */
  readonly signatures: (gun: string) => Promise<RepositoryTrust>;
  /** The same, read once, with who may sign. */
  readonly trustNow: (gun: string) => Promise<TrustNow | undefined | 'not_read'>;
  /** Those keys that can be signed with, by canonical ID. */
  readonly usable: (keyIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly activity: Activity;
  readonly http: HttpOptions;
}

/** Rule 4 (design.md, section 8): no change makes a cluster refuse what it has to be able to run. */
export class Rehearsals {
  readonly #plan: PlanRehearsal;

  constructor(private readonly context: RehearsalContext) {
    const { guarded, trustNow: trust, usable: atHand, activity } = context;
    this.#plan = new PlanRehearsal({ guarded, trust, atHand, company: new Company(activity) });
  }

  /** At plan: what one resource's plan changes. While the configuration is not known that is left to the apply. */
  async ofPlan(changes: readonly PlannedChange[], warn: Context['warn']): Promise<void> {
    await unlessUnknown(
      () => this.#plan.add(changes, warn),
      () => undefined,
    );
  }

  /** Right before trust data is published, or deleted. `after` is asked only where a cluster hangs on it: it costs signatures. */
  async ofTrust(gun: string, after: () => Promise<RepositoryTrust>, warn: Context['warn']): Promise<void> {
    const isOfGun = (image: string) => parseImageReference(image).repository === gun;
    const clusters = this.context.guarded().filter(({ mustAdmit }) => mustAdmit.some(isOfGun));
    if (clusters.length === 0) return;
    await rehearse(clusters, this.context.signatures, withTrust(gun, await after()), warn);
  }

  /** Right before one cluster is changed. What is under way may make it right, so that is waited for. */
  async ofCluster(cluster: Cluster, overlay: Overlay, warn: Context['warn']): Promise<void> {
    const said: Parameters<Context['warn']>[] = [];
    await this.context.activity.patiently(() => {
      said.length = 0;
      return rehearse([cluster], this.context.signatures, overlay, (...warning) => said.push(warning));
    }, isLockOut);
    for (const warning of said) warn(...warning);
  }

  /**
   * Of a registration's CA, at plan and at apply: one that is not the registry's leaves the UCP without signatures. Throws
   * `would_lock_out`; where nothing hangs on it that is a warning.
   */
  async ofCa(
    clusterName: string,
    { hostAddress, caBundle }: { readonly hostAddress: string; readonly caBundle: string },
    { signal, warn }: Pick<Context, 'signal' | 'warn'>,
  ): Promise<void> {
    const problem = await caProblem(hostAddress, caBundle, this.context.http, signal);
    if (problem === undefined) return;
    await unlessUnknown(
      () => rehearseWrongCa(this.context.cluster(clusterName), hostAddress, problem, this.context.signatures),
      () => undefined,
    );
    warn(['ca_bundle'], `${clusterName} cannot read signatures of ${hostAddress} with this CA`, problem);
  }
}
