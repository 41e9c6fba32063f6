import { bool, computed, optional, required, set, string, UNKNOWN, type Context } from '../../plugin';
import { sameKeys, splitGun, type PublicKey, type TrustData, type TrustDraft } from '../../notary';
import { type Connection, releaseKeyIds } from '../connection';
import { DctError } from '../../error';
import { define } from '../define';
import { explain } from '../errors/explain';
import { alreadyExists, parseImportId } from '../attributes/import-id';
import { keysOf, publicKeysProblem } from '../attributes/keys';
import { knownTrust, remember } from '../trust/known-trust';
import { warnOfKeyToCome } from '../trust/key-to-come';
import { unlessEnded } from '../trust/ended-trust';
import { repositoryProblem, signerProblem } from '../attributes/names';
import type { PlannedChange } from '../rehearsal';

export const signerDelegation = define.resource({
  name: 'signer_delegation',
  description:
    'A signer of a repository, as `docker trust signer add` makes one: the delegation `targets/<signer>` with its ' +
    'keys, which are also put into `targets/releases`.',
  identity: ['repository', 'signer'],
  attributes: {
    repository: required(string, {
      description: 'Name or GUN of the repository. Another repository forces replacement.',
      validate: repositoryProblem,
    }),
    signer: required(string, {
      description: 'Name of the signer: small letters, digits, `_` and `-`.',
      forceNew: true,
      validate: signerProblem,
    }),
    public_keys: required(set(string), {
      description: 'The signer’s keys, PEM: certificates (`cert.pem` of a client bundle) or public keys.',
      equal: sameKeys,
      validate: publicKeysProblem,
    }),
    allow_unsigning: optional(bool, {
      description:
        'Let a change of keys, or a destroy, take the last valid signature from tags. Otherwise that is an error unless a key at hand can sign again.',
      default: false,
    }),
    key_ids: computed(set(string), { description: 'Canonical key IDs, as `docker trust inspect` shows them.' }),
    role: computed(string, { description: '`targets/<signer>`' }),
    root_key_ids: computed(set(string), { description: 'Root keys of the repository’s trust data.' }),
    id: computed(string, { description: '`<gun>#<signer>`' }),
  },

  async plan({ prior, config, planned, provider, requireReplace, warn, signal }) {
    const { signer, public_keys } = planned;
    const { gun, repository } = provider.planRepository(config.repository, prior && { gun: gunOf(prior), ...prior });
    const moved = prior === undefined || gun !== gunOf(prior) || signer !== prior.signer;
    const isAnew = !moved && provider.foreseen.isAnew(gun);
    // Also while it is not known: an update cannot become a replacement at apply.
    if (prior !== undefined && gun !== gunOf(prior)) requireReplace(['repository']);
    const keys = knownKeys(public_keys);
    const keyIds = keys === undefined ? UNKNOWN : idsOf(keys);
    const renewedIds = moved || keys === undefined ? [] : renewed(keysOf(prior.public_keys), keys);
    const comes: PlannedChange[] = [{ of: 'signer', stands: true, gun, signer, keyIds, renewedIds }];
    if (prior !== undefined && moved) await planReplacement(prior, comes, provider, warn);
    else if (isAnew || public_keys !== prior?.public_keys) await provider.rehearsals.ofPlan(comes, warn);
    if (!moved && public_keys !== prior.public_keys) provider.foreseen.otherKeys(gunOf(prior), prior.signer);
    if (!moved && !isAnew && keys !== undefined && public_keys !== prior.public_keys) {
      const allowUnsigning = planned.allow_unsigning === true;
      const notes = await provider.planTrust(gunOf(prior), (draft) =>
        draft.setSignerKeys(prior.signer, keys, { allowUnsigning }),
      );
      for (const { message, planned: said = message } of notes) warn(['public_keys'], said);
    }
    const isNew = prior === undefined && gun !== UNKNOWN && signer !== UNKNOWN && keys !== undefined;
    if (isNew && !provider.foreseen.isAnew(gun)) {
      const { notes, missingKey } = await provider.glance(gun, (draft) => draft.addSigner(signer, keys), signal);
      for (const { message, planned: said = message } of notes) warn(['signer'], said);
      if (missingKey !== undefined && !provider.foreseen.hasOtherTargetsKey(gun))
        warnOfKeyToCome(missingKey, ['repository'], provider.repository(gun).warnOnce(warn));
    }
    if (gun !== UNKNOWN && signer !== UNKNOWN) provider.foreseen.signerHas(gun, signer, keyIds);
    return {
      ...planned,
      repository,
      key_ids: keyIds,
      role: signer === UNKNOWN ? UNKNOWN : `targets/${signer}`,
      root_key_ids: moved || isAnew ? UNKNOWN : prior.root_key_ids,
      id: gun === UNKNOWN || signer === UNKNOWN ? UNKNOWN : `${gun}#${signer}`,
    };
  },

  planDestroy: ({ prior, provider, warn }) => planRemoval(prior, provider, warn),

  async create({ planned, provider, signal, warn, privateData }) {
    const { signer } = planned;
    const trust = provider.repository(provider.gun(planned.repository));
    const keys = keysOf(planned.public_keys, provider.now());
    const add = (draft: TrustDraft) => {
      const found = draft.signerKeys(signer);
      // The same keys are what a killed apply leaves behind. A signer with others has an owner.
      if (found.length > 0 && !sameIds(found, keys)) {
        const message = `${trust.gun} has a signer ${signer} already, with the keys ${idsOf(found).join(', ')}`;
        throw alreadyExists(message, 'dct_signer_delegation', `${trust.gun}#${signer}`);
      }
      return draft.addSigner(signer, keys);
    };
    const data = await trust.change(add, { signal, warn });
    remember(privateData, data);
    return stateOf(planned, data, keys);
  },

  async read({ state, provider, privateData, warn }) {
    const gun = provider.gun(state.repository);
    const data = await provider.repository(gun).read('cached', knownTrust(state.root_key_ids, privateData), warn);
    const signer = signerOf(data, state.signer);
    if (data === undefined || signer === undefined || signer.keys.length === 0) return undefined;
    // A key that left targets/releases is missing too: docker no longer counts what it signs.
    const released = releaseKeyIds(data);
    const keys = signer.keys.filter((key) => released.has(key.tufId));
    return { ...stateOf(state, data, keys), public_keys: asWritten(keys, state.public_keys ?? []) };
  },

  async update({ prior, planned, provider, signal, warn, privateData }) {
    const known = new Set(keysOf(prior.public_keys).map((key) => key.tufId));
    const isNew = keysOf(planned.public_keys).some((key) => !known.has(key.tufId));
    const keys = keysOf(planned.public_keys, isNew ? provider.now() : undefined);
    const options = { allowUnsigning: planned.allow_unsigning };
    const trust = provider.repository(gunOf(prior));
    // Made in this very apply: what was known is of another one.
    const isAnew = planned.root_key_ids === UNKNOWN;
    const data = await trust.change((draft) => draft.setSignerKeys(prior.signer, keys, options), {
      signal,
      warn,
      ...(!isAnew && { known: knownTrust(prior.root_key_ids, privateData) }),
    });
    remember(privateData, data);
    // Root keys that changed in this very apply are found at the next read.
    return { ...stateOf(planned, data, keys), ...(!isAnew && { root_key_ids: prior.root_key_ids }) };
  },

  async delete({ state, provider, signal, warn, privateData }) {
    const options = { allowUnsigning: state.allow_unsigning };
    await provider.repository(gunOf(state)).takeAway((draft) => draft.removeSigner(state.signer, options), {
      signal,
      warn,
      known: knownTrust(state.root_key_ids, privateData),
    });
  },

  import({ id, provider }) {
    const [gun = '', signer = ''] = parseImportId(id, /^([^#]+)#([^#]+)$/, '<gun>#<signer>');
    return { repository: splitGun(provider.gun(gun)).repository, signer };
  },
});

/** Rules 5 and 4 for a signer that goes. */
async function planRemoval(prior: Leaving, provider: Connection, warn: Context['warn']): Promise<void> {
  for (const { message, planned = message } of await tryRemoval(prior, provider, warn)) warn(undefined, planned);
  await provider.rehearsals.ofPlan(withoutIt(prior), warn);
}

/** The same for one in whose place another comes. */
async function planReplacement(
  prior: Leaving,
  comes: readonly PlannedChange[],
  provider: Connection,
  warn: Context['warn'],
): Promise<void> {
  const notes = await tryRemoval(prior, provider, warn).catch((error: unknown) => warnOfLoss(error, warn));
  for (const { message, planned = message } of notes) warn(undefined, planned);
  await provider.rehearsals.ofReplacement({ goes: withoutIt(prior), comes, followedBy: 'anything' }, warn);
}

interface Leaving {
  readonly id: string;
  readonly signer: string;
  readonly allow_unsigning: boolean;
}

async function tryRemoval(prior: Leaving, provider: Connection, warn: Context['warn']) {
  const { signer, allow_unsigning: allowUnsigning } = prior;
  const gun = gunOf(prior);
  const removal = () => provider.planTrust(gun, (draft) => draft.removeSigner(signer, { allowUnsigning }));
  return (await unlessEnded(gun, warn, removal)) ?? [];
}

function withoutIt(prior: Leaving): PlannedChange[] {
  return [{ of: 'signer', stands: false, gun: gunOf(prior), signer: prior.signer, keyIds: [] }];
}

/** Canonical IDs of keys that stay, but in other certificates: to trust data these are other keys. */
function renewed(before: readonly PublicKey[], after: readonly PublicKey[]): string[] {
  const known = new Set(before.map(({ tufId }) => tufId));
  return idsOf(before).filter((id) => {
    const same = after.filter(({ canonicalId }) => canonicalId === id);
    return same.length > 0 && same.every(({ tufId }) => !known.has(tufId));
  });
}

/** Terraform plans what depends on a signer after it, also the signatures that are replaced with it: only the apply knows. */
function warnOfLoss(error: unknown, warn: Context['warn']): [] {
  const said = error instanceof DctError && error.code === 'would_unsign' ? explain(error) : undefined;
  if (said === undefined) throw error;
  warn(undefined, said.summary, `${REPLACED}\n${said.detail}`);
  return [];
}

const REPLACED =
  'The apply refuses it, unless these signatures are replaced as well: then they are taken back first, and made again.';

function stateOf(
  { repository, signer, allow_unsigning, public_keys }: Given,
  data: TrustData,
  keys: readonly PublicKey[],
) {
  return {
    repository,
    signer,
    allow_unsigning,
    public_keys: public_keys ?? [],
    key_ids: idsOf(keys),
    role: `targets/${signer}`,
    root_key_ids: [...data.rootKeyIds],
    id: `${data.gun}#${signer}`,
  };
}

interface Given {
  readonly repository: string;
  readonly signer: string;
  readonly allow_unsigning: boolean;
  readonly public_keys: readonly string[] | null;
}

function gunOf({ id }: { readonly id: string }): string {
  return id.slice(0, id.lastIndexOf('#'));
}

function signerOf(data: TrustData | undefined, name: string) {
  return data?.signers.find((signer) => signer.name === name);
}

function idsOf(keys: readonly PublicKey[]): string[] {
  return [...new Set(keys.map((key) => key.canonicalId))];
}

function sameIds(a: readonly PublicKey[], b: readonly PublicKey[]): boolean {
  const ids = new Set(a.map((key) => key.tufId));
  return a.length === b.length && b.every((key) => ids.has(key.tufId));
}

/** Each key in the words of the configuration, where it has it; else as docker writes it. */
function asWritten(keys: readonly PublicKey[], written: readonly string[]): string[] {
  return keys.flatMap((key) => {
    // One key may be listed twice, written differently.
    const given = written.filter((pem) => keysOf([pem])[0]?.tufId === key.tufId);
    return given.length > 0 ? given : [key.toPem() ?? key.tufId];
  });
}

function knownKeys(publicKeys: unknown): PublicKey[] | undefined {
  return Array.isArray(publicKeys) && publicKeys.every((pem) => typeof pem === 'string')
    ? keysOf(publicKeys)
    : undefined;
}
