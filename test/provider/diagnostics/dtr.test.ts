import { fetchRegistryCa, RegistryClient } from '../../../src/dtr';
import { testAuthority, type TestAuthority } from '../../support/certificates';
import { startTlsServer, type TestAnswer, type TlsTestServer } from '../../support/tls-server';
import { diagnosticsOf } from './catalogue';
import { SECRET } from './steady';

const docker = 'application/vnd.docker.distribution.manifest.v2+json';
const credentials = { username: 'admin', password: SECRET };
let authority: TestAuthority;
let server: TlsTestServer;
let answer: (path: string) => TestAnswer;
beforeAll(async () => {
  authority = await testAuthority('DTR CA');
  server = await startTlsServer({ certificate: await authority.issue() }, ({ path }) => answer(path));
});
afterAll(() => server.close());

/** What becomes of a request for a manifest. */
function manifest(given: typeof answer | TestAnswer, reference = 'v1') {
  return withClient(given, (client) => client.manifest('admin/trustdemo', reference));
}

function withClient(given: typeof answer | TestAnswer, use: (client: RegistryClient) => Promise<unknown>) {
  return async () => {
    answer = typeof given === 'function' ? given : () => given;
    const http = { maxRetries: 0 };
    const client = new RegistryClient({ hostAddress: server.host, caBundle: authority.certificate, credentials, http });
    return use(client).finally(() => client.close());
  };
}

/** A registry that wants a token, and its answer to the question for one. */
function token(given: TestAnswer, realm = () => `${server.url}/auth/token`) {
  return manifest((path) => {
    if (path.startsWith('/auth')) return given;
    return { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm()}",service="dtr"` } };
  });
}

function ca(given: TestAnswer, sha256?: string) {
  return () => {
    answer = () => given;
    return fetchRegistryCa(server.host, { sha256, http: { maxRetries: 0 } });
  };
}

const error = (status: number, code: string, message: string) => ({ status, body: { errors: [{ code, message }] } });
const page = (type: string, headers = {}) => ({ body: '{}', headers: { 'content-type': type, ...headers } });

diagnosticsOf('dtr', {
  'image_not_found: tag': manifest(error(404, 'MANIFEST_UNKNOWN', 'manifest unknown')),
  'image_not_found: repository': manifest(error(404, 'NAME_UNKNOWN', 'repository name not known to registry')),
  registry_not_authorized: manifest(error(403, 'DENIED', 'requested access to the resource is denied')),
  'registry_refused: manifest': manifest({ status: 500, body: 'internal error' }),
  'registry_refused: token': token({ status: 503, body: 'no available server' }),
  registry_login_refused: token({ status: 401, body: { errors: [{ message: `no password ${SECRET}` }] } }),
  'registry_unexpected_answer: token': token({ body: {} }),
  registry_foreign_realm: token({}, () => 'https://auth.example.org/token'),
  invalid_reference: manifest({}, 'not a tag'),
  manifest_unsupported: manifest(page('application/vnd.docker.distribution.manifest.v1+prettyjws')),
  manifest_digest_mismatch: manifest(page(docker, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` })),
  registry_ca_not_pinned: () => ca({ body: authority.certificate })(),
  registry_ca_other_fingerprint: () => ca({ body: authority.certificate }, '00'.repeat(32))(),
  'registry_ca_unusable: a page': ca({ body: '<html>Sign in</html>' }, '00'.repeat(32)),
  'registry_ca_unusable: an error': ca({ status: 404 }, '00'.repeat(32)),
  invalid_fingerprint: ca({}, 'ab:cd'),
});
