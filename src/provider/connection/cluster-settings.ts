import { DctError } from '../../error';
import type { HttpOptions } from '../../http';
import { UNKNOWN, type Unknown } from '../../plugin';
import { readClientBundle, UcpClient } from '../../ucp';
import { fileOf } from '../errors/at-attribute';
import type { Configuration } from '../configuration/configuration';
import { clusterVariable } from '../configuration/environment';
import { known } from '../configuration/unknown-configuration';

type Configured = Exclude<Configuration['clusters'], Unknown | null>[string];

/** What the provider's `clusters` says of one UCP, with the environment for what it leaves out. */
export interface ClusterSettings {
  readonly endpoint: string | undefined;
  readonly caBundle: string | undefined;
  readonly clientBundlePath: string | undefined;
  readonly clientCertificate: { readonly certificate: string; readonly privateKey: string } | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  readonly mustAdmit: readonly string[];
}

/** Throws `unknown_configuration` while something of it is not known. */
export function clusterSettings(name: string, configured: Configured, env: NodeJS.ProcessEnv): ClusterSettings {
  const label = `clusters.${name}`;
  const settings = known(configured, label);
  const read = (
    attribute:
      'endpoint' | 'ca_bundle' | 'client_bundle_path' | 'certificate' | 'private_key' | 'username' | 'password',
  ) => known(settings[attribute], `${label}.${attribute}`) ?? undefined;
  return {
    endpoint: read('endpoint'),
    caBundle: read('ca_bundle'),
    clientBundlePath: read('client_bundle_path'),
    clientCertificate: pair(
      name,
      ['certificate', read('certificate')],
      ['private_key', read('private_key')],
      (certificate, privateKey) => ({
        certificate,
        privateKey,
      }),
    ),
    credentials: pair(
      name,
      ['username', read('username') ?? env[`${clusterVariable(name)}_USERNAME`]],
      ['password', read('password') ?? env[`${clusterVariable(name)}_PASSWORD`]],
      (username, password) => ({ username, password }),
    ),
    mustAdmit: (known(settings.must_admit, `${label}.must_admit`) ?? []).filter((image) => image !== UNKNOWN),
  };
}

/** Opens the bundle, if there is one, which has to be valid `now`, and makes the client. Contacts nobody. */
export async function connectCluster(
  name: string,
  settings: ClusterSettings,
  http: HttpOptions,
  now: Date,
): Promise<UcpClient> {
  const { clientBundlePath: path } = settings;
  const bundle =
    path === undefined
      ? undefined
      : await fileOf(['clusters', name, 'client_bundle_path'], () => readClientBundle(path, { now }));
  const endpoint = settings.endpoint ?? bundle?.endpoint;
  if (endpoint === undefined) {
    throw new DctError('no_endpoint', `It is not known where the cluster ${name} is`, {
      cure: `set clusters.${name}.endpoint, or client_bundle_path to a bundle that has it (env.sh)`,
      attribute: ['clusters', name, 'endpoint'],
    });
  }
  const clientCertificate = settings.clientCertificate ?? bundle;
  if (clientCertificate === undefined && settings.credentials === undefined) {
    throw new DctError('no_login', `There is no login for the cluster ${name}`, {
      cure: `set clusters.${name}.client_bundle_path, or username and password (${clusterVariable(name)}_USERNAME, …_PASSWORD)`,
      attribute: ['clusters', name],
    });
  }
  return new UcpClient({
    name,
    endpoint,
    caBundle: settings.caBundle ?? bundle?.caBundle,
    clientCertificate,
    credentials: settings.credentials,
    http,
  });
}

type Half = readonly [name: string, value: string | undefined];

function variableOf(cluster: string, setting: string): string {
  return `${clusterVariable(cluster)}_${setting.toUpperCase()}`;
}

/** Two settings that belong together. Throws `half_login` when only one is there. */
function pair<T>(cluster: string, a: Half, b: Half, make: (a: string, b: string) => T): T | undefined {
  if (a[1] !== undefined && b[1] !== undefined) return make(a[1], b[1]);
  if (a[1] === undefined && b[1] === undefined) return undefined;
  const [there, missing] = a[1] === undefined ? [b[0], a[0]] : [a[0], b[0]];
  const variable = missing === 'username' || missing === 'password' ? variableOf(cluster, missing) : '';
  throw new DctError('half_login', `The cluster ${cluster} has a ${there} to log in with, but no ${missing}`, {
    cure:
      `set clusters.${cluster}.${missing}${variable && ` or the environment variable ${variable}`}; to log in with a ` +
      `client bundle alone, leave out ${there}${variable && ` (and ${variableOf(cluster, there)})`}`,
    attribute: ['clusters', cluster, missing],
  });
}

/** An error of the resource or data source that names this cluster. */
export function unknownCluster(name: string, names: readonly string[]): DctError {
  const there = names.length === 0 ? 'it has none' : `it has ${names.map((each) => JSON.stringify(each)).join(', ')}`;
  return new DctError(
    'unknown_cluster',
    `The provider's configuration has no cluster ${JSON.stringify(name)}; ${there}`,
    {
      cure: `add clusters.${name} to the provider block, or correct the name`,
      attribute: ['cluster'],
    },
  );
}
