import { normaliseRepository } from '../../notary';
import { string } from '../../plugin';
import { define } from '../define';

export const gun = define.function({
  name: 'gun',
  summary: 'GUN of a repository',
  description: 'The name of a repository’s trust data: `<registry host[:port]>/<namespace>/<repository>`.',
  parameters: [
    {
      name: 'host_address',
      type: string,
      description: 'Host address of the registry, with a port where it is not 443.',
    },
    { name: 'name', type: string, description: 'Name of the repository, or its GUN.' },
  ],
  returns: string,
  run: ({ host_address, name }) => normaliseRepository(name, host_address),
});
