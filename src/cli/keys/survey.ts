import type { Gun, KeyInfo, PublicKey, TrustData } from '../../notary';
import { eachOf } from '../trust/limit';
import type { Registries } from '../trust/registry';
import { roleKeys } from '../trust/role-keys';
import type { SigningKey } from '../trust/signing-keys';
import type { TopologyRepository, TopologyTrust } from '../trust/topology-file';
import type { Terminal } from '../terminal';

/** A key that a topology needs for one of its repositories. */
export interface Need {
  readonly gun: Gun;
  /** `root`, `targets`, `snapshot`, or a signer's name. */
  readonly role: string;
  /** Canonical IDs; `threshold` of them are enough. */
  readonly ids: readonly string[];
  readonly threshold: number;
  /** Where it is: in the trust store, or in the file that the topology names. Undefined: missing. */
  readonly at: 'store' | 'file' | undefined;
}

export interface Survey {
  readonly needs: readonly Need[];
  /** Trust data that was read. */
  readonly repositories: readonly { readonly gun: Gun; readonly data: TrustData }[];
  /** Repositories that have no trust data yet: they are made with a root key of the store. */
  readonly fresh: readonly Gun[];
  readonly unread: readonly { readonly gun: Gun; readonly error: Error }[];
  /** Public keys of the topology and its repositories. */
  readonly publicKeys: readonly PublicKey[];
}

export interface SurveyOptions {
  readonly topology: TopologyTrust;
  readonly registries: Registries;
  readonly keys: readonly KeyInfo[];
  readonly signingKeys: readonly SigningKey[];
  readonly terminal: Terminal;
}

/** Reads the trust data of a topology's repositories, and says which private keys changing them takes. */
export async function surveyTopology(options: SurveyOptions): Promise<Survey> {
  const { topology, registries, terminal } = options;
  const total = topology.repositories.length;
  let done = 0;
  const read = await eachOf(topology.repositories, 8, async (repository) => {
    try {
      const data = await registries.repository(repository.gun).read({ allowExpired: true });
      return { repository, data };
    } catch (error) {
      return { repository, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      terminal.progress(`reading trust data ${++done}/${total}`);
    }
  });
  terminal.progress('');
  const found = read.flatMap(({ repository, data }) => (data === undefined ? [] : [{ repository, data }]));
  return {
    needs: found.flatMap(({ repository, data }) => needsOf(repository, data, options)),
    repositories: found.map(({ data }) => ({ gun: data.gun, data })),
    fresh: read.flatMap((one) => (one.data === undefined && one.error === undefined ? [one.repository.gun] : [])),
    unread: read.flatMap(({ repository, error }) => (error === undefined ? [] : [{ gun: repository.gun, error }])),
    publicKeys: [
      ...topology.signers.flatMap((signer) => signer.publicKeys),
      ...found.flatMap(({ data }) => [...publicKeysOf(data)]),
    ],
  };
}

function needsOf({ gun, signing }: TopologyRepository, data: TrustData, options: SurveyOptions): Need[] {
  const inStore = new Set(options.keys.map(({ id }) => id));
  const inFiles = new Set(options.signingKeys.flatMap(({ key }) => key?.canonicalId ?? []));
  const need = (role: string, ids: readonly string[], threshold = 1): Need => {
    const has = (place: ReadonlySet<string>): boolean => ids.filter((id) => place.has(id)).length >= threshold;
    return { gun, role, ids, threshold, at: has(inStore) ? 'store' : has(inFiles) ? 'file' : undefined };
  };
  const base = (role: 'root' | 'targets' | 'snapshot'): Need => {
    const { keys, threshold } = roleKeys(data, role);
    return need(role, idsOf(keys), threshold);
  };
  return [
    base('root'),
    base('targets'),
    ...(data.snapshotManagedBy === 'client' ? [base('snapshot')] : []),
    ...signing.map(({ name, publicKeys }) => need(name, idsOf(data.signer(name)?.keys ?? publicKeys))),
  ];
}

function* publicKeysOf(data: TrustData): Generator<PublicKey> {
  for (const role of ['root', 'targets', 'snapshot'] as const) yield* roleKeys(data, role).keys;
  for (const delegation of data.trust.delegations.values()) yield* delegation.keys.values();
}

function idsOf(keys: readonly PublicKey[]): string[] {
  return [...new Set(keys.map(({ canonicalId }) => canonicalId))].sort();
}
