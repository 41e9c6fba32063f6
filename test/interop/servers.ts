import { writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from './pki';
import { startNotaryDatabase } from './postgres';
import { closeAll, type ProcessOptions, type ServerProcess, startProcess } from './processes';

/** What signs timestamps and snapshots: the server itself (ed25519), or a notary-signer with ECDSA keys as a DTR has it. */
export type Signing = 'local' | 'remote';

/**
 * Where notary-server keeps files, and a notary-signer its keys. The map of a signer that has them in memory is read without a
 * lock (trustmanager/keystore.go, GenericKeyStore.GetKeyInfo), so Go ends the process sooner or later when keys are made and
 * used at once, and the keys are gone with it: what does much at once needs a database, as a DTR has it.
 */
export type Storage = 'memory' | 'postgres';

/** notary-server's `auth` section: tokens of this issuer, signed by the key of this certificate. */
export interface TokenAuthSettings {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  readonly certificate: string;
}

export interface NotaryServerOptions {
  readonly directory: string;
  readonly authority: Authority;
  readonly signing?: Signing;
  readonly storage?: Storage;
  readonly auth?: TokenAuthSettings;
}

/**
 * In front of every database, notary-server 0.7 keeps a map that its requests read and write without a lock
 * (server/storage/tuf_store.go, TUFMetaStorage.cachedMeta), for which Go ends the process sooner or later when many are at
 * work at once. Nothing is lost by it but what was under way, and whatever runs a server such as a DTR’s starts it again.
 */
const crashOfCache = /^fatal error: concurrent map/;

/** The real notary-server (and notary-signer) over TLS on `https://localhost:<port>`. */
export async function startNotaryServer(options: NotaryServerOptions): Promise<ServerProcess> {
  const { directory, authority } = options;
  await mkdir(directory, { recursive: true });
  const own = await authority.issue(['localhost', '127.0.0.1']);
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const ca = await file('ca.pem', authority.caBundle);
  const certificate = await file('notary.pem', own.certificate);
  const key = await file('notary.key', own.privateKey);
  const tls = { tls_cert_file: certificate, tls_key_file: key };
  const started: { close: () => Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await closeAll(started.splice(0).map((each) => () => each.close()));
  };
  const keep = <T extends { close: () => Promise<void> }>(each: T): T => (started.push(each), each);
  try {
    const database = options.storage === 'postgres' ? keep(await startNotaryDatabase()) : undefined;
    const storage = database === undefined ? { backend: 'memory' } : { backend: 'postgres', db_url: database.url };
    const signer =
      options.signing === 'remote'
        ? keep(await startNotarySigner(file, { ...tls, client_ca_file: ca }, storage))
        : undefined;
    const asClient = { tls_ca_file: ca, tls_client_cert: certificate, tls_client_key: key };
    const auth = options.auth === undefined ? {} : { auth: await tokenAuth(options.auth, file) };
    const config = (port: number): object => ({
      server: { http_addr: `127.0.0.1:${port}`, ...tls },
      trust_service: signer === undefined ? { type: 'local' } : { ...remoteSigner(signer.port), ...asClient },
      logging: { level: 'error' },
      storage,
      ...auth,
    });
    const { port } = keep(
      await startConfigured('notary-server', join(directory, 'server.json'), config, {
        ...(database !== undefined && { restartsAfter: crashOfCache }),
      }),
    );
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function remoteSigner(port: number): object {
  return { type: 'remote', hostname: 'localhost', port: String(port), key_algorithm: 'ecdsa' };
}

/** The real docker-registry on plain HTTP, `http://127.0.0.1:<port>`; images are files under `directory`. */
export async function startDockerRegistry(directory: string): Promise<ServerProcess> {
  await mkdir(directory, { recursive: true });
  return startConfigured('docker-registry', join(directory, 'registry.yml'), (port) => ({
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(directory, 'images') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
  }));
}

type WriteFile = (name: string, content: string) => Promise<string>;

async function startNotarySigner(file: WriteFile, tls: object, storage: object): Promise<ServerProcess> {
  const config = (port: number): object => ({
    server: { grpc_addr: `127.0.0.1:${port}`, ...tls },
    logging: { level: 'error' },
    storage: { ...storage, default_alias: 'a' },
  });
  return startConfigured(
    'notary-signer',
    await file('signer.json', '{}'),
    config,
    {},
    { NOTARY_SIGNER_A: 'passphrase-of-the-signer' },
  );
}

async function tokenAuth(auth: TokenAuthSettings, file: WriteFile): Promise<object> {
  const rootcertbundle = await file('token.pem', auth.certificate);
  return { type: 'token', options: { realm: auth.realm, service: auth.service, issuer: auth.issuer, rootcertbundle } };
}

/** JSON is YAML too, so one way serves notary's and the registry's configuration. */
async function startConfigured(
  program: string,
  path: string,
  config: (port: number) => object,
  options: ProcessOptions = {},
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const configure = (port: number) => {
    writeFileSync(path, JSON.stringify(config(port)), { mode: 0o600 });
    return { args: program === 'docker-registry' ? ['serve', path] : ['-config', path], env };
  };
  return startProcess(program, configure, options);
}
