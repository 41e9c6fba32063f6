import { fetchRegistryCa, RegistryClient } from '../../dtr';
import { DctError } from '../../error';
import type { HttpClient } from '../../http';
import { type Gun, type KeysAtHand, splitGun, TrustRepository } from '../../notary';
import { readClientBundle } from '../../ucp';
import type { Terminal } from '../terminal';

/** How to get at a registry; the password, and a user that is not named here, are in the environment. */
export interface RegistrySettings {
  readonly hostAddress: string;
  /** PEM. */
  readonly caBundle?: string | undefined;
  readonly caSha256?: string | undefined;
  readonly username?: string | undefined;
  readonly clientBundlePath?: string | undefined;
  readonly notaryUrl?: string | undefined;
}

interface Registry {
  readonly client: RegistryClient;
  readonly notary: HttpClient;
}

export interface RegistriesOptions {
  /** Of a host address. */
  readonly settings: (hostAddress: string) => RegistrySettings;
  readonly keys: KeysAtHand;
  readonly pins?: ((gun: Gun) => readonly string[] | undefined) | undefined;
  readonly terminal: Terminal;
}

/** Repositories of registries, each of which is connected to when a repository of it is first asked for something. */
export class Registries {
  private readonly connected = new Map<string, Promise<Registry>>();

  constructor(private readonly options: RegistriesOptions) {}

  repository(gun: Gun): TrustRepository {
    const { hostAddress } = splitGun(gun);
    const { keys, pins } = this.options;
    return new TrustRepository(gun, {
      http: {
        host: hostAddress,
        request: async (request) => (await this.registry(hostAddress)).notary.request(request),
      },
      authorizer: { authorize: async (request) => (await this.registry(hostAddress)).client.authorize(request) },
      keys,
      pins,
    });
  }

  async close(): Promise<void> {
    const all = await Promise.allSettled(this.connected.values());
    const open = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await Promise.all(open.map(({ client }) => client.close()));
  }

  private registry(hostAddress: string): Promise<Registry> {
    const known = this.connected.get(hostAddress) ?? this.connect(hostAddress);
    this.connected.set(hostAddress, known);
    return known;
  }

  private async connect(hostAddress: string): Promise<Registry> {
    const settings = this.options.settings(hostAddress);
    const { caSha256, clientBundlePath, notaryUrl } = settings;
    const caBundle =
      settings.caBundle ??
      (caSha256 === undefined ? undefined : await fetchRegistryCa(hostAddress, { sha256: caSha256 }));
    const clientCertificate = clientBundlePath === undefined ? undefined : await readClientBundle(clientBundlePath);
    const credentials = await this.login(settings, clientCertificate !== undefined);
    const client = new RegistryClient({ hostAddress, caBundle, clientCertificate, credentials });
    return { client, notary: client.clientOf(notaryUrl ?? `https://${hostAddress}`) };
  }

  private async login(
    settings: RegistrySettings,
    hasCertificate: boolean,
  ): Promise<{ username: string; password: string } | undefined> {
    const { terminal } = this.options;
    const { hostAddress } = settings;
    const username = settings.username ?? (terminal.environment['DCT_REGISTRY_USERNAME'] || undefined);
    let password = terminal.environment['DCT_REGISTRY_PASSWORD'] || undefined;
    if (username !== undefined && password === undefined) {
      if (hasCertificate) return undefined;
      terminal.progress('');
      password = await terminal.askSecret(`Password of ${username} at ${hostAddress}: `);
    }
    if (username === undefined && password === undefined) return undefined;
    if (username !== undefined && password !== undefined && password !== '') return { username, password };
    const missing = username === undefined ? 'USERNAME' : 'PASSWORD';
    throw new DctError(
      'half_credentials',
      `the registry ${hostAddress} has a login without its ${missing.toLowerCase()}`,
      {
        cure: `set DCT_REGISTRY_${missing}`,
      },
    );
  }
}
