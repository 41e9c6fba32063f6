import { DctError } from '../../error';

/** The prefix of a cluster's environment variables: `DCT_CLUSTER_<NAME>`. */
export function clusterVariable(name: string): string {
  return `DCT_CLUSTER_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** Throws `colliding_clusters` when two names would read the same environment variables. */
export function checkClusterNames(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const variable = clusterVariable(name);
    const other = seen.get(variable);
    if (other !== undefined) {
      throw new DctError(
        'colliding_clusters',
        `The clusters ${JSON.stringify(other)} and ${JSON.stringify(name)} would both be logged in to with ${variable}_USERNAME`,
        { cure: 'rename one of them', attribute: ['clusters', name] },
      );
    }
    seen.set(variable, name);
  }
}
