import { UcpClient, parseVersion } from '../../src/ucp';
import { testAuthority } from '../support/certificates';
import { type FakeUcp, startFakeUcp } from './fake-ucp';

const dtr = 'dtr.example.com';
const own = 'dtr.local';
const password = 'right-password';
let ca: string;
let otherCa: string;
let ucp: FakeUcp;

const toml = `[auth.samlProxy.credentials.basic]
  password = "verysecret"

[[registries]]
  host_address = "${own}"
  service_id = "b34c"
  ca_bundle = ""
  batch_scanning_data_enabled = true

[trust_configuration]
  require_content_trust = false
  require_signature_from = []
`;

beforeAll(async () => {
  ca = (await testAuthority('DTR CA')).certificate;
  otherCa = (await testAuthority('Other CA')).certificate;
});
beforeEach(async () => {
  ucp = await startFakeUcp(toml);
});
afterEach(() => ucp.close());

describe('when registries are read', () => {
  it('takes the list, whatever the case of its names', async () => {
    const client = await ucp.client();
    const expected = [{ hostAddress: own, serviceId: 'b34c', caBundle: '', batchScanningDataEnabled: true }];
    expect(await client.registries()).toEqual(expected);
    ucp.intercept = () => ({
      body: { Registries: [{ HostAddress: own, ServiceID: 'b34c', CABundle: '', BatchScanningDataEnabled: true }] },
    });
    expect(await client.registries()).toEqual(expected);
    ucp.intercept = () => ({ body: { registries: null } });
    expect(await client.registries()).toEqual([]);
  });

  it.each([
    ['404', { status: 404 }],
    ['405', { status: 405 }],
    ["the web interface's page", { status: 200, body: '<html></html>' }],
  ])('reads the configuration document where there is no list (%s), and does not ask again', async (_, answer) => {
    ucp.intercept = ({ path }) => (path === '/api/ucp/config/dtr' ? answer : undefined);
    const client = await ucp.client();
    for (let n = 0; n < 2; n += 1)
      expect(await client.registries()).toMatchObject([{ hostAddress: own, serviceId: 'b34c' }]);
    expect(ucp.calls()).toEqual(['GET /api/ucp/config/dtr', 'GET /api/ucp/config-toml', 'GET /api/ucp/config-toml']);
  });

  it('says who may not', async () => {
    ucp.intercept = () => ({ status: 403, body: { message: 'access denied' } });
    await expect((await ucp.client()).registries()).rejects.toMatchObject({
      code: 'ucp_not_authorized',
      message: `Cluster "cluster2" (${ucp.server.host}): reading the registries was refused with status 403: access denied`,
    });
  });
});

