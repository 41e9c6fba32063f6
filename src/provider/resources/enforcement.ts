import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { SigningPolicy } from '../../admission';
import { DctError } from '../../error';
import {
  bool,
  computed,
  optional,
  required,
  set,
  string,
  UNKNOWN,
  type Context,
  type Json,
  type PrivateData,
  type Unknown,
} from '../../plugin';
import type { TrustPolicy } from '../../ucp';
import type { Cluster, Connection } from '../connection';
import { define } from '../define';
import { alreadyExists, importBlock, parseImportId } from '../attributes/import-id';
import { type PlannedChange, withPolicy } from '../rehearsal';
import { warnOfUnknownTeams } from './unknown-teams';

export const enforcement = define.resource({
  name: 'enforcement',
  description:
    'The signing policy of a UCP, “Run only signed images”: `[trust_configuration]` of its configuration. It is checked ' +
    'when something is deployed; what runs goes on running. A cluster that enforces another policy already is an error, with ' +
    'the `import` block to paste.',
  identity: ['cluster'],
  attributes: {
    cluster: required(string, { description: 'Name of the UCP in the provider’s `clusters`.', forceNew: true }),
    require_content_trust: optional(bool, { description: 'Run only signed images.', default: true }),
    require_signature_from: optional(set(string), {
      description:
        'Teams that have to have signed, as `organization/team`: each of them. One person who is in all of them is enough. ' +
        'None: see `dct_admission` for what the documents say.',
      nullEqualsEmpty: true,
    }),
    allow_repositories: optional(set(string), {
      description: 'Repositories that are not checked, such as `docker.io/mirantis/dtr-registry`. MKE only.',
      nullEqualsEmpty: true,
    }),
    on_destroy: optional(string, {
      description:
        'What becomes of the policy on destroy: `restore` what was there before (after an import: what was imported), ' +
        '`disable`, or `keep`.',
      default: 'restore',
      oneOf: ['restore', 'disable', 'keep'],
    }),
    id: computed(string, { description: 'The cluster’s name.' }),
  },

  async plan({ prior, planned, provider, privateData, warn, signal }) {
    provider.checkCluster(planned.cluster);
    const { cluster } = planned;
    const policy = policyOf(planned);
    const comes: PlannedChange[] = [{ of: 'policy', stands: true, cluster, policy }];
    if (prior !== undefined && cluster !== prior.cluster) {
      await provider.rehearsals.ofReplacement({ goes: withoutIt(prior, privateData), comes }, warn);
    } else if (prior === undefined || policy === UNKNOWN || !isDeepStrictEqual(policy, policyOf(prior))) {
      await provider.rehearsals.ofPlan(comes, warn);
    } else {
      await provider.rehearsals.ofPolicyThatStays(comes, warn);
      return planned;
    }
    await warnOfUnknownTeams(planned, provider, { warn, signal });
    return { ...planned, id: planned.cluster };
  },

  async planDestroy({ prior, provider, privateData, warn }) {
    await provider.rehearsals.ofPlan(withoutIt(prior, privateData), warn);
    warnIfItStays(prior, privateData, warn);
  },

  async create({ planned, provider, privateData, warn, signal }) {
    const cluster = provider.cluster(planned.cluster);
    const before = await cluster.trustPolicy('now');
    adopt(planned, before, warn);
    privateData.set(BEFORE, jsonOf(before));
    return { ...planned, ...(await setPolicy(provider, cluster, planned, before, warn, signal)) };
  },

  async read({ state, provider, privateData }) {
    const policy = await provider.cluster(state.cluster).trustPolicy();
    // Right after an import: what is found now is what a destroy brings back.
    if (privateData.get(BEFORE) === undefined) privateData.set(BEFORE, jsonOf(policy));
    return { on_destroy: state.on_destroy, ...stateOf(state.cluster, policy, state) };
  },

  async update({ planned, prior, provider, warn, signal }) {
    const cluster = provider.cluster(prior.cluster);
    const before = await cluster.trustPolicy('now');
    refuseIfChanged(prior, planned, before);
    return { ...planned, ...(await setPolicy(provider, cluster, planned, before, warn, signal)) };
  },

  async delete({ state, provider, privateData, warn, signal }) {
    if (state.on_destroy === 'keep') return;
    const cluster = provider.cluster(state.cluster);
    const policy = policyAfter(state, privateData);
    const overlay = withPolicy(forAdmission(policy));
    await provider.rehearsals.ofCluster({ cluster, overlay }, warn, () =>
      cluster.setTrustPolicy({ ...policy, allowRepositories: policy.allowRepositories ?? null }, signal),
    );
  },

  import({ id }) {
    const [cluster = ''] = parseImportId(id, /^([^/]+)$/, '<cluster>');
    return { cluster };
  },
});

