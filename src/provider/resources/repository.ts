import { splitGun, type TrustData } from '../../notary';
import { computed, optional, required, set, string, UNKNOWN } from '../../plugin';
import { alreadyExists } from '../import';
import { define } from '../define';
import { repositoryProblem } from '../names';

export const repository = define.resource({
  name: 'repository',
  description:
    'A repository of the central DTR with trust data: its root of trust, from the root key in the trust store, and a ' +
    'targets key of its own. Signers and signatures are resources of their own.',
  identity: ['gun'],
  attributes: {
    name: required(string, {
      description:
        'Name within the registry (`admin/trustdemo`), or the whole GUN. Another repository forces replacement.',
      validate: repositoryProblem,
    }),
    on_destroy: optional(string, {
      description: 'What becomes of the trust data on destroy: `keep` or `delete`. Keys are never deleted.',
      default: 'keep',
      oneOf: ['keep', 'delete'],
    }),
    snapshot_managed_by: optional(string, {
      description:
        'Who signs the snapshot: `server` or `client`. Default: as found; `server` for a new repository, as docker does.',
      computed: true,
      oneOf: ['server', 'client'],
    }),
    gun: computed(string, { description: '`<registry host[:port]>/<namespace>/<repository>`' }),
    root_key_ids: computed(set(string), {
      description:
        'IDs of the root keys that vouch for this repository. Trust data that does not chain from them is an error.',
    }),
    targets_key_id: computed(string, { description: 'ID of the repository’s targets key.' }),
    id: computed(string, { description: 'The GUN.' }),
  },

  plan({ prior, config, planned, provider, error, requireReplace }) {
    const { gun, repository: name } = provider.planRepository(
      config.name,
      prior && { ...prior, repository: prior.name },
    );
    if (prior !== undefined && gun !== UNKNOWN && gun !== prior.gun) requireReplace(['name']);
    if (prior === undefined) {
      const snapshot_managed_by = config.snapshot_managed_by ?? 'server';
      if (snapshot_managed_by === 'client') {
        error(['snapshot_managed_by'], 'A new repository has its snapshot signed by the server', NO_CLIENT_SNAPSHOT);
      }
      return { ...planned, name, gun, id: gun, snapshot_managed_by };
    }
    if (planned.snapshot_managed_by !== UNKNOWN && planned.snapshot_managed_by !== prior.snapshot_managed_by) {
      error(
        ['snapshot_managed_by'],
        `The snapshot of ${prior.gun} is managed by the ${prior.snapshot_managed_by}`,
        `Handing it over is a key rotation: run \`notary key rotate ${prior.gun} snapshot -r\`, then refresh.`,
      );
    }
    return { ...planned, name, gun, id: gun };
  },

  async create({ planned, provider, signal }) {
    const gun = provider.gun(planned.name);
    const trust = provider.repository(gun);
    const found = await trust.read('now');
    // What a killed apply leaves behind: our root, and nothing in it yet. Anything else has an owner.
    const ours = found !== undefined && found.isBlank && (await provider.canChange(found));
    if (found !== undefined && !ours) {
      throw alreadyExists(
        `${gun} has trust data already, rooted in ${found.rootKeyIds.join(', ')}`,
        'dct_repository',
        gun,
      );
    }
    const data = found ?? (await trust.initialise(signal));
    return { ...stateOf(planned.name, data), on_destroy: planned.on_destroy };
  },

  async read({ state, provider }) {
    const data = await provider.repository(state.gun).read('cached', state.root_key_ids);
    return data && { ...stateOf(state.name ?? splitGun(state.gun).repository, data), on_destroy: state.on_destroy };
  },

  // What can change in place stands in the state only: nothing is sent.
  update({ prior, planned }) {
    return { ...prior, name: planned.name, on_destroy: planned.on_destroy };
  },

  async delete({ state, provider, warn, signal }) {
    if (state.on_destroy === 'keep') return;
    await provider.repository(state.gun).deleteTrustData({ signal, warn });
  },

  import({ id, provider }) {
    const gun = provider.gun(id);
    return { gun, name: splitGun(gun).repository };
  },
});

const NO_CLIENT_SNAPSHOT =
  'A snapshot key on this machine would have to be shared with everyone who signs. Leave snapshot_managed_by out.';

function stateOf(name: string, data: TrustData) {
  return {
    name,
    gun: data.gun,
    id: data.gun,
    root_key_ids: [...data.rootKeyIds],
    targets_key_id: data.targetsKeyId,
    snapshot_managed_by: data.snapshotManagedBy,
  };
}
