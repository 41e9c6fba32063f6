import { computed, number, optional, required, string } from '../../plugin';
import { define } from '../define';
import { repositoryProblem, tagProblem } from '../attributes/names';

export const image = define.dataSource({
  name: 'image',
  description: 'What a tag of the central DTR points at now: the explicit way to sign what the registry has.',
  attributes: {
    repository: required(string, { description: 'Name or GUN of the repository.', validate: repositoryProblem }),
    tag: optional(string, { description: 'The tag.', default: 'latest', validate: tagProblem }),
    gun: computed(string, { description: '`<registry host[:port]>/<namespace>/<repository>`' }),
    digest: computed(string, {
      description: '`sha256:<64 hex digits>` of the manifest’s bytes, which the provider fetched and hashed.',
    }),
    length: computed(number, { description: 'Size of the manifest, bytes.' }),
    media_type: computed(string, { description: 'Media type of the manifest.' }),
    id: computed(string, { description: '`<gun>:<tag>`' }),
  },
  async read({ config, provider, signal }) {
    const gun = provider.gun(config.repository);
    const manifest = await provider.images.manifest(gun, config.tag, signal);
    return {
      repository: config.repository,
      tag: config.tag,
      gun,
      digest: manifest.digest,
      length: manifest.length,
      media_type: manifest.mediaType,
      id: `${gun}:${config.tag}`,
    };
  },
});
