import { DctError } from '../../error';
import type { Configuration } from '../configuration/configuration';
import { known } from '../configuration/unknown-configuration';

/** What the provider's `registry` says, with the environment for what it leaves out. */
export interface RegistrySettings {
  readonly hostAddress: string;
  /** PEM; undefined: the authorities that the system trusts, or the pin. */
  readonly caBundle: string | undefined;
  readonly caSha256: string | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  readonly clientBundlePath: string | undefined;
  readonly notaryUrl: string;
}

/** Throws `no_registry` when there is none, `unknown_configuration` while its address is not known. */
export function configuredRegistry(config: Configuration) {
  const registry = known(config.registry, 'registry');
  if (registry === null) {
    throw new DctError('no_registry', "The provider's configuration names no central registry", {
      cure: 'set registry = { host_address = "dtr.example.com", … } in the provider block',
    });
  }
  return { registry, hostAddress: known(registry.host_address, 'registry.host_address') };
}

/** Throws as `configuredRegistry`, and `half_credentials`. */
export function registrySettings(config: Configuration, env: NodeJS.ProcessEnv): RegistrySettings {
  const { registry, hostAddress } = configuredRegistry(config);
  const read = <T>(value: T, name: string) => known(value, `registry.${name}`) ?? undefined;
  const username = read(registry.username, 'username') ?? env['DCT_REGISTRY_USERNAME'];
  const password = read(registry.password, 'password') ?? env['DCT_REGISTRY_PASSWORD'];
  if ((username === undefined) !== (password === undefined)) {
    const [there, missing] = username === undefined ? ['password', 'username'] : ['username', 'password'];
    const variable = (setting: string): string => `DCT_REGISTRY_${setting.toUpperCase()}`;
    throw new DctError(
      'half_credentials',
      `The registry ${hostAddress} has a ${there} to log in with, but no ${missing}`,
      {
        cure:
          `set registry.${missing} or the environment variable ${variable(missing)}; to go without a login, leave out ` +
          `${there} (and ${variable(there)})`,
        attribute: ['registry', missing],
      },
    );
  }
  return {
    hostAddress,
    caBundle: read(registry.ca_bundle, 'ca_bundle'),
    caSha256: read(registry.ca_sha256, 'ca_sha256'),
    credentials: username === undefined || password === undefined ? undefined : { username, password },
    clientBundlePath: read(registry.client_bundle_path, 'client_bundle_path'),
    notaryUrl: read(registry.notary_url, 'notary_url') ?? `https://${hostAddress}`,
  };
}
