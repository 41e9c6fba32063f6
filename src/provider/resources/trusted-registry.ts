import { DctError } from '../../error';
import { certificateFingerprint, certificatesOf } from '../../http';
import { computed, optional, required, string, UNKNOWN, type Context, type Unknown } from '../../plugin';
import { sameCertificates, type Registration } from '../../ucp';
import type { Cluster, Connection } from '../connection';
import { define } from '../define';
import { alreadyExists, importBlock, parseImportId } from '../attributes/import-id';
import { certificatesProblem } from '../attributes/keys';
import { hostAddressProblem } from '../attributes/names';
import { type PlannedChange, withoutRegistry, withRegistry } from '../rehearsal';
import { defaultFrom, unlessUnknown } from '../configuration/unknown-configuration';

export const trustedRegistry = define.resource({
  name: 'trusted_registry',
  description:
    'A DTR registered in one UCP as a trusted registry, so that the UCP reads signatures from it. ' +
    'It gives no single sign-on. An entry with a service ID (the cluster’s own DTR) is never removed.',
  identity: ['cluster', 'host_address'],
  attributes: {
    cluster: required(string, { description: 'Name of the UCP in the provider’s `clusters`.', forceNew: true }),
    host_address: optional(string, {
      description: 'Host address of the DTR, with a port where it is not 443. Default: the provider’s registry.',
      computed: true,
      forceNew: true,
      validate: hostAddressProblem,
    }),
    ca_bundle: optional(string, {
      description:
        'PEM certificates of the authority of the DTR’s TLS certificate. Default: those of the provider’s registry.',
      computed: true,
      equal: sameCertificates,
      validate: certificatesProblem,
    }),
    service_id: computed(string, {
      description: 'Single sign-on ID of the entry; empty for a remote DTR.',
    }),
    id: computed(string, { description: '`<cluster>/<host_address>`' }),
  },

  async plan({ prior, config, planned, provider, ...context }) {
    provider.checkCluster(planned.cluster);
    const host_address = defaultFrom(config.host_address, provider.hostAddress, prior?.host_address);
    const ca_bundle = defaultFrom(config.ca_bundle, provider.caBundle, prior?.ca_bundle);
    const id = planned.cluster === UNKNOWN || host_address === UNKNOWN ? UNKNOWN : `${planned.cluster}/${host_address}`;
    if (id === prior?.id && (ca_bundle === UNKNOWN || sameCertificates(ca_bundle, prior.ca_bundle))) {
      return { ...planned, host_address, ca_bundle, id };
    }
    const { cluster } = planned;
    await checkCa(provider, { cluster, host_address, ca_bundle });
    const comes: PlannedChange[] = [{ of: 'registration', stands: true, cluster, hostAddress: host_address }];
    if (prior === undefined || id === prior.id) await provider.rehearsals.ofPlan(comes, context.warn);
    else await provider.rehearsals.ofReplacement({ goes: withoutIt(prior), comes, followedBy: 'policy' }, context.warn);
    return { ...planned, host_address, ca_bundle, id };
  },

  planDestroy: ({ prior, provider, warn }) => provider.rehearsals.ofPlan(withoutIt(prior), warn),

  async create({ planned, provider, signal, warn }) {
    const cluster = provider.cluster(planned.cluster);
    const hostAddress = planned.host_address === UNKNOWN ? provider.requireHostAddress() : planned.host_address;
    const caBundle = planned.ca_bundle === UNKNOWN ? await provider.requireCaBundle() : planned.ca_bundle;
    const existing = (await cluster.registries('now')).find((entry) => entry.hostAddress === hostAddress);
    if (existing !== undefined && !sameCertificates(existing.caBundle, caBundle)) {
      throw alreadyExists(
        `${hostAddress} is registered in ${cluster.name} already, with another CA`,
        'dct_trusted_registry',
        `${cluster.name}/${hostAddress}`,
      );
    }
    await cluster.checkCa({ hostAddress, caBundle });
    if (existing !== undefined) warnOfAnother(cluster.name, hostAddress, warn);
    // The same registration is what a killed apply leaves behind: nothing to send.
    const registered = existing ?? (await register(provider, cluster, { hostAddress, caBundle }, signal));
    return stateOf(cluster.name, registered, caBundle);
  },

  async read({ state, provider }) {
    const registries = await provider.cluster(state.cluster).registries();
    const registered = registries.find((entry) => entry.hostAddress === state.host_address);
    return registered && stateOf(state.cluster, registered, state.ca_bundle ?? registered.caBundle);
  },

  async update({ planned, prior, provider, signal }) {
    const cluster = provider.cluster(prior.cluster);
    const caBundle = planned.ca_bundle === UNKNOWN ? await provider.requireCaBundle() : planned.ca_bundle;
    const { host_address: hostAddress } = prior;
    const found = (await cluster.registries('now')).find((entry) => entry.hostAddress === hostAddress);
    if (found !== undefined) refuseIfChanged(cluster.name, found, [prior.ca_bundle, caBundle]);
    await cluster.checkCa({ hostAddress, caBundle });
    const registered = await register(provider, cluster, { hostAddress, caBundle }, signal);
    return stateOf(cluster.name, registered, caBundle);
  },

  async delete({ state, provider, warn, signal }) {
    const cluster = provider.cluster(state.cluster);
    const registered = (await cluster.registries('now')).find((entry) => entry.hostAddress === state.host_address);
    if (registered === undefined) return;
    if (registered.serviceId !== '') {
      warn(
        ['host_address'],
        `${state.host_address} stays registered in ${cluster.name}`,
        'The entry has a service ID: it is the cluster’s own DTR, and removing it would break its single sign-on.',
      );
      return;
    }
    const change = { cluster, overlay: withoutRegistry(state.host_address) };
    await provider.rehearsals.ofCluster(change, warn, () => cluster.unregister(state.host_address, signal));
  },

  import({ id }) {
    const [cluster = '', host_address = ''] = parseImportId(id, /^([^/]+)\/([^/]+)$/, '<cluster>/<host_address>');
    return { cluster, host_address };
  },
});

