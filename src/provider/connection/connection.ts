import { setTimeout as sleep } from 'node:timers/promises';
import { parseImageReference, type RepositoryTrust } from '../../admission';
import { fetchRegistryCa } from '../../dtr';
import { DctError } from '../../error';
import type { HttpOptions } from '../../http';
import {
  type BaseRole,
  type DraftNote,
  keyNotAtHand,
  normaliseRepository,
  TrustRepository,
  type Gun,
  type TrustData,
} from '../../notary';
import { UNKNOWN, type Log, type Unknown } from '../../plugin';
import type { Configuration } from '../configuration/configuration';
import { checkClusterNames } from '../configuration/environment';
import { known, type Setting, unlessUnknown } from '../configuration/unknown-configuration';
import { Activity } from './activity';
import { Cluster } from './cluster';
import { clusterSettings, unknownCluster } from './cluster-settings';
import { connectRegistry, openRegistryBundle, type Registry } from './connect-registry';
import { Foreseen } from './foreseen';
import { LOOK, type Seen } from './glance';
import { httpOptions } from './http-options';
import { Images } from './images';
import { type ConfiguredKeys, keysFrom } from './keys';
import { once, type Once } from './once';
import { pinsFor } from './pins';
import { Preflight } from './preflight';
import { configuredRegistry, registrySettings, type RegistrySettings } from './registry-settings';
import type { Pace } from './pace';
import { Rehearsals } from './rehearsals';
import { Turn } from './turn';
import type { Operation } from './planned-trust';
import { Repository } from './repository';

/**
 * What one provider block connects to. Nothing is contacted, read from disk or required before a handler needs it; every
 * server is logged in to once, and every document read once, for all resources that one Terraform command handles.
 */
