import type { FakeUcp } from '../../ucp/fake-ucp';
import { startFakeUcp } from '../../ucp/fake-ucp';
import { UcpClient, type UcpClientOptions } from '../../../src/ucp';
import { teamOf } from '../../../src/provider/connection/cluster-users';
import { Cluster } from '../../../src/provider/connection/cluster';
import { testAuthority } from '../../support/certificates';
import type { SeenRequest, TestAnswer } from '../../support/tls-server';
import { diagnosticsOf } from './catalogue';
import { SECRET } from './steady';

const policy = '[trust_configuration]\n  require_content_trust = false\n';
const toml = `[auth.scim]\n  token = "${SECRET}"\n\n${policy}`;
let ucp: FakeUcp;
let ca: string;
beforeAll(async () => {
  ca = (await testAuthority('DTR CA')).certificate;
  ucp = await startFakeUcp(toml);
});
beforeEach(() => {
  ucp.toml = toml;
  ucp.intercept = () => undefined;
  ucp.afterPut = () => undefined;
});
afterAll(() => ucp.close());

type Use = (client: UcpClient) => unknown;
const setPolicy: Use = (client) => client.setTrustPolicy({ requireContentTrust: true });
const register: Use = (client) => client.register({ hostAddress: 'dtr2.example.com', caBundle: ca });

/** A use of a UCP that answers in its own way. */
function answering(
  answer: (request: SeenRequest) => TestAnswer | undefined,
  use: Use,
  options?: Partial<UcpClientOptions>,
) {
  return async () => {
    ucp.intercept = answer;
    return use(await ucp.client(options));
  };
}

/** A use of a UCP that has this document. */
function having(text: string, use: Use, afterPut: () => void = () => undefined) {
  return async () => {
    ucp.toml = text;
    ucp.afterPut = afterPut;
    return use(await ucp.client({ settleSeconds: 5 }));
  };
}

const said = (status: number, message: string) => (): TestAnswer => ({ status, body: { message } });
const other = (): TestAnswer => ({ body: 7 });
const login = (password: string) => ({ credentials: { username: 'admin', password } });

