import { type ClusterFacts, parseImageReference } from '../../admission';
import { DctError } from '../../error';
import type { HttpOptions } from '../../http';
import type { Registration, TrustPolicy, TrustPolicyChange, UcpClient, UcpVersion } from '../../ucp';
import { caProblem } from './ca-problem';
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
  readonly #caProblems = new Map<string, Promise<string | undefined>>();

  constructor(
    readonly name: string,
    private readonly settings: ClusterSettings,
    private readonly http: HttpOptions,
    clock: () => Date,
  ) {
    this.#client = once(() => connectCluster(name, settings, http, clock()));
    this.#registries = this.registriesOnce();
    this.#trustPolicy = this.policyOnce();
    this.#facts = this.factsOnce();
  }

  /** Images that it refused before a change of this apply made it run them (see `refusedUntil`). */
  readonly refused = new Set<string>();

  /** Image references that it has to be able to run (design.md, rule 4). */
  get mustAdmit(): readonly string[] {
    return this.settings.mustAdmit;
  }

  /** Where its client bundle is, if it has one. */
  get bundlePath(): string | undefined {
    return this.settings.clientBundlePath;
  }

  /** Contacts nobody: throws what `connectCluster` does. */
  async open(): Promise<void> {
    await this.#client();
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

  /**
   * What the cluster decides admission from.
   * @param hosts registries of which it matters whether the cluster can read signatures there
   */
  async facts(when: When, hosts: readonly string[] = this.mustAdmit.map(hostOf)): Promise<ClusterFacts> {
    if (when === 'now') this.#facts = this.factsOnce();
    const facts = await this.#facts();
    const registries = (await this.registries()).filter(({ hostAddress }) => hosts.includes(hostAddress));
    const problems = await Promise.all(registries.map((registry) => this.caProblem(registry)));
    const unreadable = registries.filter((_, index) => problems[index] !== undefined);
    return { ...facts, unreadable: unreadable.map(({ hostAddress }) => hostAddress) };
  }

  /** Throws `wrong_ca` for a CA with which the cluster could not read signatures of the registry. */
  async checkCa(registration: Pick<Registration, 'hostAddress' | 'caBundle'>): Promise<void> {
    const problem = await this.caProblem(registration);
    if (problem === undefined) return;
    const { hostAddress } = registration;
    throw new DctError(
      'wrong_ca',
      `${this.name} could not read signatures of ${hostAddress} with this CA\n${problem}`,
      {
        cure: `give the CA that ${hostAddress} has its certificate from`,
        attribute: ['ca_bundle'],
      },
    );
  }

  /** Why the cluster cannot read signatures of a registry that it knows by this CA; undefined: it can. Asked once. */
  private caProblem({
    hostAddress,
    caBundle,
  }: Pick<Registration, 'hostAddress' | 'caBundle'>): Promise<string | undefined> {
    const key = `${hostAddress} ${caBundle}`;
    const answer = this.#caProblems.get(key) ?? this.askCaProblem(hostAddress, caBundle);
    this.#caProblems.set(key, answer);
    return answer;
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

  /** Without a CA the UCP goes by those of its system, which nobody knows here. */
  private async askCaProblem(hostAddress: string, caBundle: string): Promise<string | undefined> {
    return caBundle.trim() === '' ? undefined : caProblem(hostAddress, caBundle, this.http);
  }

  private async readFacts(): Promise<Omit<ClusterFacts, 'unreadable'>> {
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

function hostOf(image: string): string {
  return parseImageReference(image).host;
}
