import { MetadataStore } from '../../../src/sandbox/notary/metadata-store';

/**
 * Has the sandbox's Notary find an older version of targets, as notary-server does that has read them before somebody else's
 * publish, and reads the snapshot after it.
 */
export async function withStaleTargets<T>(version: number, work: () => Promise<T>): Promise<T> {
  const current = Object.getOwnPropertyDescriptor(MetadataStore.prototype, 'current')
    ?.value as MetadataStore['current'];
  const stale = jest.spyOn(MetadataStore.prototype, 'current').mockImplementation(function (
    this: MetadataStore,
    ...[gun, role]: Parameters<MetadataStore['current']>
  ) {
    return role === 'targets' ? this.version(gun, role, version) : current.call(this, gun, role);
  });
  try {
    return await work();
  } finally {
    stale.mockRestore();
  }
}