diagnosticsOf('ucp', {
  ucp_not_authenticated: answering(said(401, 'unauthorized'), (client) => client.registries()),
  ucp_not_authorized: answering(said(403, 'access denied'), (client) => client.registries()),
  ucp_unavailable: answering(said(503, 'starting'), (client) => client.registries()),
  'ucp_refused: registration': answering(({ method }) => {
    return method === 'POST' ? { status: 400, body: { message: 'unable to verify registry' } } : undefined;
  }, register),
  'ucp_refused: redirect': answering(
    () => ({ status: 302, headers: { location: 'https://sso.example.com/login' } }),
    (client) => client.accounts(),
  ),
  'ucp_refused: configuration': answering(({ method }) => {
    return method === 'PUT' ? { status: 400, body: { message: `toml: line 2: token "${SECRET}"` } } : undefined;
  }, setPolicy),
  ucp_login_refused: answering(
    ({ path, body }) =>
      path === '/auth/login' ? { status: 401, body: { message: `Invalid password ${body.toString()}.` } } : undefined,
    (client) => client.registries(),
    login(SECRET),
  ),
  'ucp_unexpected_answer: no token': answering(
    () => ({ body: {} }),
    (client) => client.registries(),
    login(SECRET),
  ),
  'ucp_unexpected_answer: another shape': answering(
    () => ({ body: { id: 7 } }),
    (client) => client.account('admin'),
  ),
  'ucp_unexpected_answer: a page that repeats': answering(
    () => ({ body: { accounts: [], nextPageStart: 'x' } }),
    (client) => client.accounts(),
  ),
  'ucp_unexpected_answer: no teams': answering(other, (client) => client.teams('docker-datacenter')),
  'ucp_unexpected_answer: no members': answering(other, (client) => client.teamMembers('docker-datacenter', 'release')),
  'ucp_unexpected_answer: no keys': answering(other, (client) => client.publicKeys('admin')),
  'ucp_unavailable: version': answering(said(503, 'starting'), (client) => client.version()),
  'ucp_refused: nothing said': answering(
    () => ({ status: 400 }),
    (client) => client.registries(),
  ),
  'ucp_not_authorized: configuration': answering(said(403, 'access denied'), (client) => client.trustPolicy()),
  'no_such_team: no teams': answering(
    ({ path }) => (path.includes('/teams/') ? { status: 404 } : { body: { teams: [] } }),
    (client) => teamOf(client, 'docker-datacenter', 'release', new AbortController().signal),
  ),
  ucp_no_identity: () => new UcpClient({ name: 'cluster2', endpoint: 'https://ucp.example.com' }),
  'ucp_registration_not_applied: not listed': answering(({ method }) => {
    return method === 'POST' ? { status: 200 } : undefined;
  }, register),
  'ucp_registration_not_applied: another CA': answering(({ method }) => {
    if (method !== 'POST') return undefined;
    ucp.toml = `[[registries]]\n  host_address = "dtr2.example.com"\n  ca_bundle = ""\n`;
    return { status: 200 };
  }, register),
  ucp_registration_has_service_id: having(
    '[[registries]]\n  host_address = "dtr2.example.com"\n  service_id = "b34c"\n',
    (client) => client.unregister('dtr2.example.com'),
  ),
  invalid_ca_bundle: having(toml, (client) => client.register({ hostAddress: 'dtr2.example.com', caBundle: 'ca.pem' })),
  'ucp_config_unreadable: no TOML': having(`a = 1\n[auth]\npassword = "${SECRET}\n`, setPolicy),
  'ucp_config_unreadable: another shape': having('[trust_configuration]\nrequire_content_trust = "yes"', (client) =>
    client.trustPolicy(),
  ),
  'ucp_config_unreadable: no UTF-8': answering(() => ({ body: Buffer.from([0xff, 0xfe]) }), setPolicy),
  'ucp_config_not_editable: inline list': having('registries = [ { host_address = "dtr.example.com" } ]\n', (client) =>
    client.unregister('dtr.example.com'),
  ),
  'ucp_config_not_editable: inline table': having('trust_configuration = { allow_repos = [] }', (client) =>
    client.setTrustPolicy({ allowRepositories: null }),
  ),
  'ucp_config_not_applied: never shown': having(toml, setPolicy, () => {
    ucp.toml = toml;
  }),
  'ucp_config_not_applied: overwritten': having(toml, setPolicy, () => {
    ucp.toml = `# ${ucp.server.requests.length}\n${toml}`;
  }),
  'ucp_config_not_applied: changed again and again': answering(({ path }) => {
    if (path === '/api/ucp/config-toml') ucp.toml = `# ${ucp.server.requests.length}\n${toml}`;
    return undefined;
  }, setPolicy),
  'ucp_config_not_applied: stopped': () => {
    const stop = new AbortController();
    const stopped: Use = (client) => client.setTrustPolicy({ requireContentTrust: true }, stop.signal);
    return having(toml, stopped, () => {
      ucp.toml = toml;
      stop.abort();
    })();
  },
  'ucp_config_unreadable: a list of tables': having('[[trust_configuration]]\n', (client) => client.trustPolicy()),
  not_a_ucp: async () => {
    ucp.intercept = () => ({ body: { Version: '19.03.5', Components: [{ Name: 'Engine', Version: '19.03.5' }] } });
    const settings = {
      ...{ endpoint: ucp.server.url, caBundle: ucp.authority.certificate, clientBundlePath: undefined, mustAdmit: [] },
      ...{ clientCertificate: await ucp.authority.issue({ usage: 'client' }), credentials: undefined },
    };
    const cluster = new Cluster('cluster2', settings, { maxRetries: 0 }, () => new Date());
    return cluster.version().finally(() => cluster.close());
  },
  stopped: having(toml, (client) => client.setTrustPolicy({ requireContentTrust: true }, AbortSignal.abort())),
});
