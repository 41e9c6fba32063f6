import {
  decide,
  parseImageReference,
  type ClusterFacts,
  type RepositoryTrust,
  type SigningPolicy,
  type Verdict,
} from '../../admission';
import { DctError } from '../../error';
import type { Context } from '../../plugin';
import { whatToDo } from '../explain';

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

export function withPolicy(policy: SigningPolicy): Overlay {
  return { cluster: (facts) => ({ ...facts, policy }) };
}

export function withTrust(gun: string, trust: RepositoryTrust): Overlay {
  return { trust: (other, now) => (other === gun ? trust : now) };
}

/** A cluster with images that it has to be able to run. */
export interface Guarded {
  readonly name: string;
  readonly mustAdmit: readonly string[];
  /** `now`: not as they were read before. */
  facts(when: 'cached' | 'now'): Promise<ClusterFacts>;
}

/** Terraform takes away what is removed before it changes what used to depend on it. */
const FIRST = 'if another change of this plan makes up for it, apply that one first (-target)';

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
    const facts = await cluster.facts('now');
    for (const image of cluster.mustAdmit) {
      const gun = parseImageReference(image).repository;
      const trust = await trustOf(gun);
      const before = decide(image, facts, trust);
      const after = decide(image, overlay.cluster?.(facts) ?? facts, overlay.trust ? overlay.trust(gun, trust) : trust);
      if (before.outcome === 'refused') {
        if (after.outcome === 'refused') warn(undefined, ...refusesAlready(cluster.name, image, before));
      } else if (after.outcome === 'refused') {
        throw lockOut(cluster.name, image, after, FIRST);
      } else if (after.outcome === 'undocumented' && before.outcome === 'admitted') {
        warn(undefined, ...mayRefuse(cluster.name, image, after));
      }
    }
  }
}

/** The same for a CA that is not the registry's: to the cluster its repositories have no signatures. */
export async function rehearseWrongCa(
  cluster: Guarded,
  hostAddress: string,
  problem: string,
  trustOf: (gun: string) => Promise<RepositoryTrust>,
): Promise<void> {
  const images = cluster.mustAdmit.map((image) => ({ image, ...parseImageReference(image) }));
  for (const { image, repository } of images.filter(({ host }) => host === hostAddress)) {
    const facts = await cluster.facts('now');
    const before = decide(image, facts, await trustOf(repository));
    if (before.outcome === 'refused' || decide(image, facts, undefined).outcome !== 'refused') continue;
    throw new DctError(
      'would_lock_out',
      `This change would make ${cluster.name} refuse ${image}, which is in its must_admit: ` +
        `it could not read signatures of ${hostAddress} with this CA\n${problem}\nNothing was sent.`,
      { cure: `give the CA that ${hostAddress} has its certificate from`, attribute: ['ca_bundle'] },
    );
  }
}

/** @param way what else there is to do, beside the verdict's own cure */
export function lockOut(cluster: string, image: string, after: Verdict, way: string): DctError {
  return new DctError(
    'would_lock_out',
    `This change would make ${cluster} refuse ${image}, which is in its must_admit.\n` +
      `${cluster} would answer: ${after.refusal ?? ''}\n${after.explanation}.\nNothing was sent.`,
    { cure: [after.cure, way].filter((text) => text !== undefined).join('; ') },
  );
}

export function isLockOut(error: unknown): boolean {
  return error instanceof DctError && error.code === 'would_lock_out';
}

type Warning = readonly [summary: string, detail: string];

export function refusesAlready(cluster: string, image: string, now: Verdict): Warning {
  const lines = [
    `${cluster} answers: ${now.refusal ?? ''}`,
    `${now.explanation}. This change is not the cause.`,
    ...(now.cure === undefined ? [] : [whatToDo(now.cure)]),
  ];
  return [`${cluster} does not run ${image}`, lines.join('\n')];
}

/** What the documents leave open decides: see `dct_admission`. */
export function mayRefuse(cluster: string, image: string, after: Verdict): Warning {
  return [
    `${cluster} may refuse ${image} after this change`,
    `It runs now, and it is in must_admit. Whether it does afterwards is in no document: ${after.explanation}.` +
      (after.cure === undefined ? '' : `\n${whatToDo(`to be sure, ${after.cure}`)}`),
  ];
}