describe('when a DTR is registered', () => {
  it('posts it and reads it back', async () => {
    const client = await ucp.client();
    const written = `# CA\r\n${ca.trim().replaceAll('\n', '\r\n')}`;
    expect(await client.register({ hostAddress: dtr, caBundle: written })).toMatchObject({
      hostAddress: dtr,
      caBundle: ca,
      serviceId: '',
    });
    expect(ucp.calls()).toEqual([
      'GET /api/ucp/config/dtr',
      'POST /api/config/trustedregistry_',
      'GET /api/ucp/config/dtr',
    ]);
    expect(JSON.parse(ucp.server.requests[1]!.body.toString())).toEqual({ hostAddress: dtr, caBundle: ca });
  });

  it('does nothing when it is registered with the same certificates', async () => {
    const client = await ucp.client();
    await client.register({ hostAddress: dtr, caBundle: ca });
    const before = ucp.calls().length;
    await client.register({ hostAddress: dtr, caBundle: `\n${ca}` });
    expect(ucp.calls().slice(before)).toEqual(['GET /api/ucp/config/dtr']);
  });

  it('changes the CA of an entry with a service ID in the document, never by the two-field POST', async () => {
    const client = await ucp.client();
    expect(await client.register({ hostAddress: own, caBundle: ca })).toEqual({
      hostAddress: own,
      serviceId: 'b34c',
      caBundle: ca,
      batchScanningDataEnabled: true,
    });
    expect(ucp.calls().some((call) => call.startsWith('POST'))).toBe(false);
    expect(ucp.toml).toBe(toml.replace('ca_bundle = ""', `ca_bundle = ${JSON.stringify(ca)}`));
  });

  it('edits the document where there is no endpoint', async () => {
    ucp.intercept = ({ method }) =>
      method === 'POST' ? { status: 404, body: { message: 'page not found' } } : undefined;
    expect(await (await ucp.client()).register({ hostAddress: dtr, caBundle: ca })).toMatchObject({ hostAddress: dtr });
    expect(ucp.toml).toContain(dtr);
  });

  it('posts it again when somebody else’s document has taken it out', async () => {
    let isLost = false;
    // Taken, and gone again with the next document that somebody sends.
    ucp.intercept = ({ method }) => {
      if (method !== 'POST' || isLost) return undefined;
      isLost = true;
      return { status: 200 };
    };
    const registered = await (await ucp.client()).register({ hostAddress: dtr, caBundle: ca });
    expect(registered).toMatchObject({ hostAddress: dtr });
    expect(isLost).toBe(true);
  });

  it('says so when UCP takes it and does not list it', async () => {
    ucp.intercept = ({ method }) => (method === 'POST' ? { status: 200 } : undefined);
    await expect((await ucp.client()).register({ hostAddress: dtr, caBundle: ca })).rejects.toMatchObject({
      code: 'ucp_registration_not_applied',
      message: `Cluster "cluster2" (${ucp.server.host}) took the registration, but does not list ${dtr}.`,
      cure: expect.stringContaining('ucp-controller') as string,
    });
  });

  it('waits for a UCP that restarts after it', async () => {
    let down = 0;
    ucp.intercept = ({ method }) => {
      if (method === 'POST') down = 3;
      return method === 'GET' && (down -= 1) >= 0 ? { status: 503 } : undefined;
    };
    expect(await (await ucp.client()).register({ hostAddress: dtr, caBundle: ca })).toMatchObject({ hostAddress: dtr });
  });

  it("passes on UCP's words", async () => {
    ucp.intercept = ({ method }) =>
      method === 'POST' ? { status: 400, body: { errors: [{ code: 'BAD', message: 'no' }] } } : undefined;
    await expect((await ucp.client()).register({ hostAddress: dtr, caBundle: ca })).rejects.toMatchObject({
      code: 'ucp_refused',
      message: `Cluster "cluster2" (${ucp.server.host}): registering ${dtr} was refused with status 400: BAD: no`,
    });
  });

  it('refuses an address with scheme or slash and a CA that is none, before anything is sent', async () => {
    const client = await ucp.client();
    await expect(client.register({ hostAddress: `https://${dtr}`, caBundle: ca })).rejects.toThrow(
      'is not a registry host address: it starts with a scheme',
    );
    await expect(client.register({ hostAddress: `${dtr}/`, caBundle: ca })).rejects.toThrow('it has a slash in it');
    await expect(client.register({ hostAddress: dtr, caBundle: 'ca.pem' })).rejects.toMatchObject({
      code: 'invalid_ca_bundle',
    });
    expect(ucp.calls()).toEqual([]);
  });
});

describe('when a DTR is unregistered', () => {
  it('takes it out of the document and nothing else', async () => {
    const client = await ucp.client();
    await client.register({ hostAddress: dtr, caBundle: ca });
    await client.unregister(dtr);
    expect(ucp.toml).toBe(toml);
    await client.unregister(dtr);
  });

  it("refuses the cluster's own DTR", async () => {
    await expect((await ucp.client()).unregister(own)).rejects.toMatchObject({
      code: 'ucp_registration_has_service_id',
    });
    expect(ucp.toml).toBe(toml);
  });
});