const BEFORE = 'policy_before';
const OFF: TrustPolicy = { requireContentTrust: false, requireSignatureFrom: [], allowRepositories: undefined };
const StoredPolicy = v.object({
  requireContentTrust: v.boolean(),
  requireSignatureFrom: v.array(v.string()),
  allowRepositories: v.optional(v.array(v.string())),
});

/** What a destroy leaves behind. */
function policyAfter({ on_destroy }: { readonly on_destroy: string }, privateData: PrivateData): TrustPolicy {
  const before = v.safeParse(StoredPolicy, privateData.get(BEFORE));
  return on_destroy === 'restore' && before.success ? { ...OFF, ...before.output } : OFF;
}

function warnIfItStays(
  prior: Attributes & { readonly cluster: string; readonly on_destroy: string },
  privateData: PrivateData,
  warn: Context['warn'],
): void {
  const policy = policyAfter(prior, privateData);
  const isSame = isDeepStrictEqual(policyOf(stateOf(prior.cluster, policy, {})), policyOf(prior));
  if (prior.on_destroy !== 'restore' || !policy.requireContentTrust || !isSame) return;
  warn(undefined, `${prior.cluster} goes on enforcing its policy once this is destroyed`, STAYS);
}

const STAYS =
  'A destroy restores what was there before, which is this very policy: it was imported, or found there. To turn it off, set ' +
  'on_destroy = "disable", apply that, and destroy then.';

function withoutIt(
  prior: { readonly cluster: string; readonly on_destroy: string },
  privateData: PrivateData,
): PlannedChange[] {
  if (prior.on_destroy === 'keep') return [];
  const policy = forAdmission(policyAfter(prior, privateData));
  return [{ of: 'policy', stands: false, cluster: prior.cluster, policy }];
}

function forAdmission({ allowRepositories, ...policy }: TrustPolicy): SigningPolicy {
  return { ...policy, allowRepositories: allowRepositories ?? [] };
}

/** The policy that attributes stand for, in one form for one policy. */
function policyOf(attributes: PlannedAttributes): SigningPolicy | Unknown {
  const { require_content_trust, require_signature_from, allow_repositories } = attributes;
  const from = allKnown(require_signature_from);
  const allowed = allKnown(allow_repositories);
  if (require_content_trust === UNKNOWN || from === UNKNOWN || allowed === UNKNOWN) return UNKNOWN;
  return { requireContentTrust: require_content_trust, requireSignatureFrom: from, allowRepositories: allowed };
}

function allKnown(values: readonly (string | Unknown)[] | null | Unknown): string[] | Unknown {
  if (values === UNKNOWN) return UNKNOWN;
  const known = (values ?? []).filter((value) => value !== UNKNOWN);
  return known.length === (values ?? []).length ? known.sort() : UNKNOWN;
}

/** What somebody else has set since the plan is not written over unseen; what is as wanted already is no change. */
function refuseIfChanged(
  prior: Attributes & { readonly cluster: string },
  planned: Attributes,
  now: TrustPolicy,
): void {
  const { cluster } = prior;
  const found = policyOf(stateOf(cluster, now, {}));
  if ([prior, planned].some((attributes) => isDeepStrictEqual(policyOf(attributes), found))) return;
  throw new DctError(
    'policy_changed',
    `The policy of ${cluster} is not what this plan was made from: it was ${inWords(prior)}; now it is ` +
      `${inWords(stateOf(cluster, now, {}))}.\nNothing was sent.`,
    {
      cure: 'plan again, with a refresh, to see what somebody else has changed, and apply that',
      attribute: ['require_signature_from'],
    },
  );
}

