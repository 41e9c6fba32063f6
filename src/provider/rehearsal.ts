import { decide, parseImageReference, type ClusterFacts, type RepositoryTrust, type SigningPolicy } from '../admission';
import { DctError } from '../error';
import type { Context } from '../plugin';

/** What a change would do to the facts that clusters decide admission from. What it leaves out stays as it is. */
export interface Overlay {
  cluster?(facts: ClusterFacts): ClusterFacts;
  trust?(gun: string, trust: RepositoryTrust): RepositoryTrust;
}

export function withoutRegistry(hostAddress: string): Overlay {
  return {
    cluster: (facts) => ({ ...facts, registries: facts.registries.filter((registered) => registered !== hostAddress) }),
  };
}

export function withPolicy(
  policy: Omit<SigningPolicy, 'allowRepositories'> & { allowRepositories?: readonly string[] | undefined },
): Overlay {
  return {
    cluster: (facts) => ({ ...facts, policy: { ...policy, allowRepositories: policy.allowRepositories ?? [] } }),
  };
}

export function withTrust(gun: string, trust: RepositoryTrust): Overlay {
  return { trust: (other, now) => (other === gun ? trust : now) };
}

/** A cluster with images that it has to be able to run. */
export interface Guarded {
  readonly name: string;
  readonly mustAdmit: readonly string[];
  /** As they are now, not as they were read before. */
  facts(): Promise<ClusterFacts>;
}

/**
 * Rule 4: asks, right before a request that changes something, whether each image in `must_admit` would still run. Throws
 * `would_lock_out` for one that runs now and would be refused. Where a cluster refuses already, this change is not the
 * cause: that is a warning, so that repair and destroy always work.
 */
export async function rehearse(
  clusters: readonly Guarded[],
  trustOf: (gun: string) => Promise<RepositoryTrust>,
  overlay: Overlay,
  warn: Context['warn'],
): Promise<void> {
  for (const cluster of clusters) {
    if (cluster.mustAdmit.length === 0) continue;
    const facts = await cluster.facts();
    for (const image of cluster.mustAdmit) {
      const gun = parseImageReference(image).repository;
      const trust = await trustOf(gun);
      const before = decide(image, facts, trust);
      const after = decide(image, overlay.cluster?.(facts) ?? facts, overlay.trust ? overlay.trust(gun, trust) : trust);
      if (after.outcome !== 'refused') continue;
      if (before.outcome === 'refused') {
        const why = [before.refusal, before.explanation, before.cure].filter((text) => text !== undefined).join('\n');
        warn(undefined, `${cluster.name} does not run ${image}`, why);
        continue;
      }
      throw new DctError(
        'would_lock_out',
        `This change would make ${cluster.name} refuse ${image}, which is in its must_admit.\n` +
          `${cluster.name} would answer: ${after.refusal ?? ''}\n${after.explanation}.\nNothing was sent.`,
        { cure: after.cure },
      );
    }
  }
}
