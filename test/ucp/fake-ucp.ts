import { parse } from '@iarna/toml';
import { UcpClient, type UcpClientOptions } from '../../src/ucp';
import { removeRegistration, setRegistration, setTrustPolicy } from '../../src/ucp/config-text';
import { type TestAuthority, testAuthority } from '../support/certificates';
import { type SeenRequest, type TestAnswer, type TlsTestServer, startTlsServer } from '../support/tls-server';

/** A small UCP for tests of the client: one document, one user, and hooks where it can misbehave. */
export interface FakeUcp {
  readonly server: TlsTestServer;
  readonly authority: TestAuthority;
  /** The document, as the server has it. */
  toml: string;
  /** Answers instead of the server where it returns something. */
  intercept: (request: SeenRequest) => TestAnswer | undefined;
  /** Called after a PUT was taken. */
  afterPut: () => void;
  readonly sessions: Set<string>;
  /** Method and path of what came in, logins and all. */
  calls(): string[];
  client(options?: Partial<UcpClientOptions>): Promise<UcpClient>;
  close(): Promise<void>;
}

export const edits = { removeRegistration, setRegistration, setTrustPolicy };

export async function startFakeUcp(toml: string): Promise<FakeUcp> {
  const authority = await testAuthority('UCP CA');
  const clients: UcpClient[] = [];
  const sessions = new Set<string>();
  let logins = 0;

  const answer = (request: SeenRequest): TestAnswer => {
    const { method, url } = request;
    const intercepted = ucp.intercept(request);
    if (intercepted) return intercepted;
    if (method === 'POST' && url.pathname === '/auth/login') {
      const { password } = JSON.parse(request.body.toString()) as { password: string };
      if (password !== 'right-password') return { status: 401, body: { message: 'Invalid username or password.' } };
      const token = `token-${(logins += 1)}`;
      sessions.add(token);
      return { body: { auth_token: token, token_id: 'x', user_agent: 'y' } };
    }
    const bearer = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    if (request.client === undefined && !sessions.has(bearer ?? '')) {
      return { status: 401, body: { message: 'not authenticated' } };
    }
    switch (`${method} ${url.pathname}`) {
      case 'POST /id/logout':
        sessions.delete(bearer ?? '');
        return { status: 204 };
      case 'GET /version':
        return { body: { Version: 'ucp/3.2.5' } };
      case 'GET /api/ucp/config-toml':
        return { body: ucp.toml, headers: { 'content-type': 'application/toml' } };
      case 'PUT /api/ucp/config-toml':
        ucp.toml = request.body.toString();
        ucp.afterPut();
        return { body: { message: 'ok' } };
      case 'GET /api/ucp/config/dtr':
        return { body: { registries: registries(ucp.toml) } };
      case 'POST /api/config/trustedregistry_': {
        ucp.toml = setRegistration(
          ucp.toml,
          JSON.parse(request.body.toString()) as { hostAddress: string; caBundle: string },
        );
        return {};
      }
      default:
        return { status: 404, body: { message: 'page not found' } };
    }
  };

  const server = await startTlsServer(
    { certificate: await authority.issue(), clientCa: authority.certificate },
    answer,
  );
  const ucp: FakeUcp = {
    server,
    authority,
    toml,
    intercept: () => undefined,
    afterPut: () => undefined,
    sessions,
    calls: () => server.requests.map(({ method, path }) => `${method} ${path}`),
    client: async (options = {}) => {
      const client = new UcpClient({
        name: 'cluster2',
        endpoint: server.url,
        caBundle: authority.certificate,
        ...(options.credentials
          ? {}
          : {
              clientCertificate: await authority.issue({
                usage: 'client',
                commonName: 'admin',
                organization: 'Orca: ABC:123',
              }),
            }),
        ...options,
        http: { sleep: () => Promise.resolve(), maxRetries: 0, ...options.http },
      });
      clients.push(client);
      return client;
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
  return ucp;
}

function registries(toml: string): unknown {
  const list = parse(toml)['registries'] as Record<string, unknown>[] | undefined;
  return (list ?? []).map((entry) => ({
    hostAddress: entry['host_address'],
    serviceID: entry['service_id'],
    caBundle: entry['ca_bundle'],
    batchScanningDataEnabled: entry['batch_scanning_data_enabled'] ?? false,
  }));
}