/**
 * What is there already has an owner, but for the very policy that is wanted: that is also what a killed apply leaves behind.
 * With content trust off there is none. Throws `already_exists`.
 */
function adopt(
  planned: Attributes & { readonly cluster: string; readonly on_destroy: string },
  before: TrustPolicy,
  warn: Context['warn'],
): void {
  const { cluster, on_destroy } = planned;
  if (!before.requireContentTrust) return;
  const found = stateOf(cluster, before, {});
  if (!isDeepStrictEqual(policyOf(planned), policyOf(found))) {
    throw alreadyExists(`${cluster} enforces another policy already: ${inWords(found)}`, 'dct_enforcement', cluster);
  }
  const detail =
    `Nothing is sent, and it now stands in this state, as after\n\n${importBlock('dct_enforcement', cluster)}\n\n` +
    (AT_DESTROY[on_destroy] ?? '');
  warn(['on_destroy'], `${cluster} enforces this very policy already`, detail);
}

const AT_DESTROY: Readonly<Record<string, string>> = {
  restore:
    'A destroy changes nothing either, since it restores what was there before. To turn the policy off then, set ' +
    'on_destroy = "disable".',
  disable: 'A destroy turns it off (on_destroy = "disable"), whoever turned it on.',
  keep: 'A destroy leaves it as it is (on_destroy = "keep").',
};

function inWords({ require_content_trust, require_signature_from, allow_repositories }: Attributes): string {
  const list = (values: readonly string[] | null) => JSON.stringify([...(values ?? [])].sort()).replaceAll(',', ', ');
  const allowed = (allow_repositories ?? []).length > 0 ? `, allow_repositories = ${list(allow_repositories)}` : '';
  return `require_content_trust = ${require_content_trust}, require_signature_from = ${list(require_signature_from)}${allowed}`;
}

interface PlannedAttributes {
  readonly require_content_trust: boolean | Unknown;
  readonly require_signature_from: readonly (string | Unknown)[] | null | Unknown;
  readonly allow_repositories: readonly (string | Unknown)[] | null | Unknown;
}

interface Attributes {
  readonly require_content_trust: boolean;
  readonly require_signature_from: readonly string[] | null;
  readonly allow_repositories: readonly string[] | null;
}

async function setPolicy(
  provider: Connection,
  cluster: Cluster,
  attributes: Attributes,
  { allowRepositories: before }: TrustPolicy,
  warn: Context['warn'],
  signal: AbortSignal,
) {
  const allowed = attributes.allow_repositories ?? [];
  const policy: TrustPolicy = {
    requireContentTrust: attributes.require_content_trust,
    requireSignatureFrom: [...(attributes.require_signature_from ?? [])],
    // A UCP that has no such setting is not given an empty one.
    allowRepositories: allowed.length > 0 || before !== undefined ? [...allowed] : undefined,
  };
  const change = { cluster, overlay: withPolicy(forAdmission(policy)), attribute: ['require_signature_from'] };
  const send = () => cluster.setTrustPolicy(policy, signal);
  return stateOf(cluster.name, await provider.rehearsals.ofCluster(change, warn, send), attributes);
}

function stateOf(cluster: string, policy: TrustPolicy, known: Partial<Attributes>) {
  return {
    cluster,
    id: cluster,
    require_content_trust: policy.requireContentTrust,
    require_signature_from: nullIfEmpty(policy.requireSignatureFrom, known.require_signature_from),
    allow_repositories: nullIfEmpty(policy.allowRepositories ?? [], known.allow_repositories),
  };
}

/** Null and empty mean the same: what the state had stays. */
function nullIfEmpty(
  values: readonly string[],
  before: readonly string[] | null | undefined,
): readonly string[] | null {
  return values.length === 0 && (before === null || before === undefined) ? null : values;
}

function jsonOf(policy: TrustPolicy): Json {
  const { requireContentTrust, requireSignatureFrom, allowRepositories } = policy;
  return {
    requireContentTrust,
    requireSignatureFrom: [...requireSignatureFrom],
    ...(allowRepositories && { allowRepositories: [...allowRepositories] }),
  };
}
