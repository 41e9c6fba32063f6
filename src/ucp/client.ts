import { X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { type Account, type AccountFilter, type AccountPublicKey, Accounts, type Member, type Team } from './accounts';
import { instanceIdOf } from './client-bundle';
import type { Registration, TrustPolicy } from './config';
import { ConfigDocument, type ConfigDocumentOptions } from './config-document';
import { type TrustPolicyChange, hasTrustPolicy, setTrustPolicy } from './config-text';
import { UcpConnection, type UcpConnectionOptions } from './connection';
import { Registrations } from './registrations';
import { type UcpVersion, readVersion } from './version';

export interface UcpClientOptions extends UcpConnectionOptions, Pick<ConfigDocumentOptions, 'settleSeconds' | 'log'> {}

/** One UCP (MKE): its registrations, its signing policy, its users. */
export class UcpClient {
  private readonly connection: UcpConnection;
  private readonly config: ConfigDocument;
  private readonly registrations: Registrations;
  private readonly eNZi: Accounts;

  /** @throws DctError `ucp_no_identity`; HttpError `invalid` for an endpoint, CA, certificate or key that cannot be used */
  constructor(private readonly options: UcpClientOptions) {
    this.connection = new UcpConnection(options);
    const { settleSeconds, log, http } = options;
    this.config = new ConfigDocument(this.connection, { settleSeconds, log, sleep: http?.sleep });
    this.registrations = new Registrations(this.connection, this.config, http?.sleep);
    this.eNZi = new Accounts(this.connection);
  }

  get name(): string {
    return this.options.name;
  }

  get endpoint(): string {
    return this.options.endpoint;
  }

  /** Undefined when the server is no UCP. */
  version(signal?: AbortSignal): Promise<UcpVersion | undefined> {
    return readVersion(this.connection, signal);
  }

  /**
   * ID of this UCP. From the client certificate, where its CA writes it (seen in real bundles); without one from `GET /info`,
   * whose `ID` is taken to be the same (not documented).
   */
  async instanceId(signal?: AbortSignal): Promise<string | undefined> {
    const certificate = this.options.clientCertificate?.certificate;
    const own = certificate === undefined ? undefined : instanceIdOf(new X509Certificate(certificate));
    if (own !== undefined) return own;
    const info = await this.connection.read(
      '/info',
      v.object({ ID: v.nullish(v.string()) }),
      'reading the server information',
      undefined,
      signal,
    );
    return info.ID ?? undefined;
  }

  registries(signal?: AbortSignal): Promise<readonly Registration[]> {
    return this.registrations.list(signal);
  }

  /** Registers a DTR or gives its registration this CA; resolves to the registration as UCP lists it. */
  register(registration: { hostAddress: string; caBundle: string }, signal?: AbortSignal): Promise<Registration> {
    return this.registrations.register(registration.hostAddress, registration.caBundle, signal);
  }

  /** Removes a registration; there being none is fine. @throws DctError `ucp_registration_has_service_id` */
  unregister(hostAddress: string, signal?: AbortSignal): Promise<void> {
    return this.registrations.unregister(hostAddress, signal);
  }

  async trustPolicy(signal?: AbortSignal): Promise<TrustPolicy> {
    return (await this.config.read(signal)).policy;
  }

  /** Changes what is given of the policy and nothing else; resolves once UCP shows it. */
  setTrustPolicy(change: TrustPolicyChange, signal?: AbortSignal): Promise<void> {
    return this.config.edit({
      what: 'changing the signing policy',
      apply: (text) => setTrustPolicy(text, change),
      isVisible: ({ policy }) => hasTrustPolicy(policy, change),
      signal,
    });
  }

  accounts(filter: AccountFilter = 'all', signal?: AbortSignal): Promise<Account[]> {
    return this.eNZi.list(filter, signal);
  }

  account(nameOrId: string, signal?: AbortSignal): Promise<Account | undefined> {
    return this.eNZi.account(nameOrId, signal);
  }

  /** Undefined when there is no such organization; as below for team and user. */
  teams(organization: string, signal?: AbortSignal): Promise<Team[] | undefined> {
    return this.eNZi.teams(organization, signal);
  }

  team(organization: string, team: string, signal?: AbortSignal): Promise<Team | undefined> {
    return this.eNZi.team(organization, team, signal);
  }

  teamMembers(organization: string, team: string, signal?: AbortSignal): Promise<Member[] | undefined> {
    return this.eNZi.members(organization, team, signal);
  }

  publicKeys(user: string, signal?: AbortSignal): Promise<AccountPublicKey[] | undefined> {
    return this.eNZi.publicKeys(user, signal);
  }

  /** Logs out, so that no session is left behind, and closes the connections. */
  close(): Promise<void> {
    return this.connection.close();
  }
}
