import { createHash } from 'node:crypto';
import { RegistryClient, type RegistryClientOptions } from '../../src/dtr';
import { parseChallenges } from '../../src/dtr/challenge';
import { type TestAuthority, testAuthority } from '../support/certificates';
import { type SeenRequest, type TestAnswer, type TlsTestServer, startTlsServer } from '../support/tls-server';

const docker = 'application/vnd.docker.distribution.manifest.v2+json';
const list = 'application/vnd.docker.distribution.manifest.list.v2+json';
const bytes = Buffer.from('{ "schemaVersion": 2 }');
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const credentials = { username: 'admin', password: 'p:ass/wörd' };

let authority: TestAuthority;
let server: TlsTestServer;
let challenge: string;
let tokens: Set<string>;
let tokenAnswer: (request: SeenRequest, token: string) => TestAnswer;
let manifest: (request: SeenRequest) => TestAnswer;
const clients: RegistryClient[] = [];

beforeAll(async () => {
  authority = await testAuthority('DTR CA');
});
beforeEach(async () => {
  tokens = new Set();
  let made = 0;
  tokenAnswer = (_, token) => ({ body: { token, access_token: token, expires_in: 300, issued_at: 'now' } });
  manifest = () => ({ body: bytes, headers: { 'content-type': docker, 'docker-content-digest': digest } });
  server = await startTlsServer(
    { certificate: await authority.issue(), clientCa: authority.certificate },
    (request) => {
      if (request.url.pathname === '/auth/token') {
        const token = `token-${(made += 1)}`;
        tokens.add(token);
        return tokenAnswer(request, token);
      }
      const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
      const basic = challenge.startsWith('Basic') || request.path.startsWith('/api');
      const known = basic
        ? scheme === 'Basic' &&
          Buffer.from(value, 'base64').toString() === `${credentials.username}:${credentials.password}`
        : scheme === 'Bearer' && tokens.has(value);
      if (!known) {
        const error = value === '' ? '' : ',error="invalid_token"';
        return {
          status: 401,
          headers: { 'www-authenticate': challenge + error },
          body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
        };
      }
      return manifest(request);
    },
  );
  challenge = `Bearer realm="${server.url}/auth/token",service="dtr",scope="repository:admin/trustdemo:pull"`;
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
});

function clientOf(options: Partial<RegistryClientOptions> = {}): RegistryClient {
  const client = new RegistryClient({
    hostAddress: server.host,
    caBundle: authority.certificate,
    credentials,
    http: { maxRetries: 0, sleep: () => Promise.resolve() },
    ...options,
  });
  clients.push(client);
  return client;
}

const calls = (): string[] => server.requests.map(({ path }) => decodeURIComponent(path));

