import { decodeJwt } from 'jose';
import { basic } from '../client';
import { type DtrUnderTest, passwords, push, startDtr } from './a-dtr';

let dtr: DtrUnderTest;
let now = new Date();

beforeAll(async () => {
  dtr = await startDtr({ clock: { now: () => now } });
});
afterAll(() => dtr.dtr.close());

const root = (): string => `/v2/${dtr.dtr.hostAddress}/admin/demo/_trust/tuf/root.json`;
const gun = (): string => `${dtr.dtr.hostAddress}/admin/demo`;

describe('when nobody has logged in', () => {
  it('challenges with realm, service and the scope that is needed', async () => {
    const reply = await dtr.call(root());
    expect(reply.status).toBe(401);
    const host = dtr.dtr.hostAddress;
    expect(reply.headers['www-authenticate']).toBe(
      `Bearer realm="https://${host}/auth/token",service="${host}",scope="repository:${gun()}:pull"`,
    );
    expect((await dtr.call('/v2/')).headers['www-authenticate']).toMatch(/^Bearer realm=/);
  });

  it('leaves /ca, /_ping and /health open', async () => {
    expect((await dtr.call('/ca')).body).toBe(dtr.authority.certificate);
    expect(JSON.parse((await dtr.call('/_ping')).body)).toEqual({ Error: '', Healthy: true });
    expect(JSON.parse((await dtr.call('/health')).body)).toEqual({ error: '', healthy: true });
  });
});

describe('when a token is asked for', () => {
  it('has the claims of docker’s token authentication', async () => {
    const claims = decodeJwt(await dtr.token(`repository:${gun()}:pull,push`, 'admin'));
    expect(claims).toMatchObject({
      iss: dtr.dtr.hostAddress,
      aud: dtr.dtr.hostAddress,
      sub: 'admin',
      access: [{ type: 'repository', name: gun(), actions: ['pull', 'push'] }],
    });
  });

  it('comes back without access too, and then does not help', async () => {
    const token = await dtr.token(`repository:${gun()}:pull`, 'writer');
    expect(decodeJwt(token)['access']).toEqual([]);
    const reply = await dtr.call(root(), { headers: { authorization: `Bearer ${token}` } });
    expect([reply.status, reply.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('error="insufficient_scope"'),
    ]);
  });

  it('grants what a right allows and no more', async () => {
    const actions = async (scope: string, user: 'reader' | 'writer'): Promise<unknown> =>
      decodeJwt(await dtr.token(scope, user))['access'];
    expect(await actions('repository:admin/demo:pull,push', 'reader')).toMatchObject([{ actions: ['pull'] }]);
    expect(await actions('repository:team/app:pull,push,*', 'writer')).toMatchObject([{ actions: ['pull', 'push'] }]);
    expect(await actions('registry:catalog:*', 'writer')).toEqual([]);
    expect(await actions('nonsense', 'writer')).toEqual([]);
  });

  it.each([
    ['wrong password', basic('admin', 'wrong')],
    ['unknown user', basic('nobody', 'secret')],
    ['a name of every object', basic('constructor', 'secret')],
    ['not Basic', 'Bearer x'],
  ])('is refused with a %s', async (_case, authorization) => {
    expect((await dtr.call('/auth/token', { headers: { authorization } })).status).toBe(401);
  });

  it('takes the OAuth2 form, and its refresh token later', async () => {
    const form = { grant_type: 'password', username: 'admin', password: passwords.admin, access_type: 'offline' };
    const post = async (fields: Record<string, string>): Promise<{ status: number; refresh_token?: string }> => {
      const reply = await dtr.call('/auth/token', { method: 'POST' }, new URLSearchParams(fields).toString());
      return { status: reply.status, ...(JSON.parse(reply.body) as object) };
    };
    const first = await post(form);
    const second = await post({ grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect((await post({ ...form, password: 'wrong' })).status).toBe(401);
    expect((await post({ grant_type: 'refresh_token', refresh_token: 'wrong' })).status).toBe(401);
  });
});

describe('when a token is used', () => {
  it('needs the whole GUN in its scope for Notary', async () => {
    expect((await dtr.as('admin', 'repository:admin/demo:pull', 'GET', root())).status).toBe(401);
    expect((await dtr.as('admin', `repository:${gun()}:pull`, 'GET', root())).status).toBe(404);
    expect((await dtr.as('admin', `repository:${gun()}:*`, 'GET', root())).status).toBe(404);
  });

  it.each([
    ['GET', 'timestamp.key', 'push', 401],
    ['GET', 'timestamp.key', 'pull,push', 200],
    ['POST', 'timestamp.key', 'pull,push', 401],
    ['POST', 'timestamp.key', '*', 200],
    ['POST', '', 'pull,push', 400],
    ['POST', '', 'pull', 401],
    ['DELETE', '', 'pull,push', 401],
    ['DELETE', '', '*', 200],
  ])('%s %s with %s is %d', async (method, path, actions, status) => {
    const url = `/v2/${gun()}/_trust/tuf/${path}`;
    expect((await dtr.as('admin', `repository:${gun()}:${actions}`, method, url)).status).toBe(status);
  });

  it('is of no use as junk or after its time', async () => {
    const token = await dtr.token(`repository:${gun()}:pull`, 'admin');
    const reply = await dtr.call(root(), { headers: { authorization: 'Bearer junk' } });
    expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
    now = new Date(now.getTime() + 301_000);
    expect((await dtr.call(root(), { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  it('shows in the log as its user, never as a token', async () => {
    dtr.dtr.endpoint.requests.clear();
    await dtr.as('admin', `repository:${gun()}:pull`, 'GET', root());
    expect(dtr.dtr.endpoint.requests.list().map(({ user }) => user)).toEqual(['admin', 'admin']);
    expect(JSON.stringify(dtr.dtr.endpoint.requests.list())).not.toMatch(/eyJ|secret-of/);
  });
});

describe('when a repository is public', () => {
  it('lets everybody pull', async () => {
    const open = await startDtr({ visibility: 'public' });
    try {
      await push(open, 'admin/open', '1', 'layer');
      const token = await open.token('repository:admin/open:pull,push');
      expect(decodeJwt(token)['access']).toMatchObject([{ actions: ['pull'] }]);
    } finally {
      await open.dtr.close();
    }
  });
});
