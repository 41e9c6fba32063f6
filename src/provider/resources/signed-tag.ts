import { type Expiring, expiringParts, isPartOfSigner, releases, splitGun, type TrustData } from '../../notary';
import { bool, computed, number, optional, required, set, string, UNKNOWN, type Context } from '../../plugin';
import type { Connection } from '../connection';
import { define } from '../define';
import { parseImportId } from '../attributes/import-id';
import { knownTrust, type KnownTrust, remember } from '../trust/known-trust';
import type { PlannedChange } from '../rehearsal';
import { warnOfSignersKey } from '../trust/key-to-come';
import { plannedRenewal } from '../trust/renewal';
import { reportUpkeep } from '../trust/repository-upkeep';
import { unlessEnded } from '../trust/ended-trust';
import { takingBack } from '../trust/taking-back';
import { lost } from '../trust/trust-lost';
import { daysProblem, digestProblem, repositoryProblem, signerProblem, tagProblem } from '../attributes/names';

export const signedTag = define.resource({
  name: 'signed_tag',
  description:
    'One signer’s signature of a tag, made with a key at hand (trust store or `signing_keys`). The digest is what is ' +
    'signed: it is never resolved behind your back. A tag that moved in the registry is a warning, never a new signature.',
  identity: ['repository', 'tag', 'signer'],
  attributes: {
    repository: required(string, {
      description: 'Name or GUN of the repository. Another repository forces replacement.',
      validate: repositoryProblem,
    }),
    tag: required(string, { description: 'The tag.', forceNew: true, validate: tagProblem }),
    signer: required(string, {
      description: 'Name of the signer whose delegation holds the signature.',
      forceNew: true,
      validate: signerProblem,
    }),
    digest: required(string, {
      description: 'Digest of the image’s manifest: `sha256:<64 hex digits>`. The data source `dct_image` finds it.',
      validate: digestProblem,
    }),
    replaces_digest: optional(string, {
      description:
        'A digest that may be replaced in `targets/releases`, where somebody else signed it for this tag. Any other one there is an error.',
      validate: digestProblem,
    }),
    on_destroy: optional(string, {
      description: 'What becomes of the signature on destroy: `revoke` or `keep`.',
      default: 'revoke',
      oneOf: ['revoke', 'keep'],
    }),
    min_validity_days: optional(number, {
      description:
        'Sign the signer’s file and `targets/releases` again when they expire within so many days and the key is at hand.',
      default: 30,
      validate: daysProblem,
    }),
    renewal_due: computed(bool, {
      description:
        'Whether what this signature stands in has to be signed again soon; planned `false`, which does that.',
    }),
    length: computed(number, { description: 'Size of the manifest, bytes.' }),
    key_ids: computed(set(string), {
      description:
        'Canonical IDs of the keys whose signatures stand and verify. Keys that sign as well when another tag of the ' +
        'signer is signed are not among them before this one is signed again.',
    }),
    root_key_ids: computed(set(string), { description: 'Root keys of the repository’s trust data.' }),
    id: computed(string, { description: '`<gun>:<tag>#<signer>`' }),
  },

  async plan({ prior, config, planned, provider, requireReplace, signal, warn }) {
    const { tag, signer, digest } = planned;
    const { gun, repository } = provider.planRepository(config.repository, prior && { gun: gunOf(prior), ...prior });
    const moved = prior === undefined || gun !== gunOf(prior) || tag !== prior.tag || signer !== prior.signer;
    const isAnew = !moved && provider.foreseen.isAnew(gun);
    // Also while it is not known: an update cannot become a replacement at apply.
    if (prior !== undefined && gun !== gunOf(prior)) requireReplace(['repository']);
    const resigned = moved || isAnew || digest !== prior.digest;
    const sha256 = digest === UNKNOWN ? UNKNOWN : hexOf(digest);
    const comes: PlannedChange[] = [{ of: 'signature', stands: true, gun, signer, tag, sha256 }];
    if (moved && prior !== undefined) await planReplacement(prior, comes, provider, warn);
    else if (resigned) await provider.rehearsals.ofPlan(comes, warn);
    if (resigned && gun !== UNKNOWN) {
      const isKnown = digest !== UNKNOWN;
      const image = isKnown ? await provider.images.warnIfMissing(gun, digest, signal, warn) : undefined;
      const target = image && { sha256: hexOf(image.digest), length: image.length };
      const signing = signer !== UNKNOWN && tag !== UNKNOWN ? { gun, signer, tag, target } : undefined;
      if (signing) await warnOfSignersKey(signing, { provider, warn, signal });
    }
    const renewal_due = plannedRenewal(prior, planned);
    // Whoever renews signs with the keys that the signer has by then, and so does whoever gives it others.
    const hasOtherKeyIds =
      resigned || renewal_due !== prior.renewal_due || provider.foreseen.hasOtherKeys(gunOf(prior), prior.signer);
    return {
      ...planned,
      renewal_due,
      repository,
      length: resigned ? UNKNOWN : prior.length,
      key_ids: hasOtherKeyIds ? UNKNOWN : prior.key_ids,
      root_key_ids: moved || isAnew ? UNKNOWN : prior.root_key_ids,
      id: gun === UNKNOWN || tag === UNKNOWN || signer === UNKNOWN ? UNKNOWN : `${gun}:${tag}#${signer}`,
    };
  },

  planDestroy: ({ prior, provider, warn }) => planRevocation(prior, provider, warn),

  async create({ planned, provider, privateData, ...context }) {
    const trust = provider.repository(provider.gun(planned.repository));
    const data = await sign(provider, { ...planned, gun: trust.gun, replaces: [planned.replaces_digest] }, context);
    remember(privateData, data);
    const { due } = await trust.upkeep(partsOf(planned.signer)(data), Number(planned.min_validity_days));
    return { ...stateOf(planned, data), ...inStateOnly(planned), renewal_due: due.length > 0 };
  },

  async read({ state, provider, warn, signal, privateData }) {
    const trust = provider.repository(provider.gun(state.repository));
    const data = await trust.read('cached', knownTrust(state.root_key_ids, privateData), warn);
    if (data === undefined || !counts(data, state)) return undefined;
    const read = stateOf(state, data);
    await provider.images.warnIfMoved(trust.gun, state.tag, read.digest, signal, warn);
    const ends = await trust.upkeep(partsOf(state.signer)(data), Number(state.min_validity_days));
    reportUpkeep(trust, ends, provider.now(), warn);
    const key_ids = stillValid(state.key_ids, read.key_ids);
    return { ...read, key_ids, ...inStateOnly(state), renewal_due: ends.due.length > 0 };
  },

  async update({ prior, planned, provider, privateData, ...context }) {
    const { repository, digest, replaces_digest, renewal_due } = planned;
    const trust = provider.repository(gunOf(prior));
    // Made in this very apply: what was known is of another one.
    const isAnew = planned.root_key_ids === UNKNOWN;
    const known = isAnew ? undefined : knownTrust(prior.root_key_ids, privateData);
    const options = { ...context, ...(known && { known }) };
    const isSigned = isAnew || digest !== prior.digest;
    let data: TrustData | undefined;
    if (isSigned) {
      const signing = { ...planned, gun: trust.gun, replaces: [prior.digest, replaces_digest] };
      data = await sign(provider, signing, options);
    }
    if (renewal_due !== prior.renewal_due) {
      data = await trust.renew(partsOf(prior.signer), Number(planned.min_validity_days), options);
      if (data === undefined) throw lost(trust.gun, prior.root_key_ids);
    }
    if (data === undefined) {
      const unsent = { ...prior, repository, ...inStateOnly(planned) };
      if (planned.key_ids !== UNKNOWN) return unsent;
      const now = await trust.read('cached', known, context.warn);
      return {
        ...unsent,
        key_ids: [...(now?.signature(prior.tag, prior.signer, { evenExpired: true })?.keyIds ?? [])],
      };
    }
    remember(privateData, data);
    // Root keys that changed in this very apply are found at the next read.
    const state = { ...stateOf(planned, data), ...inStateOnly(planned), renewal_due: false };
    if (isAnew) return state;
    // What is only renewed may have been signed otherwise since the plan: the next read finds that, too.
    const { digest: signed, length } = isSigned ? state : prior;
    return { ...state, digest: signed, length, root_key_ids: prior.root_key_ids };
  },

  async delete({ state, provider, signal, warn, privateData }) {
    const trust = provider.repository(gunOf(state));
    if (state.on_destroy === 'keep') return;
    const options = { signal, warn, known: knownTrust(state.root_key_ids, privateData) };
    await takingBack(() => trust.revokeTag(state.signer, state.tag, hexOf(state.digest), options));
  },

  import({ id, provider }) {
    const [gun = '', tag = '', signer = ''] = parseImportId(id, /^(.+):([^:/#]+)#([^#]+)$/, '<gun>:<tag>#<signer>');
    return { repository: splitGun(provider.gun(gun)).repository, tag, signer };
  },
});

/** Rules 5 and 4 for a signature that is taken back. */
async function planRevocation(prior: Planned, provider: Connection, warn: Context['warn']): Promise<void> {
  await tryRevocation(prior, provider, warn);
  await provider.rehearsals.ofPlan(withoutIt(prior), warn);
}

/** The same for one in whose place another comes. */
async function planReplacement(
  prior: Planned,
  comes: readonly PlannedChange[],
  provider: Connection,
  warn: Context['warn'],
): Promise<void> {
  await tryRevocation(prior, provider, warn);
  await provider.rehearsals.ofReplacement({ goes: withoutIt(prior), comes }, warn);
}

async function tryRevocation(prior: Planned, provider: Connection, warn: Context['warn']): Promise<void> {
  const { signer, tag, digest } = prior;
  if (prior.on_destroy === 'keep') return;
  const gun = gunOf(prior);
  const revocation = () => provider.planTrust(gun, (draft) => draft.revokeTag(signer, tag, { sha256: hexOf(digest) }));
  // The signer may be planned to go before it.
  await takingBack(() => unlessEnded(gun, warn, revocation));
}

function withoutIt(prior: Planned): PlannedChange[] {
  if (prior.on_destroy === 'keep') return [];
  const { signer, tag, digest } = prior;
  return [{ of: 'signature', stands: false, gun: gunOf(prior), signer, tag, sha256: hexOf(digest) }];
}

type Planned = Readonly<Record<'id' | 'tag' | 'signer' | 'digest' | 'on_destroy', string>>;

interface Signing {
  readonly gun: string;
  readonly tag: string;
  readonly signer: string;
  readonly digest: string;
  /** Digests whose place it may take: the one this resource signed before, and `replaces_digest`. */
  readonly replaces: readonly (string | null)[];
}

/** Signs what the registry really has under that digest: the provider fetches the manifest and hashes it. */
async function sign(
  provider: Connection,
  { gun, tag, signer, digest, replaces }: Signing,
  { signal, warn, known }: Pick<Context, 'signal' | 'warn'> & { readonly known?: KnownTrust },
): Promise<TrustData> {
  const manifest = await provider.images.manifest(gun, digest, signal);
  await provider.images.warnIfMoved(gun, tag, digest, signal, warn);
  const target = { sha256: hexOf(manifest.digest), length: manifest.length };
  const options = { replaces: replaces.flatMap((replaced) => (replaced === null ? [] : [hexOf(replaced)])) };
  return provider
    .repository(gun)
    .change((draft) => draft.signTag(signer, tag, target, options), { signal, warn, ...(known && { known }) });
}

/** The files that this signer’s signatures stand in. */
function partsOf(signer: string) {
  return (data: TrustData): readonly Expiring[] => expiringParts(data).filter((part) => isPartOfSigner(part, signer));
}

/**
 * A signature that is no longer in `targets/releases` as well is none to docker: signing again puts it back. One that has
 * expired is renewed instead.
 */
function counts(data: TrustData, { tag, signer }: Pick<Given, 'tag' | 'signer'>): boolean {
  const signature = data.signature(tag, signer, { evenExpired: true });
  return signature !== undefined && (signature.isReleased || !data.trust.delegations.has(releases));
}

/**
 * All tags of a signer stand in one file, which is signed whenever one of them is, with every key at hand by then: for the
 * others nothing has changed as long as the signatures that they had are there.
 */
function stillValid(before: readonly string[] | null, now: readonly string[]): readonly string[] {
  return before !== null && before.length > 0 && before.every((id) => now.includes(id)) ? before : now;
}

interface Given {
  readonly repository: string;
  readonly tag: string;
  readonly signer: string;
}

/** What no server knows. */
function inStateOnly({ on_destroy, replaces_digest, min_validity_days }: StateOnly): StateOnly {
  return { on_destroy, replaces_digest, min_validity_days };
}

interface StateOnly {
  readonly on_destroy: string;
  readonly replaces_digest: string | null;
  readonly min_validity_days: number | bigint;
}

function stateOf({ repository, tag, signer }: Given, data: TrustData) {
  const signature = data.signature(tag, signer, { evenExpired: true });
  return {
    repository,
    tag,
    signer,
    digest: `sha256:${signature?.sha256 ?? ''}`,
    length: signature?.length ?? 0,
    key_ids: [...(signature?.keyIds ?? [])],
    root_key_ids: [...data.rootKeyIds],
    id: `${data.gun}:${tag}#${signer}`,
  };
}

/** A GUN may have colons of its own (a port), a tag and a signer have none. */
function gunOf({ id }: { readonly id: string }): string {
  return id.slice(0, id.lastIndexOf(':'));
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
