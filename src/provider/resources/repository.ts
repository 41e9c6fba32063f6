import { isDeepStrictEqual } from 'node:util';
import { DctError } from '../../error';
import { splitGun, type TrustData } from '../../notary';
import { blindAdoption, notAdopted, unprovenAdoption, wrongRoot } from '../trust/adoption';
import {
  bool,
  computed,
  number,
  optional,
  required,
  set,
  string,
  UNKNOWN,
  type Context,
  type Unknown,
} from '../../plugin';
import type { Connection, Repository } from '../connection';
import { define } from '../define';
import { knownTrust, remember } from '../trust/known-trust';
import { reportDamage, reportEnds, repositoryParts } from '../trust/repository-upkeep';
import { planCreation, planNewKeys, planRemoval, planReplacement, warnOfOthers } from '../trust/repository-plan';
import { plannedRenewal } from '../trust/renewal';
import { type Counters, NO_CLIENT_SNAPSHOT, planRotation, rotate, rotations } from '../trust/rotation';
import { lost } from '../trust/trust-lost';
import { daysProblem, repositoryProblem, rootKeyIdsProblem } from '../attributes/names';

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
    adopt_existing: optional(bool, {
      description:
        'Take over trust data that is there already, if it chains from one of `expected_root_key_ids`. Nothing is sent for that. ' +
        'Otherwise it is an error, with the `import` block to paste.',
      default: false,
    }),
    expected_root_key_ids: optional(set(string), {
      description:
        'Root key IDs of which one must stand at the start of the chain when the repository is adopted or made.',
      validate: rootKeyIdsProblem,
    }),
    when_lost: optional(string, {
      description:
        'What it means when the trust data is gone: `error`, since a wrong `notary_url` looks the same; or `recreate`: it is made ' +
        'again, from the root key of the trust store, and so is what depends on it.',
      default: 'error',
      oneOf: ['error', 'recreate'],
    }),
    min_validity_days: optional(number, {
      description:
        'Sign targets and a client’s snapshot again when they expire within so many days and their key is at hand. Root and ' +
        'root certificate have a lead of at least 365 days, whatever is given here: once the certificate has expired nobody ' +
        'can repair the repository. A signer’s files are renewed by its `dct_signed_tag`.',
      default: 30,
      validate: daysProblem,
    }),
    rotate,
    renewal_due: computed(bool, {
      description:
        'Whether something of the repository has to be signed again: soon, since it ends, or now, since docker cannot read it. Planned `false`, which does that.',
    }),
    snapshot_managed_by: optional(string, {
      description:
        'Who signs the snapshot: `server` or `client`. Default: as found; `server` for a new repository, as docker does. From ' +
        '`client` to `server` is a key rotation, which needs the root key and the scope `*`; there is no way back.',
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

  async plan({ prior, config, planned, provider, privateData, error, requireReplace, warn }) {
    const { gun, repository: name } = provider.planRepository(
      config.name,
      prior && { ...prior, repository: prior.name },
    );
    // Also while it is not known: an update cannot become a replacement at apply.
    if (prior !== undefined && gun !== prior.gun) {
      requireReplace(['name']);
      await planReplacement(prior, gun, provider, warn);
    }
    if (prior?.gun === gun && prior.on_destroy === 'delete') provider.foreseen.deletable(gun);
    if (prior === undefined) {
      if (config.adopt_existing === true && isNone(config.expected_root_key_ids)) await refuseBlind(gun, provider);
      if (gun !== UNKNOWN) await planCreation(gun, planned.when_lost, provider, warn);
      await provider.rehearsals.ofPlan([{ of: 'repository', stands: true, gun }], warn);
      if (config.adopt_existing === false) await planNewKeys(gun, provider, warn);
      if (config.adopt_existing === false && gun !== UNKNOWN) await warnOfOthers(gun, provider, warn);
      // What is adopted has it as it has it.
      const usual = config.adopt_existing === false ? 'server' : UNKNOWN;
      const snapshot_managed_by = config.snapshot_managed_by ?? usual;
      if (snapshot_managed_by === 'client' && config.adopt_existing === false) {
        error(['snapshot_managed_by'], 'A new repository has its snapshot signed by the server', NO_CLIENT_SNAPSHOT);
      }
      return { ...planned, name, gun, id: gun, snapshot_managed_by, renewal_due: UNKNOWN };
    }
    const roles = gun === prior.gun ? await planRotation({ prior, planned, provider, privateData, warn, error }) : [];
    return {
      ...planned,
      name,
      gun,
      id: gun,
      renewal_due: plannedRenewal(prior, planned),
      root_key_ids: roles.includes('root') ? UNKNOWN : prior.root_key_ids,
      targets_key_id: roles.includes('targets') ? UNKNOWN : prior.targets_key_id,
    };
  },

  planDestroy: ({ prior, provider, warn }) => planRemoval(prior, provider, warn),

  async create({ planned, provider, privateData, signal, warn }) {
    const gun = provider.gun(planned.name);
    const trust = provider.repository(gun);
    const found = await trust.read('now', undefined, warn);
    // What a killed apply leaves behind: our root, and nothing in it yet. Anything else has an owner.
    const ours = found !== undefined && found.isBlank && (await provider.canChange(found));
    const expected = planned.expected_root_key_ids ?? [];
    if (found !== undefined && !ours && !planned.adopt_existing) throw notAdopted(found);
    if (found !== undefined && !ours && expected.length === 0) throw unprovenAdoption(found);
    if (found !== undefined && expected.length > 0) await checkRoot(trust, expected, warn);
    const data = found ?? (await trust.initialise(signal, expected));
    if (found === undefined) provider.foreseen.made(gun);
    const wanted = planned.snapshot_managed_by;
    const manager = data.snapshotManagedBy;
    if (wanted !== UNKNOWN && manager !== undefined && wanted !== manager) throw otherSnapshotManager(gun, manager);
    remember(privateData, data);
    const { due } = await trust.upkeep(repositoryParts(data), Number(planned.min_validity_days));
    return { ...stateOf(planned.name, data, wanted), ...inStateOnly(planned), renewal_due: due.length > 0 };
  },

  async read({ state, provider, privateData, warn }) {
    const trust = provider.repository(state.gun);
    if (state.when_lost === 'recreate') trust.mayBeRemade();
    if (state.on_destroy === 'delete') provider.foreseen.deletable(state.gun);
    const data = await trust.read('cached', knownTrust(state.root_key_ids, privateData), warn);
    if (data !== undefined) {
      const ends = await reportEnds(trust, data, Number(state.min_validity_days), provider.now(), warn);
      const renewal_due = (await reportDamage(trust, data, warn)) || ends;
      const name = state.name ?? splitGun(state.gun).repository;
      return { ...stateOf(name, data, state.snapshot_managed_by), ...inStateOnly(state), renewal_due };
    }
    if (state.root_key_ids !== null) {
      warn(undefined, `The trust data of ${state.gun} is gone`, REMADE);
    }
    return undefined;
  },

  // What stands in the state only sends nothing; what is due is signed again, and counters that were raised rotate keys.
  async update({ prior, planned, provider, privateData, signal, warn }) {
    const trust = provider.repository(prior.gun);
    const expected = planned.expected_root_key_ids ?? [];
    const name = planned.name;
    const { roles } = rotations(prior, planned, privateData);
    const renews = planned.renewal_due !== prior.renewal_due;
    const sends = renews || roles.length > 0;
    const expectsOthers = !isDeepStrictEqual(planned.expected_root_key_ids, prior.expected_root_key_ids);
    // Trust data that is gone, or over, must not keep when_lost from being set.
    if (expected.length > 0 && (sends || expectsOthers)) await checkRoot(trust, expected, warn);
    if (!sends) return { ...prior, name, ...inStateOnly(planned) };
    const days = Number(planned.min_validity_days);
    const options = { signal, warn, known: knownTrust(prior.root_key_ids, privateData) };
    // What had to wait for a client’s snapshot key goes with the hand-over.
    const parts = renews || roles.includes('snapshot') ? repositoryParts : () => [];
    const data = await (roles.length > 0
      ? trust.rotate(roles, parts, days, options)
      : trust.renew(parts, days, options));
    if (data === undefined) throw lost(prior.gun, prior.root_key_ids);
    remember(privateData, data);
    const renewal_due = renews ? false : prior.renewal_due;
    return { ...stateOf(name, data, planned.snapshot_managed_by), ...inStateOnly(planned), renewal_due };
  },

  async delete({ state, provider, warn, signal }) {
    if (state.on_destroy === 'keep') return;
    await provider.repository(state.gun).deleteTrustData(state.root_key_ids, { signal, warn });
  },

  import({ id, provider }) {
    const gun = provider.gun(id);
    return { gun, name: splitGun(gun).repository };
  },
});

