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
import { whatToDo } from '../errors/explain';
import { registered, unregistered } from './registries';

/** What a change would do to the facts that clusters decide admission from. What it leaves out stays as it is. */
export interface Overlay {
  cluster?(facts: ClusterFacts): ClusterFacts;
  trust?(gun: string, trust: RepositoryTrust): RepositoryTrust;
}

export function withRegistry(hostAddress: string): Overlay {
  return { cluster: (facts) => registered(facts, hostAddress) };
}

export function withoutRegistry(hostAddress: string): Overlay {
  return { cluster: (facts) => unregistered(facts, hostAddress) };
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
  /** Images that it refused before a change of this apply made it run them: see `refusedUntil`. */
  readonly refused: ReadonlySet<string>;
  /** `now`: not as they were read before. */
  facts(when: 'cached' | 'now'): Promise<ClusterFacts>;
}

/** Terraform takes away what is removed before it changes what used to depend on it, and what is replaced before it is made. */
const FIRST =
  'if another change of this plan makes up for it, apply again once that is done; if it never is, since it waits for this one, apply it first (-target), then the rest; where this is a replacement, ' +
  'lifecycle { create_before_destroy = true } makes the new one first';

/**
 * Rule 4: asks, right before a request that changes something, whether each image in `must_admit` would still run. Throws
 * `would_lock_out` for one that runs now and would be refused. Where a cluster refuses already, this change is not the
 * cause: that is a warning, so that repair and destroy always work; and where trust data plays no part afterwards, no
 * registry needs to be there.
 */
export async function rehearse(
  clusters: readonly Guarded[],
  trustOf: (gun: string) => Promise<RepositoryTrust>,
  overlay: Overlay,
  warn: Context['warn'],
  attribute?: readonly string[],
): Promise<void> {
  for (const cluster of clusters) {
    if (cluster.mustAdmit.length === 0) continue;
    const facts = await cluster.facts('now');
    const then = overlay.cluster?.(facts) ?? facts;
    for (const image of cluster.mustAdmit) {
      if (decide(image, then, 'not_read').outcome === 'admitted') continue;
      const gun = parseImageReference(image).repository;
      const trust = await trustOf(gun);
      const before = decide(image, facts, trust);
      const after = decide(image, then, trustIn(overlay, gun, trust));
      if (before.outcome === 'refused' || cluster.refused.has(image)) {
        const refused = before.outcome === 'refused' ? before : after;
        if (after.outcome === 'refused') warn(undefined, ...refusesAlready(cluster.name, image, refused));
      } else if (after.outcome === 'refused') {
        throw lockOut(cluster.name, image, after, { way: FIRST, attribute });
      } else if (after.outcome === 'undocumented' && before.outcome === 'admitted') {
        warn(undefined, ...mayRefuse(cluster.name, image, after));
      }
    }
  }
}

/**
 * Images that the cluster refuses, and may run after this change: another one of the same apply is not the cause when it
 * refuses them again, such as the second half of a replacement.
 */
export async function refusedUntil(
  overlay: Overlay,
  cluster: Guarded,
  trustOf: (gun: string) => Promise<RepositoryTrust>,
): Promise<string[]> {
  const refused: string[] = [];
  for (const image of cluster.mustAdmit) {
    const facts = await cluster.facts('cached');
    const then = overlay.cluster?.(facts) ?? facts;
    if (decide(image, facts, 'not_read').outcome === 'admitted') continue;
    if (decide(image, then, 'not_read').outcome === 'refused') continue;
    const gun = parseImageReference(image).repository;
    const trust = await trustOf(gun);
    const after = decide(image, then, trustIn(overlay, gun, trust));
    if (decide(image, facts, trust).outcome === 'refused' && after.outcome !== 'refused') refused.push(image);
  }
  return refused;
}

function trustIn(overlay: Overlay, gun: string, now: RepositoryTrust): RepositoryTrust {
  return overlay.trust ? overlay.trust(gun, now) : now;
}

/** Whether every signature of the image is there afterwards, too, and the same digest is released: then nothing gets worse. */
export function keepsSignatures(image: string, before: RepositoryTrust, after: RepositoryTrust): boolean {
  if (before === undefined || before === 'not_read') return true;
  if (after === undefined || after === 'not_read') return false;
  const { tag } = parseImageReference(image);
  return [...before].every(([name, signatures]) => {
    if (tag !== undefined && name !== tag) return true;
    return signatures.every(({ role, sha256, keyIds }) =>
      after.get(name)?.some((each) => {
        return each.role === role && each.sha256 === sha256 && keyIds.every((id) => each.keyIds.includes(id));
      }),
    );
  });
}

const NOT_NEEDED = 'or, if it need not run any more, take it out of must_admit';

/** What there is to say of a change that would lock a cluster out. */
interface Refused {
  /** What else there is to do, beside the verdict's own cure. */
  readonly way: string;
  /** The change in words, where Terraform may not show which it is. */
  readonly change?: string;
  readonly attribute?: readonly string[] | undefined;
}

export function lockOut(cluster: string, image: string, after: Verdict, { way, change, attribute }: Refused): DctError {
  const lines = [
    `This change would make ${cluster} refuse ${image}, which is in its must_admit.`,
    ...(change === undefined ? [] : [`It is about ${change}.`]),
    `${cluster} would answer: ${after.refusal ?? ''}`,
    `${after.explanation}.`,
    'Nothing was sent.',
  ];
  return new DctError('would_lock_out', lines.join('\n'), {
    cure: [after.cure, way, NOT_NEEDED].filter((text) => text !== undefined).join('; '),
    ...(attribute && { attribute: [...attribute] }),
  });
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
