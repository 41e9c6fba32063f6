import { resource, type Settings } from './configuration';

/** A repository with a signer. */
export function trusted(certificate: string, settings: Settings = {}): string {
  return [
    resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete', ...settings }),
    signer(certificate, '${dct_repository.it.gun}'),
  ].join('\n');
}

export function signer(certificate: string, repository: string): string {
  return resource('signer_delegation', 'it', { repository, signer: 'alice', public_keys: [certificate] });
}

/** Clusters that know the registry and, once there is the signer, enforce. */
export function enforcing(...clusters: readonly string[]): string {
  return clusters
    .flatMap((cluster) => {
      const after = [`dct_trusted_registry.${cluster}`, 'dct_signer_delegation.it'];
      return [
        resource('trusted_registry', cluster, { cluster }),
        resource('enforcement', cluster, { cluster }, { after }),
      ];
    })
    .join('\n');
}