describe('when UCP is asked with name and password', () => {
  it('logs in once for all, and out at the end', async () => {
    const client = await ucp.client({ credentials: { username: 'admin', password } });
    await Promise.all([client.version(), client.registries(), client.trustPolicy()]);
    expect(ucp.calls().filter((call) => call.includes('/auth/login'))).toHaveLength(1);
    expect(ucp.sessions.size).toBe(1);
    await client.close();
    expect(ucp.sessions.size).toBe(0);
  });

  it('logs in again, once for all, when the session was pushed out', async () => {
    const client = await ucp.client({ credentials: { username: 'admin', password } });
    await client.version();
    ucp.sessions.clear();
    await Promise.all([client.version(), client.registries(), client.trustPolicy()]);
    expect(ucp.calls().filter((call) => call.includes('/auth/login'))).toHaveLength(2);
  });

  it('does not log in again and again when the new session is not taken either', async () => {
    const client = await ucp.client({ credentials: { username: 'admin', password } });
    ucp.intercept = ({ path }) => (path === '/version' ? { status: 401, body: 'no' } : undefined);
    await expect(client.version()).rejects.toMatchObject({ code: 'ucp_not_authenticated' });
    expect(ucp.calls()).toEqual(['POST /auth/login', 'GET /version', 'POST /auth/login', 'GET /version']);
  });

  it('says that the login was refused, without the password, and does not try it again', async () => {
    const client = await ucp.client({ credentials: { username: 'admin', password: 'wr0ng' } });
    ucp.intercept = ({ path }) =>
      path === '/auth/login' ? { status: 401, body: { message: 'Invalid password wr0ng' } } : undefined;
    const refused = {
      code: 'ucp_login_refused',
      message: `Cluster "cluster2" (${ucp.server.host}): the login of admin was refused: Invalid password [redacted]`,
    };
    await expect(client.version()).rejects.toMatchObject(refused);
    await expect(client.registries()).rejects.toMatchObject(refused);
    expect(ucp.calls()).toEqual(['POST /auth/login']);
  });

  it('tries again after a login that failed for another reason', async () => {
    const client = await ucp.client({ credentials: { username: 'admin', password } });
    ucp.intercept = () => ({ status: 503, body: 'starting' });
    await expect(client.version()).rejects.toMatchObject({ code: 'ucp_unavailable' });
    ucp.intercept = () => undefined;
    expect(await client.version()).toMatchObject({ version: '3.2.5' });
  });
});

describe('when UCP is asked with a client certificate', () => {
  it('needs no session and knows the instance', async () => {
    const client = await ucp.client();
    expect(await client.version()).toEqual({ product: 'ucp', version: '3.2.5', major: 3, minor: 2, patch: 5 });
    expect(await client.instanceId()).toBe('ABC:123');
    expect(ucp.server.requests[0]?.client).toBe('admin');
    expect(ucp.calls()).toEqual(['GET /version']);
  });

  it('says what to do about a certificate that no longer counts', async () => {
    ucp.intercept = () => ({ status: 401, body: { message: 'unauthorized' } });
    await expect((await ucp.client()).version()).rejects.toMatchObject({
      code: 'ucp_not_authenticated',
      cure: expect.stringContaining('made before its certificates were replaced') as string,
    });
  });

  it('wants one or the other', () => {
    expect(() => new UcpClient({ name: 'cluster2', endpoint: 'https://ucp' })).toThrow(
      'Cluster "cluster2" has neither a client bundle nor',
    );
  });
});

