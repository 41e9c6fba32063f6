import type { Authority, KeyPair } from '../authority';
import { type Clock, systemClock } from '../clock';
import { Endpoint } from '../endpoint';
import type { StateDirectory } from '../state-directory';
import { accountRoutes } from './account-routes';
import type { Account, Accounts } from './accounts';
import { bundleRoutes } from './bundle-routes';
import type { ClientBundleFiles } from './client-bundle';
import { ConfigDocument, type Registration } from './config-document';
import { configRoutes } from './config-routes';
import { containerRoutes } from './container-routes';
import { Controller } from './controller';
import { engineRoutes } from './engine-routes';
import { imageRoutes } from './image-routes';
import { publicKeyRoutes } from './public-key-routes';
import type { RegistryCredentials } from './registry-requests';
import { engineError } from './replies';
import { registryLoginRoutes } from './registry-login-routes';
import { serviceRoutes } from './service-routes';
import { sessionRoutes } from './session-routes';
import type { PolicyReadings } from './signing-policy';
import { teamRoutes } from './team-routes';
import { systemCode } from '../../error';

export interface UcpClusterOptions {
  readonly name: string;
  /** The folder the cluster is kept in. A cluster that was kept there comes back as it was. */
  readonly state: StateDirectory;
  /** Signs the server's certificate. */
  readonly authority: Authority;
  readonly clock?: Clock;
  /** @default where it was last, or a free port */
  readonly port?: number;
  /** @default '3.2.8' */
  readonly version?: string;
  /** What a new cluster knows of registries. @default none */
  readonly registrations?: readonly Registration[];
  /** Whether a new cluster runs only signed images. @default false */
  readonly requireContentTrust?: boolean;
  /** Where the documents leave it open. @default `usualReadings`, teams of `docker-datacenter` only up to UCP 3.0 */
  readonly readings?: Partial<PolicyReadings>;
  /**
   * By host address of a registry: what the cluster reads trust data with. A registration lets a UCP read signature data;
   * how it does so is not documented. @default the login that comes with a workload, else none
   */
  readonly readingAccounts?: Readonly<Record<string, RegistryCredentials>>;
}

/** One UCP of the sandbox: an HTTPS endpoint with its own accounts, client authority, configuration and admission. */
export class UcpCluster {
  private constructor(
    private readonly controller: Controller,
    readonly endpoint: Endpoint,
  ) {}

  static async start(options: UcpClusterOptions): Promise<UcpCluster> {
    const clock = options.clock ?? systemClock;
    const controller = await Controller.load({
      name: options.name,
      state: options.state,
      clock,
      serverCa: options.authority.certificate,
      version: options.version ?? '3.2.8',
      registrations: options.registrations ?? [],
      requireContentTrust: options.requireContentTrust ?? false,
      readings: options.readings ?? {},
      readingAccounts: options.readingAccounts ?? {},
    });
    const start = async (port: number): Promise<Endpoint> =>
      Endpoint.start({
        tls: await options.authority.issueServer(),
        clientCa: controller.clientAuthority.certificate,
        port,
        routes: routesOf(controller),
        notFound: () => engineError(404, 'page not found'),
        clock,
      });
    const endpoint = await start(options.port ?? controller.identity.port ?? 0).catch((error: unknown) => {
      if (options.port !== undefined || systemCode(error) !== 'EADDRINUSE') throw error;
      return start(0);
    });
    controller.host = endpoint.host;
    controller.identity.port = endpoint.port;
    await controller.save();
    return new UcpCluster(controller, endpoint);
  }

  get name(): string {
    return this.controller.options.name;
  }

  get instanceId(): string {
    return this.controller.identity.instanceId;
  }

  /** Whether the cluster was made by this start, not found in its folder. */
  get isNew(): boolean {
    return this.controller.isNew;
  }

  get accounts(): Accounts {
    return this.controller.accounts;
  }

  /** How this cluster reads what the documents leave open; may be set while it runs. */
  get readings(): PolicyReadings {
    return this.controller.readings;
  }

  set readings(readings: PolicyReadings) {
    this.controller.readings = readings;
  }

  /** The text of ucp-config.toml. */
  get config(): string {
    return this.controller.config.text;
  }

  /** Replaces ucp-config.toml as a PUT would. @throws Error for text that is not a valid configuration */
  async setConfig(text: string): Promise<void> {
    await this.controller.setConfig(ConfigDocument.parse(text));
  }

  /** Keeps what was changed through `accounts`. */
  async save(): Promise<void> {
    await this.controller.save();
  }

  /** A new client bundle of a user, with a new key pair. @throws Error when there is no such user */
  async issueBundle(user: string, label?: string): Promise<ClientBundleFiles> {
    return this.controller.issueBundle(this.user(user), label);
  }

  /** A user's bundle with a key pair issued before. @throws Error when there is no such user */
  bundleWith(user: string, keyPair: KeyPair): ClientBundleFiles {
    return this.controller.bundleWith(this.user(user), keyPair);
  }

  async close(): Promise<void> {
    await this.endpoint.close();
  }

  private user(name: string): Account {
    const account = this.accounts.find(name);
    if (account === undefined) throw new Error(`${this.name} has no user ${name}`);
    return account;
  }
}

function routesOf(controller: Controller): ReturnType<typeof configRoutes> {
  return [
    ...sessionRoutes(controller),
    ...configRoutes(controller),
    ...bundleRoutes(controller),
    ...engineRoutes(controller),
    ...serviceRoutes(controller),
    ...containerRoutes(controller),
    ...imageRoutes(controller),
    ...registryLoginRoutes(controller),
    ...publicKeyRoutes(controller),
    ...teamRoutes(controller),
    ...accountRoutes(controller),
  ];
}
