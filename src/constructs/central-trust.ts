import { Construct } from 'constructs';
import { CentralRegistry } from './central-registry';
import { configure } from './provider-settings';
import { requireSound } from './sound-topology';
import type { Topology } from './topology';
import type { TrustedRepository } from './trusted-repository';

/** The part of a topology that is there once: the registry, and repositories with their roots of trust. */
export class CentralTrust extends Construct {
  readonly registry: CentralRegistry;
  /** By name. */
  readonly repositories: Readonly<Record<string, TrustedRepository>>;

  /** Throws `invalid_construct` with everything that is wrong with the topology. */
  constructor(scope: Construct, id: string, topology: Topology) {
    super(scope, id);
    requireSound(this, topology);
    const registry = new CentralRegistry(this, 'registry', topology.registry);
    configure(registry.provider, topology);
    this.registry = registry;
    this.repositories = Object.fromEntries(
      Object.entries(topology.repositories ?? {}).map(([name, of]) => {
        const { onDestroy, adoptExisting, expectedRootKeyIds, rotate, snapshotManagedBy, whenLost, minValidityDays } =
          of;
        const props = { onDestroy, adoptExisting, expectedRootKeyIds, rotate, snapshotManagedBy };
        return [name, registry.repository(name, { ...props, whenLost, minValidityDays })];
      }),
    );
  }
}