describe('when accounts are read', () => {
  const users = Array.from({ length: 25 }, (_, n) => ({ id: `id-${n}`, name: `user${n}`, isAdmin: n === 0 }));
  const page = (url: URL, name: string, items: readonly { id: string }[], size = 10): object => {
    const start = url.searchParams.get('start');
    const from = start === null ? 0 : items.findIndex(({ id }) => id === start);
    return { [name]: items.slice(from, from + size), nextPageStart: items[from + size]?.id ?? '' };
  };

  it.each(['', '/enzi/v0'])('reads every page, under "%s"', async (prefix) => {
    ucp.intercept = ({ url }) =>
      url.pathname === `${prefix}/accounts/` ? { body: page(url, 'accounts', users) } : undefined;
    const client = await ucp.client();
    expect((await client.accounts('users')).map(({ name }) => name)).toEqual(users.map(({ name }) => name));
    await client.accounts('users');
    const starts = ucp.server.requests
      .filter(({ url }) => url.pathname === `${prefix}/accounts/`)
      .map(({ url }) => url.search);
    expect(starts.slice(0, 3)).toEqual([
      '?filter=users&limit=100',
      '?filter=users&limit=100&start=id-10',
      '?filter=users&limit=100&start=id-20',
    ]);
    expect(ucp.calls()).toHaveLength(prefix === '' ? 6 : 7);
  });

  it('follows the header too, and stops at a page that repeats', async () => {
    ucp.intercept = ({ url }) => {
      const next = url.searchParams.get('start') === 'b' ? '' : 'b';
      return { body: { teams: [{ id: 't', name: 'dev', orgID: 'o' }] }, headers: { 'x-next-page-start': next } };
    };
    const client = await ucp.client();
    expect(await client.teams('org')).toHaveLength(2);
    ucp.intercept = () => ({ body: { teams: [], nextPageStart: 'b' } });
    await expect(client.teams('org')).rejects.toMatchObject({ code: 'ucp_unexpected_answer' });
  });

  it('reads teams, members and keys, names encoded', async () => {
    const member = {
      member: { id: 'u1', name: 'John.Doe', fullName: 'John', isOrg: false, isAdmin: false, isActive: true },
      isAdmin: true,
    };
    const key = {
      id: 'k',
      accountID: 'u1',
      publicKey: 'PEM',
      label: 'bundle',
      certificates: [{ label: 'l', cert: 'PEM' }],
    };
    ucp.intercept = ({ path }) =>
      ({
        '/accounts/a%2Fb': { body: { id: 'o', name: 'a/b', isOrg: true } },
        '/accounts/org/teams/dev': { body: { id: 't', name: 'dev', orgID: 'o', description: '', membersCount: 1 } },
        '/accounts/org/teams/dev/members?limit=100': { body: { members: [member] } },
        '/accounts/u1/publicKeys?limit=100': { body: { accountPublicKeys: [key] } },
      })[path];
    const client = await ucp.client();
    expect(await client.account('a/b')).toMatchObject({ id: 'o', isOrg: true, isAdmin: false, isActive: true });
    expect(await client.team('org', 'dev')).toEqual({ id: 't', name: 'dev', orgID: 'o', description: '' });
    expect(await client.teamMembers('org', 'dev')).toEqual([member]);
    expect(await client.publicKeys('u1')).toEqual([key]);
    expect(await client.account('nobody')).toBeUndefined();
    expect(await client.teams('nobody')).toBeUndefined();
  });

  it('takes a list alone for a page, and only a list of what it is asked for', async () => {
    const team = { id: 't', name: 'dev', orgID: 'o', description: '' };
    ucp.intercept = () => ({ body: [team] });
    const client = await ucp.client();
    expect(await client.teams('org')).toEqual([team]);
    ucp.intercept = () => ({ body: [7] });
    await expect(client.teams('org')).rejects.toMatchObject({ code: 'ucp_unexpected_answer' });
  });

  it('says what it expected of an answer', async () => {
    ucp.intercept = () => ({ body: { id: 7 } });
    await expect((await ucp.client()).account('x')).rejects.toMatchObject({
      code: 'ucp_unexpected_answer',
      message: expect.stringContaining(
        'reading account x gave an answer of another shape than expected (at id, name)',
      ) as string,
    });
  });
});

describe('when a version is read', () => {
  it.each([
    ['ucp/3.0.0', 'ucp', '3.0.0', [3, 0, 0]],
    ['ucp/3.3.0-rc1', 'mke', '3.3.0-rc1', [3, 3, 0]],
    ['ucp/3.7.12', 'mke', '3.7.12', [3, 7, 12]],
    ['mke/3.9', 'mke', '3.9', [3, 9, 0]],
    [' UCP/v2.2.4 ', 'ucp', '2.2.4', [2, 2, 4]],
  ])('understands %s', (text, product, version, [major, minor, patch]) => {
    expect(parseVersion(text)).toEqual({ product, version, major, minor, patch });
  });

  it('knows a plain engine, and a UCP that only its components name', async () => {
    const client = await ucp.client();
    ucp.intercept = () => ({ body: { Version: '19.03.5', Components: [{ Name: 'Engine', Version: '19.03.5' }] } });
    expect(await client.version()).toBeUndefined();
    ucp.intercept = () => ({
      body: { Version: '19.03.5', Components: [{ Name: 'Universal Control Plane', Version: '3.2.4' }] },
    });
    expect(await client.version()).toMatchObject({ product: 'ucp', version: '3.2.4' });
  });
});

describe('when the CA of a registration differs', () => {
  it('replaces it', async () => {
    const client = await ucp.client();
    await client.register({ hostAddress: dtr, caBundle: ca });
    expect(await client.register({ hostAddress: dtr, caBundle: otherCa })).toMatchObject({ caBundle: otherCa });
    expect(await client.registries()).toHaveLength(2);
  });
});
