import fc from 'fast-check';
import type { FaultOrder } from '../../../src/sandbox/faults';
import type { World } from '../world';

/** What can go wrong with: requests that write, and the reading before (a plan) and after (by the apply). */
const aims = {
  'a publish': { servers: 'registry', match: { method: 'POST', path: '^/v2/.*/_trust/tuf/' } },
  'a deletion': { servers: 'registry', match: { method: 'DELETE' } },
  'a configuration': { servers: 'clusters', match: { method: 'PUT' } },
  'reading of a plan': { servers: 'all', match: { method: 'GET' } },
  'reading of an apply': { servers: 'all', match: { method: 'GET' } },
} as const;
export type Aim = keyof typeof aims;

/** What a server does to the so-manieth request of its kind. */
export const faults = fc.record({
  aim: fc.oneof(
    { weight: 4, arbitrary: fc.constant<Aim>('a publish') },
    { weight: 1, arbitrary: fc.constant<Aim>('a deletion') },
    { weight: 4, arbitrary: fc.constant<Aim>('a configuration') },
    { weight: 1, arbitrary: fc.constant<Aim>('reading of a plan') },
    { weight: 1, arbitrary: fc.constant<Aim>('reading of an apply') },
  ),
  before: fc.constantFrom(0, 0, 0, 0, 1),
  kind: fc.constantFrom<FaultOrder['kind'][]>('status', 'status', 'reset', 'reset', 'truncate'),
  /** It is done all the same, and the reply is lost. */
  after: fc.boolean(),
});
export type Fault = typeof faults extends fc.Arbitrary<infer F> ? F : never;

/** The servers of a world, as far as they can misbehave. */
export class Weather {
  constructor(private readonly world: World) {}

  /** Does the work while these faults are ordered. @returns what came of it, and which were hit */
  async during<T>(
    all: readonly Fault[],
    work: () => Promise<T>,
  ): Promise<{ readonly made: T; readonly hit: string[] }> {
    for (const { aim, before, kind, after } of all) {
      const { servers, match } = aims[aim];
      for (const { faults: of, requests } of this.endpoints(servers)) {
        requests.clear();
        if (before > 0) of.add({ match, kind: 'delay', delayMs: 0, count: before });
        of.add({ match, kind, ...(kind !== 'truncate' && { after }) });
      }
    }
    const made = await work();
    for (const { faults: of } of this.endpoints('all')) of.clear();
    const hit = all.flatMap(({ aim, kind, after }) => {
      const { servers, match } = aims[aim];
      const isHit = this.endpoints(servers).some(({ requests }) =>
        requests.list().some(({ fault, method }) => fault === kind && method === match.method),
      );
      const isLost = kind === 'truncate' || after;
      return isHit ? [`${aim}: ${isLost ? 'reply lost by ' : ''}${kind}`] : [];
    });
    return { made, hit };
  }

  private endpoints(servers: 'registry' | 'clusters' | 'all') {
    const { sandbox } = this.world;
    const { dtr, clusters } = sandbox;
    const ofClusters = clusters.map(({ name }) => sandbox.ucp(name).endpoint);
    return { registry: [dtr.endpoint], clusters: ofClusters, all: [dtr.endpoint, ...ofClusters] }[servers];
  }
}
