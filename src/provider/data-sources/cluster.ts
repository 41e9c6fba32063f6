import { bool, computed, list, object, required, set, string } from '../../plugin';
import { define } from '../define';

export const cluster = define.dataSource({
  name: 'cluster',
  description: 'What a UCP is and how it is set up now: product, version, registered registries, signing policy.',
  attributes: {
    name: required(string, { description: 'Name of the UCP in the provider’s `clusters`.' }),
    endpoint: computed(string, { description: 'URL of the UCP.' }),
    product: computed(string, { description: 'As the server calls itself: `ucp`, or `mke`.' }),
    version: computed(string, { description: 'Version of the product: `3.2.5`.' }),
    instance_id: computed(string, { description: 'ID of this UCP.', nullable: true }),
    registries: computed(
      list(
        object({
          host_address: computed(string, { description: 'Host address of the registry.' }),
          service_id: computed(string, { description: 'Empty for a remote registry.' }),
          ca_bundle: computed(string, { description: 'PEM certificates of its authority.' }),
        }),
      ),
      { description: 'Registered trusted registries.' },
    ),
    require_content_trust: computed(bool, { description: 'Whether only signed images run.' }),
    require_signature_from: computed(set(string), {
      description: 'Teams that have to have signed, as the UCP stores them.',
    }),
    allow_repositories: computed(set(string), { description: 'Repositories that are not checked.' }),
    id: computed(string, { description: 'The name.' }),
  },
  async read({ config, provider }) {
    const connected = provider.cluster(config.name);
    const [endpoint, { product, version }, instanceId, registries, policy] = await Promise.all([
      connected.endpoint(),
      connected.version(),
      connected.instanceId(),
      connected.registries(),
      connected.trustPolicy(),
    ]);
    return {
      name: config.name,
      id: config.name,
      endpoint,
      product,
      version,
      instance_id: instanceId ?? null,
      registries: registries.map(({ hostAddress, serviceId, caBundle }) => ({
        host_address: hostAddress,
        service_id: serviceId,
        ca_bundle: caBundle,
      })),
      require_content_trust: policy.requireContentTrust,
      require_signature_from: [...policy.requireSignatureFrom],
      allow_repositories: [...(policy.allowRepositories ?? [])],
    };
  },
});
