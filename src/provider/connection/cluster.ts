import type { ClusterFacts } from '../../admission';
import { DctError } from '../../error';
import type { HttpOptions } from '../../http';
import type { Registration, TrustPolicy, TrustPolicyChange, UcpClient, UcpVersion } from '../../ucp';
import { connectCluster, type ClusterSettings } from './cluster-settings';
import { teamOf, type TeamMembers, usersOf } from './cluster-users';
import { once } from './once';

/** `cached`: one request for all resources of a plan. `now`: asked again, for what a write decides on. */
export type When = 'cached' | 'now';

/** One UCP as the handlers see it: logged in to when first needed; whatever was read is forgotten with every write. */
export class Cluster {
  readonly #client;
  #registries;
  #trustPolicy;
  #facts;

  constructor(
    readonly name: string,
    private readonly settings: ClusterSettings,
    http: HttpOptions,
  ) {
    this.#client = once(() => connectCluster(name, settings, http));
    this.#registries = this.registriesOnce();
    this.#trustPolicy = this.policyOnce();
    this.#facts = this.factsOnce();
  }

  /** Image references that it has to be able to run (design.md, rule 4). */
  get mustAdmit(): readonly string[] {
    return this.settings.mustAdmit;
  }

  async endpoint(): Promise<string> {
    return (await this.#client()).endpoint;
  }

  /** Throws `not_a_ucp` for a server that says it is something else. */
  async version(): Promise<UcpVersion> {
    const client = await this.#client();
    const version = await client.version();
    if (version !== undefined) return version;
    throw new DctError('not_a_ucp', `The server at ${client.endpoint} (cluster ${this.name}) is no UCP or MKE`, {
      cure: `correct clusters.${this.name}.endpoint: it has to be the address of a manager or its load balancer`,
    });
  }

  async instanceId(): Promise<string | undefined> {
    return (await this.#client()).instanceId();
  }

  registries(when: When = 'cached'): Promise<readonly Registration[]> {
    if (when === 'now') this.#registries = this.registriesOnce();
    return this.#registries();
  }

  trustPolicy(when: When = 'cached'): Promise<TrustPolicy> {
    if (when === 'now') this.#trustPolicy = this.policyOnce();
    return this.#trustPolicy();
  }

  register(registration: Pick<Registration, 'hostAddress' | 'caBundle'>, signal: AbortSignal): Promise<Registration> {
    return this.write((client) => client.register(registration, signal));
  }

  unregister(hostAddress: string, signal: AbortSignal): Promise<void> {
    return this.write((client) => client.unregister(hostAddress, signal));
  }

  /** The policy as the cluster has it afterwards. */
  async setTrustPolicy(change: TrustPolicyChange, signal: AbortSignal): Promise<TrustPolicy> {
    await this.write((client) => client.setTrustPolicy(change, signal));
    return this.trustPolicy();
  }

  /** What the cluster decides admission from. */
  facts(when: When): Promise<ClusterFacts> {
    if (when === 'now') this.#facts = this.factsOnce();
    return this.#facts();
  }

  /** Throws `no_such_team`. */
  async team(organization: string, name: string, signal: AbortSignal): Promise<TeamMembers> {
    return teamOf(await this.#client(), organization, name, signal);
  }

  async close(): Promise<void> {
    await this.#client.made?.then((client) => client.close());
  }

  private factsOnce() {
    return once(() => this.readFacts());
  }

  private async readFacts(): Promise<ClusterFacts> {
    const client = await this.#client();
    const [registries, policy, version, users] = await Promise.all([
      this.registries('now'),
      this.trustPolicy('now'),
      client.version(),
      usersOf(client),
    ]);
    return {
      name: this.name,
      version: version?.version,
      registries: registries.map((registration) => registration.hostAddress),
      policy: { ...policy, allowRepositories: policy.allowRepositories ?? [] },
      users,
    };
  }

  private registriesOnce() {
    return once(async () => (await this.#client()).registries());
  }

  private policyOnce() {
    return once(async () => (await this.#client()).trustPolicy());
  }

  private async write<T>(send: (client: UcpClient) => Promise<T>): Promise<T> {
    try {
      return await send(await this.#client());
    } finally {
      this.#registries = this.registriesOnce();
      this.#trustPolicy = this.policyOnce();
      this.#facts = this.factsOnce();
    }
  }
}
