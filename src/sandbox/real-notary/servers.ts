import type { Authority } from '../authority';
import type { StateDirectory } from '../state-directory';
import { findPrograms } from './programs';
import { type ServerProcess, startServer } from './server-process';

export interface TokenSettings {
  /** `https://localhost:<port>/auth/token` */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
}

export interface NotaryServersOptions {
  /** Signs the certificates of both servers, and the one that tokens are signed with. */
  readonly authority: Authority;
  /** Configuration and keys of the servers' TLS lie here. */
  readonly directory: StateDirectory;
  readonly tokens: TokenSettings;
}

/** notary-server on TLS with a notary-signer that has ECDSA keys, as in a DTR; everything in memory. */
export interface NotaryServers {
  /** Of notary-server, `https://localhost:<port>`. */
  readonly origin: string;
  /** What they printed last. */
  readonly output: () => string;
  close(): Promise<void>;
}

/** @throws DctError `program_missing`, `program_failed` */
export async function startNotaryServers(options: NotaryServersOptions): Promise<NotaryServers> {
  const { authority, directory, tokens } = options;
  const programs = findPrograms();
  const own = await authority.issueService();
  const [ca, certificate, key] = await Promise.all([
    directory.write('ca.pem', authority.certificate),
    directory.write('cert.pem', own.certificate),
    directory.write('key.pem', own.privateKey),
  ]);
  const tls = { tls_cert_file: certificate, tls_key_file: key };
  const configured =
    (name: string, config: (port: number) => object) =>
    async (port: number): Promise<readonly string[]> => ['-config', await directory.writeJson(name, config(port))];
  const shared = { logging: { level: 'error' }, storage: { backend: 'memory' } };
  const signer: ServerProcess = await startServer(
    programs['notary-signer'],
    configured('signer.json', (port) => ({
      server: { grpc_addr: `127.0.0.1:${port}`, ...tls, client_ca_file: ca },
      ...shared,
    })),
    { NOTARY_SIGNER_DEFAULT_ALIAS: 'sandbox', NOTARY_SIGNER_SANDBOX: 'passphrase of keys in memory' },
  );
  try {
    const server = await startServer(
      programs['notary-server'],
      configured('server.json', (port) => ({
        server: { http_addr: `127.0.0.1:${port}`, ...tls },
        trust_service: {
          type: 'remote',
          hostname: 'localhost',
          port: String(signer.port),
          key_algorithm: 'ecdsa',
          tls_ca_file: ca,
          tls_client_cert: certificate,
          tls_client_key: key,
        },
        auth: { type: 'token', options: { ...tokens, rootcertbundle: ca } },
        ...shared,
      })),
    );
    return {
      origin: `https://localhost:${server.port}`,
      output: () => server.output() + signer.output(),
      close: async () => {
        await server.close();
        await signer.close();
      },
    };
  } catch (error) {
    await signer.close();
    throw error;
  }
}
