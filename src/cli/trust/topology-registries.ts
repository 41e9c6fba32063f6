import type { KeysAtHand } from '../../notary';
import type { Terminal } from '../terminal';
import { Registries } from './registry';
import type { TopologyTrust } from './topology-file';

/** The registry of a topology, with its pins. */
export function registriesOf(topology: TopologyTrust, keys: KeysAtHand, terminal: Terminal): Registries {
  const pins = new Map(topology.repositories.map(({ gun, expectedRootKeyIds }) => [gun, expectedRootKeyIds]));
  return new Registries({ settings: () => topology.registry, keys, pins: (gun) => pins.get(gun), terminal });
}
