import { computed, list, object, required, set, string } from '../../plugin';
import { define } from '../define';

export const team = define.dataSource({
  name: 'team',
  description:
    'A team of a UCP: its ID, its members and their keys. A signature is a member’s when it was made with one of these ' +
    'keys, whatever the delegation is called.',
  attributes: {
    cluster: required(string, { description: 'Name of the UCP in the provider’s `clusters`.' }),
    organization: required(string, {
      description: 'Name of the organization. UCP up to 3.0 looks for signers in `docker-datacenter` only.',
    }),
    name: required(string, { description: 'Name of the team.' }),
    members: computed(
      list(
        object({
          name: computed(string, { description: 'Name of the user.' }),
          key_ids: computed(set(string), {
            description: 'Canonical key IDs of the user’s keys. Keys that no signature can be made with are left out.',
          }),
        }),
      ),
      { description: 'Its active members, by name.' },
    ),
    id: computed(string, { description: 'ID of the team in that UCP.' }),
  },
  async read({ config, provider, signal }) {
    const { cluster, organization, name } = config;
    const { id, members } = await provider.cluster(cluster).team(organization, name, signal);
    return {
      cluster,
      organization,
      name,
      members: members.map(({ name: user, keyIds }) => ({ name: user, key_ids: [...keyIds] })),
      id,
    };
  },
});