export class Connection {
  readonly #clusters = new Map<string, Cluster>();
  readonly #repositories = new Map<Gun, Repository>();
  readonly #http: HttpOptions;
  readonly #registry: Once<Registry>;
  readonly #activity: Activity;
  readonly #turn = new Turn();
  readonly preflight: Preflight;
  readonly rehearsals: Rehearsals;
  readonly foreseen = new Foreseen();
  readonly images = new Images(async () => (await this.#registry()).client);
  #keys: ConfiguredKeys | undefined;

  constructor(
    private readonly config: Configuration,
    private readonly env: NodeJS.ProcessEnv,
    log: Log,
    private readonly pace: Pace = {},
  ) {
    this.#activity = new Activity(pace.patience);
    if (config.clusters !== null && config.clusters !== UNKNOWN) checkClusterNames(Object.keys(config.clusters));
    this.#http = { ...httpOptions(config, log), sleep: pace.sleep, connections: pace.connections };
    this.#registry = once(() => connectRegistry(this.settings(), this.#http, this.now()));
    this.preflight = new Preflight({
      config,
      cluster: (name) => this.cluster(name),
      openRegistryBundle: (path) => openRegistryBundle(path, this.now()),
      keys: () => this.keys(),
    });
    this.rehearsals = new Rehearsals({
      guarded: () => this.guarded(),
      signatures: (gun) => this.signatures(gun),
      trustNow: async (gun) => (this.isOurs(gun) ? this.repository(gun).trustNow() : 'not_read'),
      usable: (keyIds) => this.usable(keyIds),
      atAGlance: (look) => this.atAGlance(look),
      activity: this.#activity,
      turn: this.#turn,
    });
  }

  /** Counts a call of Terraform as under way. */
  during<T>(call: () => T | Promise<T>): Promise<T> {
    return this.#activity.during(call);
  }

  /** The time as this provider has it. */
  now(): Date {
    return this.pace.clock?.() ?? new Date();
  }

  /** The registry's host address, as a default at plan. */
  get hostAddress(): Setting<string> {
    const { registry } = this.config;
    return registry === null || registry === UNKNOWN ? registry : registry.host_address;
  }

  /** The registry's CA, as a default at plan: unknown where it is yet to be fetched. */
  get caBundle(): Setting<string> {
    const { registry } = this.config;
    if (registry === null || registry === UNKNOWN) return registry;
    return registry.ca_bundle === null && registry.ca_sha256 !== null ? UNKNOWN : registry.ca_bundle;
  }

  requireHostAddress(): string {
    return configuredRegistry(this.config).hostAddress;
  }

  async requireCaBundle(): Promise<string> {
    const { caBundle } = await this.#registry();
    if (caBundle !== undefined) return caBundle;
    throw new DctError('no_ca_bundle', `A UCP needs the CA of ${this.requireHostAddress()} to register it`, {
      cure: 'set ca_bundle here, or ca_bundle or ca_sha256 in the provider’s registry',
      attribute: ['ca_bundle'],
    });
  }

  /** The CA certificate that a DTR gives, PEM, once it is known to be the DTR's: see `fetchRegistryCa`. */
  registryCa(hostAddress: string, sha256: string | undefined, signal: AbortSignal): Promise<string> {
    return fetchRegistryCa(hostAddress, { sha256, signal, http: this.#http });
  }

  gun(nameOrGun: string): Gun {
    return normaliseRepository(nameOrGun, this.requireHostAddress());
  }

  /**
   * The repository of a resource at plan. A name and the GUN it stands for are the same: what the state has is kept. While
   * the registry is not known, so is the GUN; a resource that exists keeps its own.
   */
  planRepository(
    configured: string | Unknown,
    prior: { readonly gun: Gun; readonly repository: string } | undefined,
  ): { gun: Gun | Unknown; repository: string | Unknown } {
    if (configured === UNKNOWN) return { gun: UNKNOWN, repository: UNKNOWN };
    if (this.hostAddress === UNKNOWN) {
      const kept = prior?.repository === configured || prior?.gun === configured;
      return { gun: kept ? prior.gun : UNKNOWN, repository: configured };
    }
    const gun = this.gun(configured);
    return { gun, repository: prior?.gun === gun ? prior.repository : configured };
  }

  /** A UCP of `clusters`. Throws `unknown_cluster`, naming those there are. */
  cluster(name: string): Cluster {
    const cluster = this.#clusters.get(name) ?? this.connect(name);
    this.#clusters.set(name, cluster);
    return cluster;
  }

  /** For a plan: throws `unknown_cluster` when the configuration is known and has none of that name. */
  checkCluster(name: string | Unknown): void {
    const { clusters } = this.config;
    if (name === UNKNOWN || clusters === UNKNOWN || clusters?.[name] !== undefined) return;
    throw unknownCluster(name, Object.keys(clusters ?? {}));
  }

  repository(gun: Gun): Repository {
    const repository = this.#repositories.get(gun) ?? this.open(gun);
    this.#repositories.set(gun, repository);
    return repository;
  }

  /** Tries an operation at plan. While the configuration is not known that is left to the apply. */
  planTrust(gun: Gun, operation: Operation): Promise<readonly DraftNote[]> {
    return unlessUnknown(
      () => this.repository(gun).plan(operation),
      () => [],
    );
  }

  /** What an operation for something new would do, as far as that can be told soon: see `Glance`. */
  glance(gun: Gun, operation: Operation, signal: AbortSignal, isAll = true): Promise<Seen> {
    return unlessUnknown(
      () => this.repository(gun).glance(operation, signal, isAll),
      () => ({ notes: [] }),
    );
  }

  /** At plan: `key_not_at_hand` where none of these keys, by canonical ID, is, nor may be by the apply as far as that is known. */
  noneAtHand(gun: Gun, role: string, keyIds: readonly string[], why: string): Promise<DctError | undefined> {
    return unlessUnknown(
      async () => {
        const { atHand, isPartlyUnknown } = this.keys();
        if (isPartlyUnknown || keyIds.length === 0 || (await this.usable(keyIds)).size > 0) return undefined;
        return keyNotAtHand(atHand, gun, role, keyIds, why);
      },
      () => undefined,
    );
  }

  /** Tries a rotation at plan, as `planTrust` does an operation. */
  planRotation(gun: Gun, rootKeyIds: readonly string[], roles: readonly BaseRole[]): Promise<readonly DraftNote[]> {
    return unlessUnknown(
      () => this.repository(gun).planRotation(rootKeyIds, roles),
      () => [],
    );
  }

  /** At plan, for what need not be there yet: undefined when that cannot be read, or not soon. */
  async atAGlance<T>(look: () => Promise<T>): Promise<T | undefined> {
    const timeout = new AbortController();
    const late = sleep(LOOK, undefined, { signal: timeout.signal }).catch(() => undefined);
    try {
      return await Promise.race([
        Promise.resolve()
          .then(look)
          .catch(() => undefined),
        late,
      ]);
    } finally {
      timeout.abort();
    }
  }

  /** Whether its root and targets keys can be used here: then it was made here. */
  async canChange(data: TrustData): Promise<boolean> {
    const { atHand } = this.keys();
    const found = await Promise.all([...data.rootKeyIds, data.targetsKeyId].map((id) => atHand.find(id)));
    return found.every((key) => key !== undefined);
  }

  /** Every valid signature by tag, as it is now. Of another registry's repositories than the provider's nothing is read. */
  async signatures(gun: Gun): Promise<RepositoryTrust> {
    return this.isOurs(gun) ? this.repository(gun).signatures() : 'not_read';
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#clusters.values()].map((cluster) => cluster.close()));
    await this.#registry.made?.then(({ client }) => client.close());
  }

  private settings(): RegistrySettings {
    return registrySettings(this.config, this.env);
  }

  private keys(): ConfiguredKeys {
    this.#keys ??= keysFrom(this.config, this.env);
    return this.#keys;
  }

  private connect(name: string): Cluster {
    const clusters = known(this.config.clusters, 'clusters') ?? {};
    const settings = clusters[name];
    if (settings === undefined) throw unknownCluster(name, Object.keys(clusters));
    return new Cluster(name, clusterSettings(name, settings, this.env), this.#http, () => this.now());
  }

  private open(gun: Gun): Repository {
    const keys = this.keys();
    const trust = new TrustRepository(gun, {
      http: {
        host: this.requireHostAddress(),
        request: async (request) => (await this.#registry()).notary.request(request),
      },
      authorizer: { authorize: async (request) => (await this.#registry()).client.authorize(request) },
      keys: keys.atHand,
      pins: (of) => pinsFor(this.config, of),
      clock: () => this.now(),
      sleep: this.pace.sleep,
    });
    return new Repository(trust, {
      keys,
      rehearse: (after, warn, hold) => this.rehearsals.ofTrust(gun, after, warn, hold),
      turn: this.#turn,
      clock: () => this.now(),
      activity: this.#activity,
    });
  }

  private isOurs(gun: Gun): boolean {
    return parseImageReference(gun).host === this.hostAddress;
  }

  private async usable(keyIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { atHand } = this.keys();
    const found = await Promise.all(keyIds.map((id) => atHand.find(id).catch(() => undefined)));
    return new Set(found.flatMap((key) => key?.canonicalId ?? []));
  }

  /** Clusters with images they have to be able to run, and those of which that is not known yet. */
  private guarded(): { known: Cluster[]; unknown: string[] } {
    const found: { known: Cluster[]; unknown: string[] } = { known: [], unknown: [] };
    for (const [name, settings] of Object.entries(known(this.config.clusters, 'clusters') ?? {})) {
      if (settings !== UNKNOWN && settings.must_admit !== UNKNOWN && !settings.must_admit?.length) continue;
      try {
        if (this.cluster(name).mustAdmit.length > 0) found.known.push(this.cluster(name));
      } catch (error) {
        if (!(error instanceof DctError) || error.code !== 'unknown_configuration') throw error;
        found.unknown.push(name);
      }
    }
    return found;
  }
}