describe('when a manifest is read', () => {
  it.each([
    docker,
    list,
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.oci.image.index.v1+json; charset=utf-8',
  ])('hashes the bytes of a %s itself', async (mediaType) => {
    manifest = () => ({ body: bytes, headers: { 'content-type': mediaType } });
    expect(await clientOf().manifest('admin/trustdemo', '1')).toEqual({
      digest,
      length: bytes.length,
      mediaType: mediaType.split(';')[0],
    });
    expect(server.requests.at(-1)?.headers.accept?.split(', ')).toContain(mediaType.split(';')[0]);
  });

  it('reads by digest', async () => {
    await clientOf().manifest('admin/trustdemo', digest);
    expect(calls().at(-1)).toBe(`/v2/admin/trustdemo/manifests/${digest}`);
  });

  it('refuses bytes that are not what the digest says', async () => {
    manifest = () => ({ body: 'other', headers: { 'content-type': docker, 'docker-content-digest': digest } });
    const wrong = {
      code: 'manifest_digest_mismatch',
      message: expect.stringContaining(`not ${digest} as it should be`) as string,
    };
    await expect(clientOf().manifest('admin/trustdemo', '1')).rejects.toMatchObject(wrong);
    manifest = () => ({ body: 'other', headers: { 'content-type': docker } });
    await expect(clientOf().manifest('admin/trustdemo', digest)).rejects.toMatchObject(wrong);
  });

  it('refuses the old schema 1', async () => {
    manifest = () => ({
      body: '{}',
      headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
    });
    await expect(clientOf().manifest('admin/trustdemo', '1')).rejects.toMatchObject({ code: 'manifest_unsupported' });
  });

  it.each([
    [404, 'MANIFEST_UNKNOWN', 'image_not_found', 'has no such tag (MANIFEST_UNKNOWN: words).'],
    [404, 'NAME_UNKNOWN', 'image_not_found', 'has no such repository (NAME_UNKNOWN: words).'],
    [403, 'DENIED', 'registry_not_authorized', 'does not let admin read it (status 403: DENIED: words).'],
    [500, 'UNKNOWN', 'registry_refused', 'reading its manifest was refused with status 500: UNKNOWN: words'],
  ])('explains a %i %s', async (status, code, ours, message) => {
    manifest = () => ({ status, body: { errors: [{ code, message: 'words' }] } });
    await expect(clientOf().manifest('admin/trustdemo', '1')).rejects.toMatchObject({
      code: ours,
      message: expect.stringMatching(new RegExp(`^${server.host}/admin/trustdemo:1: `)) as string,
    });
    await expect(clientOf().manifest('admin/trustdemo', '1')).rejects.toThrow(message);
  });

  it.each(['', 'a b', '-x', 'x'.repeat(129), 'sha256:abc', '../../x', `sha512:${'a'.repeat(64)}`])(
    'refuses the reference %j before asking',
    async (reference) => {
      await expect(clientOf().manifest('admin/trustdemo', reference)).rejects.toMatchObject({
        code: 'invalid_reference',
      });
      expect(server.requests).toEqual([]);
    },
  );

  it.each(['https://dtr.example.com', 'dtr.example.com/x', ''])('refuses the registry address %j', (hostAddress) => {
    expect(() => clientOf({ hostAddress })).toThrow('is not a registry host address');
  });
});