const REMADE =
  'It is made again by this apply (when_lost = "recreate"). If nobody deleted it, check registry.notary_url and ' +
  'registry.host_address before: a wrong one looks the same.';

/** Throws `adoption_unproven`, with the root keys found where the registry answers. */
async function refuseBlind(gun: string | Unknown, provider: Connection): Promise<void> {
  if (gun === UNKNOWN) return;
  const found = await provider.atAGlance(() => provider.repository(gun).read('now', undefined, () => undefined));
  throw found === undefined ? blindAdoption(gun) : unprovenAdoption(found);
}

function isNone(ids: readonly (string | Unknown)[] | null | Unknown): boolean {
  return ids === null || (ids !== UNKNOWN && ids.length === 0);
}

/** Throws `unpinned_root`, with the IDs found. */
async function checkRoot(trust: Repository, rootKeyIds: readonly string[], warn: Context['warn']): Promise<void> {
  try {
    await trust.read('now', { rootKeyIds }, warn);
  } catch (error) {
    throw wrongRoot(error);
  }
}

function otherSnapshotManager(gun: string, manager: string): DctError {
  return new DctError('other_snapshot_manager', `The snapshot of ${gun} is managed by the ${manager}`, {
    cure: 'adopt it as it is: leave snapshot_managed_by out',
    attribute: ['snapshot_managed_by'],
  });
}

/** What no server knows. */
function inStateOnly({
  on_destroy,
  adopt_existing,
  expected_root_key_ids,
  when_lost,
  min_validity_days,
  rotate: counters,
}: StateOnly): StateOnly {
  return { on_destroy, adopt_existing, expected_root_key_ids, when_lost, min_validity_days, rotate: counters };
}

interface StateOnly {
  readonly on_destroy: string;
  readonly adopt_existing: boolean;
  readonly expected_root_key_ids: readonly string[] | null;
  readonly when_lost: string;
  readonly min_validity_days: number | bigint;
  readonly rotate: Counters | null;
}

/** `manager`: as it was or is wanted, for whoever may not ask the server; docker’s default where nobody has said. */
function stateOf(name: string, data: TrustData, manager: string | Unknown | null) {
  return {
    name,
    gun: data.gun,
    id: data.gun,
    root_key_ids: [...data.rootKeyIds],
    targets_key_id: data.targetsKeyId,
    snapshot_managed_by: data.snapshotManagedBy ?? (typeof manager === 'string' ? manager : 'server'),
  };
}
