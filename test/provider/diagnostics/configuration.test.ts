import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UNKNOWN } from '../../../src/plugin';
import type { Configuration } from '../../../src/provider/configuration/configuration';
import { Connection } from '../../../src/provider/connection';
import { configurationOf } from '../configuration/configuration-of';
import { diagnosticsOf } from './catalogue';
import { SECRET } from './steady';

const GUN = 'dtr.example.com/admin/trustdemo';
const signal = new AbortController().signal;
const ignore = (): void => undefined;
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dct-texts-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What becomes of a use of a provider with this configuration. */
function configured(
  given: () => Partial<Configuration>,
  use: (connection: Connection) => unknown = (connection) => connection,
  env: NodeJS.ProcessEnv = {},
) {
  return async () => {
    const connection = new Connection(configurationOf(given()), env, log);
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  };
}

type Registry = Exclude<Configuration['registry'], typeof UNKNOWN | null>;
type Clusters = Exclude<Configuration['clusters'], typeof UNKNOWN | null>;
type Cluster = Exclude<Clusters[string], typeof UNKNOWN>;

const registry = (given: Partial<Registry>) => () => ({
  registry: {
    host_address: 'dtr.example.com',
    ca_bundle: null,
    ca_sha256: null,
    username: null,
    password: null,
    client_bundle_path: null,
    notary_url: null,
    ...given,
  },
});
const none: Cluster = {
  endpoint: null,
  client_bundle_path: null,
  certificate: null,
  private_key: null,
  ca_bundle: null,
  username: null,
  password: null,
  must_admit: null,
};
const cluster = (given: Partial<Cluster>) => () => ({ clusters: { cluster2: { ...none, ...given } } });
const manifest = (connection: Connection): unknown => connection.images.manifest(GUN, 'v1', signal);
const version = (connection: Connection): unknown => connection.cluster('cluster2').version();

/** A provider with a signing key that is asked for something. */
const signing = (pem: () => string, passphrase: string | null) =>
  configured(
    () => ({
      ...registry({})(),
      trust_store: {
        directory,
        root_passphrase: null,
        repository_passphrase: null,
        passphrases: null,
        root_key_id: null,
        create_root_key: null,
      },
      signing_keys: { alice: { private_key: pem(), passphrase } },
    }),
    (connection) => connection.repository(GUN),
  );
const locked = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: SECRET })
    .toString();
const ed25519 = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

diagnosticsOf('configuration', {
  no_registry: configured(() => ({}), manifest),
  unknown_configuration: configured(registry({ notary_url: UNKNOWN }), manifest),
  'half_credentials: password': configured(registry({ username: 'admin' }), manifest),
  'half_credentials: username': configured(registry({}), manifest, { DCT_REGISTRY_PASSWORD: SECRET }),
  'bundle_not_found: registry': configured(registry({ client_bundle_path: 'bundles/nowhere' }), manifest),
  no_ca_bundle: configured(registry({}), (connection) => connection.requireCaBundle()),
  colliding_clusters: configured(() => ({ clusters: { 'cluster-2': none, cluster_2: none } })),
  'unknown_cluster: others': configured(cluster({}), (connection) => connection.cluster('cluster3')),
  'unknown_cluster: none': configured(
    () => ({}),
    (connection) => {
      connection.checkCluster('cluster3');
    },
  ),
  no_endpoint: configured(cluster({ username: 'admin', password: SECRET }), version),
  no_login: configured(cluster({ endpoint: 'https://ucp.example.com' }), version),
  'bundle_not_found: cluster': configured(cluster({ client_bundle_path: 'bundles/nowhere' }), version),
  'half_login: password': configured(cluster({ username: 'admin' }), version),
  'half_login: username': configured(cluster({}), version, { DCT_CLUSTER_CLUSTER2_PASSWORD: SECRET }),
  'half_login: private key': configured(cluster({ certificate: 'PEM' }), version),
  'passphrase_missing: signing key': signing(locked, null),
  'wrong_passphrase: signing key': signing(locked, 'another one'),
  'unsupported_key: signing key': signing(ed25519, null),
  'malformed_pem: signing key': signing(() => SECRET, null),
});