async function register(
  provider: Connection,
  cluster: Cluster,
  registration: Pick<Registration, 'hostAddress' | 'caBundle'>,
  signal: AbortSignal,
): Promise<Registration> {
  await provider.rehearsals.noteRefused(cluster, withRegistry(registration.hostAddress));
  return cluster.register(registration, signal);
}

/** A CA that somebody else has given it since the plan is not written over unseen. */
function refuseIfChanged(cluster: string, found: Registration, expected: readonly string[]): void {
  if (expected.some((caBundle) => sameCertificates(caBundle, found.caBundle))) return;
  throw new DctError(
    'registration_changed',
    `Since this plan was made somebody has given ${found.hostAddress} another CA in ${cluster}: ${inWords(found.caBundle)}.\n` +
      'Nothing was sent.',
    {
      cure: 'plan again, with a refresh, to see what somebody else has changed, and apply that',
      attribute: ['ca_bundle'],
    },
  );
}

function inWords(caBundle: string): string {
  try {
    return `SHA-256 ${certificatesOf(caBundle).map(certificateFingerprint).join(', ')}`;
  } catch {
    return caBundle.trim() === '' ? 'none' : 'one that cannot be read';
  }
}

/** Nobody can see whose it is: an interrupted apply's of ours, somebody's by hand, or that of another state. */
function warnOfAnother(cluster: string, hostAddress: string, warn: Context['warn']): void {
  const detail =
    'It has the same CA, so that nothing was sent, and it now stands in this state, as after\n\n' +
    `${importBlock('dct_trusted_registry', `${cluster}/${hostAddress}`)}\n\n` +
    'If another state has it too, whichever is destroyed first takes the registration away from both: leave it to one of them ' +
    '(`terraform state rm` in the other).';
  warn(['host_address'], `${hostAddress} is registered in ${cluster} already`, detail);
}

/** At plan: throws `wrong_ca` where that is known by now. */
async function checkCa(
  provider: Connection,
  { cluster, host_address, ca_bundle }: Readonly<Record<'cluster' | 'host_address' | 'ca_bundle', string | Unknown>>,
): Promise<void> {
  if (cluster === UNKNOWN || host_address === UNKNOWN || ca_bundle === UNKNOWN) return;
  await unlessUnknown(
    () => provider.cluster(cluster).checkCa({ hostAddress: host_address, caBundle: ca_bundle }),
    () => undefined,
  );
}

/** What its end means to a rehearsal: nothing for an entry that is never removed. */
function withoutIt(prior: {
  readonly cluster: string;
  readonly host_address: string;
  readonly service_id: string;
}): PlannedChange[] {
  if (prior.service_id !== '') return [];
  return [{ of: 'registration', stands: false, cluster: prior.cluster, hostAddress: prior.host_address }];
}

/** The certificates stay as the user wrote them as long as they are the registered ones. */
function stateOf(cluster: string, registered: Registration, caBundle: string) {
  const { hostAddress, serviceId } = registered;
  return {
    cluster,
    host_address: hostAddress,
    ca_bundle: sameCertificates(caBundle, registered.caBundle) ? caBundle : registered.caBundle,
    service_id: serviceId,
    id: `${cluster}/${hostAddress}`,
  };
}