describe('when a registry wants a token', () => {
  const scope = 'repository:admin/trustdemo:pull';

  it('follows the challenge, with Basic on the registry itself', async () => {
    await clientOf().manifest('admin/trustdemo', '1');
    expect(calls()).toEqual([
      '/v2/admin/trustdemo/manifests/1',
      `/auth/token?service=dtr&scope=${scope}&account=admin`,
      '/v2/admin/trustdemo/manifests/1',
    ]);
    const basic = Buffer.from('admin:p:ass/wörd').toString('base64');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      `Basic ${basic}`,
      'Bearer token-1',
    ]);
  });

  it('keeps the token until shortly before it expires', async () => {
    let now = 0;
    const client = clientOf({ now: () => now });
    await client.manifest('admin/trustdemo', '1');
    now = 269_000;
    await client.manifest('admin/trustdemo', '2');
    expect(calls().slice(3)).toEqual(['/v2/admin/trustdemo/manifests/2']);
    now = 271_000;
    await client.manifest('admin/trustdemo', '3');
    expect(calls().slice(4)).toEqual([
      `/auth/token?service=dtr&scope=${scope}&account=admin`,
      '/v2/admin/trustdemo/manifests/3',
    ]);
  });

  it('gets a new one when the registry does not take the old one any more', async () => {
    const client = clientOf();
    await client.manifest('admin/trustdemo', '1');
    tokens.clear();
    await client.manifest('admin/trustdemo', '1');
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer token-2');
    await client.manifest('admin/trustdemo', '1');
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer token-2');
  });

  it('asks once for many, and separately for each scope', async () => {
    const client = clientOf();
    const other = 'repository:dtr.example.com/admin/trustdemo:pull,push';
    const headers = await Promise.all(
      [scope, scope, scope, other].map((one) => client.authorize({ scope: one, challenge })),
    );
    expect(headers).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect(calls()[1]).toContain(`scope=${other}`);
  });

  it('takes access_token alone, and an answer without expiry for a minute', async () => {
    tokenAnswer = (_, access_token) => ({ body: { access_token } });
    let now = 0;
    const client = clientOf({ now: () => now });
    expect(await client.authorize({ scope, challenge })).toBe('Bearer token-1');
    now = 53_000;
    expect(await client.authorize({ scope, challenge })).toBe('Bearer token-1');
    now = 55_000;
    expect(await client.authorize({ scope, challenge })).toBe('Bearer token-2');
  });

  it('asks without a user when it has none', async () => {
    const client = clientOf({ credentials: undefined });
    expect(await client.authorize({ scope, challenge })).toBe('Bearer token-1');
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    expect(server.requests[0]?.path).not.toContain('account');
  });

  it('shows its client certificate', async () => {
    const clientCertificate = await authority.issue({ usage: 'client', commonName: 'admin' });
    await clientOf({ credentials: undefined, clientCertificate }).authorize({ scope, challenge });
    expect(server.requests[0]?.client).toBe('admin');
  });

  it('answers Basic with Basic', async () => {
    challenge = 'Basic realm="dtr"';
    expect(await clientOf().manifest('admin/trustdemo', '1')).toMatchObject({ digest });
    expect(await clientOf({ credentials: undefined }).authorize({ scope, challenge })).toBeUndefined();
    expect(await clientOf().authorize({ scope, challenge: 'Negotiate' })).toBeUndefined();
  });

  it('says that the login was refused, without the password, and asks again next time', async () => {
    const client = clientOf();
    tokenAnswer = () => ({
      status: 401,
      body: { errors: [{ code: 'UNAUTHORIZED', message: `bad ${credentials.password}` }] },
    });
    await expect(client.manifest('admin/trustdemo', '1')).rejects.toMatchObject({
      code: 'registry_login_refused',
      message: `${server.host}: the login of admin for ${scope} was refused with status 401: UNAUTHORIZED: bad [redacted]`,
    });
    tokenAnswer = (_, token) => ({ body: { token } });
    expect(await client.manifest('admin/trustdemo', '1')).toMatchObject({ digest });
  });

  it('says that there was no token', async () => {
    tokenAnswer = () => ({ body: { token: '' } });
    await expect(clientOf().manifest('admin/trustdemo', '1')).rejects.toMatchObject({
      code: 'registry_unexpected_answer',
    });
  });

  it.each([
    'https://evil.example.com/token',
    'http://127.0.0.1/token',
    'https://admin@127.0.0.1/token',
    'https://127.0.0.1.evil.example.com/token',
    '/auth/token',
    '',
  ])('sends nothing to the realm %j', async (realm) => {
    challenge = `Bearer realm="${realm}",service="dtr"`;
    await expect(clientOf().manifest('admin/trustdemo', '1')).rejects.toMatchObject({ code: 'registry_foreign_realm' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('when challenges are parsed', () => {
  it.each([
    [
      'Bearer realm="https://h/t",service="s s",scope="repository:a:pull,push"',
      [{ scheme: 'bearer', parameters: { realm: 'https://h/t', service: 's s', scope: 'repository:a:pull,push' } }],
    ],
    [
      'Basic realm="a \\"b\\", c", Bearer Realm=x , service="y"',
      [
        { scheme: 'basic', parameters: { realm: 'a "b", c' } },
        { scheme: 'bearer', parameters: { realm: 'x', service: 'y' } },
      ],
    ],
    [
      'Negotiate, Basic realm=x',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'x' } },
      ],
    ],
    ['', []],
    ['"', []],
    ['Bearer realm="open', [{ scheme: 'bearer', parameters: {} }]],
  ])('reads %j', (header, challenges) => {
    expect(parseChallenges(header).slice(0, challenges.length)).toEqual(challenges);
  });
});
