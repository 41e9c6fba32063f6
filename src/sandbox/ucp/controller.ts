import { randomBytes, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { Authority, type KeyPair } from '../authority';
import type { Clock } from '../clock';
import type { SandboxRequest } from '../route';
import type { StateDirectory } from '../state-directory';
import { type Account, Accounts, accountsSchema } from './accounts';
import { clientBundle, type ClientBundleFiles, publicKeyFile } from './client-bundle';
import { ConfigDocument, type Registration } from './config-document';
import { initialConfig } from './initial-config';
import type { RegistryCredentials } from './registry-requests';
import { Sessions } from './sessions';
import { type PolicyReadings, usualReadings } from './signing-policy';
import { Workloads, workloadsSchema } from './workloads';

export interface ControllerOptions {
  readonly name: string;
  readonly state: StateDirectory;
  readonly clock: Clock;
  /** The sandbox's own authority, which the server's certificate is from. */
  readonly serverCa: string;
  /** `3.2.8` */
  readonly version: string;
  /** What a cluster that is new starts with. */
  readonly registrations: readonly Registration[];
  readonly requireContentTrust: boolean;
  readonly readings: Partial<PolicyReadings>;
  /** By host address: what the cluster itself may read trust data with; else it comes as the workload's own login. */
  readonly readingAccounts: Readonly<Record<string, RegistryCredentials>>;
}

const identitySchema = v.object({
  instanceId: v.string(),
  clientCa: v.object({ certificate: v.string(), privateKey: v.string() }),
  /** Where the endpoint was last, so that a restart finds the same address. */
  port: v.optional(v.number()),
});

/** One UCP as its API sees it: who it is, its accounts, its configuration and what runs on it. Kept below its folder. */
export class Controller {
  readonly sessions: Sessions;
  /** How this cluster reads what the documents leave open; may be changed while it runs. */
  readings: PolicyReadings;
  /** `localhost:<port>`, once the endpoint is up. */
  host = '';

  private constructor(
    readonly options: ControllerOptions,
    readonly identity: v.InferOutput<typeof identitySchema>,
    readonly clientAuthority: Authority,
    readonly accounts: Accounts,
    readonly workloads: Workloads,
    private document: ConfigDocument,
    /** Whether this cluster was not there before. */
    readonly isNew: boolean,
  ) {
    this.sessions = new Sessions(options.clock, () => this.config.sessionLimits);
    const upTo30 = /^3\.0\.|^[12]\./.test(options.version);
    this.readings = {
      ...usualReadings,
      teamsOf: upTo30 ? 'docker-datacenter' : usualReadings.teamsOf,
      ...options.readings,
    };
  }

  static async load(options: ControllerOptions): Promise<Controller> {
    const { state } = options;
    const kept = await state.readJson('identity.json');
    const identity = kept === undefined ? await newIdentity() : v.parse(identitySchema, kept);
    const accounts = v.parse(v.optional(accountsSchema), await state.readJson('accounts.json'));
    const workloads = v.parse(v.optional(workloadsSchema), await state.readJson('workloads.json'));
    const text = (await state.read('ucp-config.toml'))?.toString('utf8') ?? newConfig(options);
    const controller = new Controller(
      options,
      identity,
      await Authority.load(identity.clientCa),
      new Accounts(accounts),
      new Workloads(options.clock, workloads),
      ConfigDocument.parse(text),
      kept === undefined,
    );
    await controller.save();
    return controller;
  }

  get config(): ConfigDocument {
    return this.document;
  }

  async setConfig(document: ConfigDocument): Promise<void> {
    this.document = document;
    await this.options.state.write('ucp-config.toml', document.text);
  }

  /** Keeps everything but the configuration, which is kept when it is set. */
  async save(): Promise<void> {
    const { state } = this.options;
    await state.writeJson('identity.json', this.identity);
    await state.writeJson('accounts.json', this.accounts.state);
    await state.writeJson('workloads.json', this.workloads.state);
    await state.write('ucp-config.toml', this.document.text);
  }

  /** The active account a request is from: by its session, else by its client certificate. */
  accountOf(request: SandboxRequest): Account | undefined {
    const account = this.bySession(request) ?? this.byCertificate(request);
    if (account === undefined || !account.isActive) return undefined;
    request.user = account.name;
    return account;
  }

  /** A new client bundle of a user. Makes a new key pair, and a new public key on the account, every time. */
  async issueBundle(account: Account, label = 'Generated on request'): Promise<ClientBundleFiles> {
    const keyPair = await this.clientAuthority.issueClient(account.name, this.identity.instanceId);
    this.accounts.addPublicKey(account, publicKeyFile(keyPair), label, [{ label, cert: keyPair.certificate }]);
    await this.save();
    return this.bundleWith(account, keyPair);
  }

  /** The bundle of a user with a key pair that is there already. */
  bundleWith(account: Account, keyPair: KeyPair): ClientBundleFiles {
    const ca = `${this.options.serverCa.trimEnd()}\n${this.clientAuthority.certificate}`;
    return clientBundle({ host: this.host, user: account.name, keyPair, ca });
  }

  private bySession(request: SandboxRequest): Account | undefined {
    const token = bearerToken(request);
    const id = token === undefined ? undefined : this.sessions.use(token);
    return id === undefined ? undefined : this.accounts.find(id);
  }

  /** The certificate says who it is; it counts as long as its key is on the account. */
  private byCertificate({ clientCertificate }: SandboxRequest): Account | undefined {
    if (clientCertificate === undefined) return undefined;
    const account = this.accounts.find(clientCertificate.commonName);
    if (account === undefined) return undefined;
    return account.publicKeys.some(({ id }) => id === clientCertificate.publicKeyId) ? account : undefined;
  }
}

export function bearerToken(request: SandboxRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
}

async function newIdentity(): Promise<v.InferOutput<typeof identitySchema>> {
  const { certificate, privateKey } = await Authority.create('swarm-ca');
  // A UCP's instance ID is the swarm's cluster ID: 25 characters of base 36.
  const instanceId = BigInt(`0x${randomBytes(20).toString('hex')}`)
    .toString(36)
    .padStart(25, '0')
    .slice(-25);
  return { instanceId, clientCa: { certificate, privateKey } };
}

function newConfig(options: ControllerOptions): string {
  return initialConfig({
    registrations: options.registrations,
    requireContentTrust: options.requireContentTrust,
    // `allow_repos` is MKE's: in no UCP document up to 3.2.
    allowRepositories: !/^(?:[12]\.|3\.[012]\.)/.test(options.version),
    scimToken: randomUUID(),
    backupPassphrase: randomBytes(12).toString('hex'),
  });
}
