import { X509Certificate } from 'node:crypto';
import { zipClientBundle } from '../../../src/sandbox/ucp';
import { RunningCluster } from './running-cluster';

let running: RunningCluster;

beforeAll(async () => {
  running = await RunningCluster.start();
});

afterAll(() => running.close());

describe('when a user logs in with a password', () => {
  test('the session is theirs until they log out', async () => {
    const token = await running.login('anna');
    expect((await running.call('GET', '/id/', { token })).json()).toMatchObject({ name: 'anna', isAdmin: false });
    expect((await running.call('POST', '/id/logout', { token })).status).toBe(204);
    expect((await running.call('GET', '/id/', { token })).status).toBe(401);
  });

  test.each([
    ['a wrong password', { username: 'anna', password: 'wrong' }, 401, 'UNAUTHORIZED'],
    ['an unknown user', { username: 'nobody', password: '' }, 401, 'UNAUTHORIZED'],
    ['an organisation', { username: 'docker-datacenter', password: '' }, 401, 'UNAUTHORIZED'],
    ['no password', { username: 'anna' }, 400, 'INVALID_JSON'],
  ])('%s is refused', async (_, body, status, code) => {
    const reply = await running.call('POST', '/auth/login', { body });
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({ code });
  });

  test('the eleventh session ends the least recently used', async () => {
    const tokens: string[] = [];
    for (let count = 0; count < 11; count += 1) tokens.push(await running.login('ben'));
    const statuses = await Promise.all(
      tokens.map(async (token) => (await running.call('GET', '/id/', { token })).status),
    );
    expect(statuses).toEqual([401, ...Array<number>(10).fill(200)]);
  });

  test('an account that is switched off is out at once', async () => {
    const token = await running.login('ben');
    await running.call('PATCH', '/accounts/ben', { bundle: running.admin, body: { isActive: false } });
    expect((await running.call('GET', '/id/', { token })).status).toBe(401);
    await running.call('PATCH', '/accounts/ben', { bundle: running.admin, body: { isActive: true } });
  });
});

describe('when a user comes with a client bundle', () => {
  test('the certificate says cluster and user', () => {
    const { subject, issuer } = new X509Certificate(running.anna.get('cert.pem')!);
    expect(subject).toBe(`O=Orca: ${running.cluster.instanceId}\nOU=Client\nCN=anna`);
    expect(issuer).toBe('CN=swarm-ca');
  });

  test('they are signed in, and the log knows who it was', async () => {
    running.cluster.endpoint.requests.clear();
    expect((await running.call('GET', '/id', { bundle: running.anna })).json()).toMatchObject({ name: 'anna' });
    expect(running.cluster.endpoint.requests.list()).toMatchObject([{ method: 'GET', path: '/id', user: 'anna' }]);
  });

  test('removing the key from the account ends the bundle', async () => {
    const bundle = await running.cluster.issueBundle('anna');
    const user = running.cluster.accounts.find('anna')!;
    const key = user.publicKeys.find(({ publicKey }) => publicKey === bundle.get('cert.pub'))!;
    expect((await running.call('DELETE', `/accounts/anna/publicKeys/${key.id}`, { bundle })).status).toBe(204);
    expect((await running.call('GET', '/id/', { bundle })).status).toBe(401);
  });

  test('a bundle of another cluster is not let in', async () => {
    const other = await RunningCluster.start();
    try {
      await expect(running.call('GET', '/id/', { bundle: other.anna })).rejects.toThrow();
    } finally {
      await other.close();
    }
  });
});

describe('when a client bundle is downloaded', () => {
  test('each one is a new key pair and a new public key of the account', async () => {
    const before = running.cluster.accounts.find('anna')!.publicKeys.length;
    const reply = await running.call('POST', '/api/clientbundle?label=ci', { bundle: running.anna });
    expect(reply.headers['content-type']).toBe('application/zip');
    expect(reply.body.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    await running.call('GET', '/api/clientbundle', { bundle: running.anna });
    const keys = running.cluster.accounts.find('anna')!.publicKeys;
    expect(keys.length).toBe(before + 2);
    expect(keys.at(-2)!.label).toBe('ci');
    expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
  });

  test('it has the files of UCP 3.2 and the zip carries its comment', async () => {
    expect([...running.admin.keys()]).toEqual([
      'ca.pem',
      'cert.pem',
      'key.pem',
      'cert.pub',
      'env.sh',
      'env.cmd',
      'env.ps1',
      'kube.yml',
      'meta.json',
      'tls/docker/ca.pem',
      'tls/docker/cert.pem',
      'tls/docker/key.pem',
      'tls/kubernetes/ca.pem',
      'tls/kubernetes/cert.pem',
      'tls/kubernetes/key.pem',
    ]);
    expect(running.admin.get('cert.pub')).toMatch(/-----END PUBLIC KEY-----$/);
    expect(running.admin.get('env.sh')).toContain(`export DOCKER_HOST=tcp://${running.cluster.endpoint.host}\n`);
    const zip = await zipClientBundle(running.admin, 'bundle-id');
    expect(zip.subarray(-9).toString('latin1')).toBe('bundle-id');
  });
});

test('what asks for a sign-in says so in its own words', async () => {
  expect((await running.call('GET', '/accounts/')).json()).toMatchObject({ errors: [{ code: 'NOT_AUTHENTICATED' }] });
  expect((await running.call('GET', '/version')).json()).toEqual({ message: 'unauthorized' });
  expect((await running.call('GET', '/_ping')).status).toBe(200);
});
