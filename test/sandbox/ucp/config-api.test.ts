import { RunningCluster } from './running-cluster';

let running: RunningCluster;

beforeEach(async () => {
  running = await RunningCluster.start({
    registrations: [
      { hostAddress: 'own.example.com', serviceID: 'sso-client', caBundle: 'OWN\n', batchScanningDataEnabled: true },
    ],
  });
});

afterEach(() => running.close());

async function document(): Promise<string> {
  return (await running.call('GET', '/api/ucp/config-toml', { bundle: running.admin })).text;
}

async function registries(): Promise<unknown> {
  const reply = await running.call('GET', '/api/ucp/config/dtr', { bundle: running.admin });
  return (reply.json() as { registries: unknown }).registries;
}

describe('when the whole file is put', () => {
  test('it is kept byte for byte and the last writer wins', async () => {
    const text = `# a comment\r\n${(await document()).replaceAll('\n', '\r\n')}`;
    const reply = await running.call('PUT', '/api/ucp/config-toml', { bundle: running.admin, body: text });
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({ message: 'Config settings updated' });
    expect(await document()).toBe(text);
  });

  test('what a strict parser rejects changes nothing and does not come back', async () => {
    const before = await document();
    const body = '// Example\n[auth]\nsecret = "hidden"\n';
    const reply = await running.call('PUT', '/api/ucp/config-toml', { bundle: running.admin, body });
    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain('hidden');
    expect(await document()).toBe(before);
  });

  test.each(['GET', 'PUT'])('%s is for admins only', async (method) => {
    const reply = await running.call(method, '/api/ucp/config-toml', { bundle: running.anna, body: '' });
    expect(reply.status).toBe(403);
    expect(reply.json()).toEqual({ message: 'access denied' });
  });
});

describe('when a registry is registered', () => {
  test('the documented request says nothing and adds an entry', async () => {
    const reply = await running.call('POST', '/api/config/trustedregistry_', {
      bundle: running.admin,
      body: { hostAddress: 'dtr.example.com:4443', caBundle: 'PEM\n' },
    });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(await registries()).toEqual([
      { hostAddress: 'own.example.com', serviceID: 'sso-client', caBundle: 'OWN\n', batchScanningDataEnabled: true },
      { hostAddress: 'dtr.example.com:4443', serviceID: '', caBundle: 'PEM\n', batchScanningDataEnabled: false },
    ]);
    expect(await document()).toContain('host_address = "dtr.example.com:4443"');
  });

  test('posting two fields for the cluster’s own DTR blanks its single sign-on', async () => {
    await running.call('POST', '/api/config/trustedregistry_', {
      bundle: running.admin,
      body: { hostAddress: 'own.example.com', caBundle: 'NEW\n' },
    });
    expect(await registries()).toEqual([
      { hostAddress: 'own.example.com', serviceID: '', caBundle: 'NEW\n', batchScanningDataEnabled: false },
    ]);
  });

  test('the JSON view takes all four fields', async () => {
    const entry = { hostAddress: 'own.example.com', serviceID: 's', caBundle: 'x', batchScanningDataEnabled: true };
    await running.call('POST', '/api/ucp/config/dtr', { bundle: running.admin, body: entry });
    expect(await registries()).toEqual([entry]);
  });

  test.each([{}, { hostAddress: '' }, 'not JSON'])('%j is refused', async (body) => {
    const reply = await running.call('POST', '/api/config/trustedregistry_', { bundle: running.admin, body });
    expect(reply.status).toBe(400);
    expect(await registries()).toHaveLength(1);
  });
});

test('session limits are read from the file', async () => {
  const text = (await document()).replace('per_user_limit = 10', 'per_user_limit = 1');
  await running.call('PUT', '/api/ucp/config-toml', { bundle: running.admin, body: text });
  const first = await running.login('anna');
  await running.login('anna');
  expect((await running.call('GET', '/id/', { token: first })).status).toBe(401);
});
