import { runImage } from '../run-image';
import type { World } from '../world';

const CLUSTERS = ['cluster2', 'cluster3'];

/**
 * What clusters run, as the sandbox's own admission has it, which shares no code with the provider's: `cluster2: image`.
 */
export async function running(world: World, images: readonly string[]): Promise<string[]> {
  const pairs = CLUSTERS.flatMap((cluster) => images.map((image) => ({ cluster, image })));
  const answers = await Promise.all(pairs.map(({ cluster, image }) => runImage(world, cluster, image)));
  return pairs.flatMap(({ cluster, image }, index) => (answers[index] === null ? [`${cluster}: ${image}`] : []));
}

export function imagesOf(pairs: readonly string[]): string[] {
  return [...new Set(pairs.map((pair) => pair.slice(pair.indexOf(' ') + 1)))];
}

/** Those that some of these errors says it would make a cluster refuse. */
export function lockedOut(errors: readonly string[]): string[] {
  const found = errors.flatMap((text) => [...text.matchAll(/This change would make (\S+) refuse (\S+), which is in/g)]);
  return [...new Set(found.map(([, cluster, image]) => `${cluster ?? ''}: ${image ?? ''}`))];
}

/**
 * What clusters did not run at some moment of this work: asked after each request that writes, whose reply waits for that.
 */
export async function refusedDuring(
  world: World,
  images: readonly string[],
  work: () => Promise<void>,
): Promise<Set<string>> {
  const { sandbox } = world;
  const { dtr, clusters } = sandbox;
  const endpoints = [dtr.endpoint, ...clusters.map(({ name }) => sandbox.ucp(name).endpoint)];
  const all = CLUSTERS.flatMap((cluster) => images.map((image) => `${cluster}: ${image}`));
  const refused = new Set<string>();
  const looks: Promise<void>[] = [];
  const look = async (): Promise<void> => {
    const runs = await running(world, images);
    for (const pair of all) if (!runs.includes(pair)) refused.add(pair);
  };
  const spies = endpoints.map((endpoint) => {
    for (const [method, path] of [
      ['POST', '^/v2/.*/_trust/'],
      ['PUT', '/'],
      ['DELETE', '/'],
    ] as const)
      endpoint.faults.add({ match: { method, path }, kind: 'delay', delayMs: LOOK, after: true, count: 1000 });
    const add = endpoint.requests.add.bind(endpoint.requests);
    return jest.spyOn(endpoint.requests, 'add').mockImplementation((entry) => {
      add(entry);
      if (entry.fault === 'delay') looks.push(look());
    });
  });
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
    for (const { faults } of endpoints) faults.clear();
  }
  await Promise.all([...looks, look()]);
  return refused;
}

/** How long a reply waits for that look, milliseconds. */
const LOOK = 300;
