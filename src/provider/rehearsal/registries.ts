import type { ClusterFacts } from '../../admission';

/** A cluster with the registry registered, with the CA that is its own: another one is never sent. */
export function registered(facts: ClusterFacts, hostAddress: string): ClusterFacts {
  const others = unregistered(facts, hostAddress);
  return { ...others, registries: [...others.registries, hostAddress] };
}

export function unregistered(facts: ClusterFacts, hostAddress: string): ClusterFacts {
  const others = (hosts: readonly string[]) => hosts.filter((host) => host !== hostAddress);
  return { ...facts, registries: others(facts.registries), unreadable: others(facts.unreadable) };
}
