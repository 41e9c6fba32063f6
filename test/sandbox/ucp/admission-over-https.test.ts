import { request } from 'node:https';
import { Authority } from '../../../src/sandbox/authority';
import { Dtr } from '../../../src/sandbox/dtr';
import { makeKey } from '../../contract/handmade';
import { HandmadeRepository } from '../../contract/repository';
import { type Answer, RunningCluster } from './running-cluster';
import { bundleKey, publishSigned } from './signing';

const digest = 'd'.repeat(64);
const policyRefusal = 'image did not meet required signing policy';
let now = new Date();
let authority: Authority;
let dtr: Dtr;
let running: RunningCluster;

beforeAll(async () => {
  authority = await Authority.create('sandbox CA');
  const users = {
    signer: { password: 'signer password', admin: true },
    reader: { password: 'reader password', rights: { 'admin/*': 'read-only' as const } },
  };
  dtr = await Dtr.start({ authority, users });
  running = await RunningCluster.start({
    authority,
    clock: { now: () => now },
    requireContentTrust: true,
    readingAccounts: { [dtr.hostAddress]: { username: 'reader', password: 'reader password' } },
  });
  await register(authority.certificate);
});

afterAll(async () => {
  await running.close();
  await dtr.close();
});

beforeEach(() => {
  now = new Date();
});

async function register(caBundle: string): Promise<void> {
  await running.call('POST', '/api/config/trustedregistry_', {
    bundle: running.admin,
    body: { hostAddress: dtr.hostAddress, caBundle },
  });
}

async function requireTeams(...teams: string[]): Promise<void> {
  const text = running.cluster.config.replace(
    /require_signature_from = .*/,
    `require_signature_from = ${JSON.stringify(teams)}`,
  );
  await running.cluster.setConfig(text);
}

function create(image: string): Promise<Answer> {
  const body = { TaskTemplate: { ContainerSpec: { Image: image } } };
  return running.call('POST', '/v1.40/services/create', { bundle: running.anna, body });
}

async function outcome(image: string): Promise<string> {
  const reply = await create(image);
  return reply.status === 201 ? 'admitted' : (reply.json() as { message: string }).message;
}

/** A repository on the sandbox's DTR, made by hand with nothing of the product's Notary client. */
async function repository(name: string): Promise<HandmadeRepository> {
  const authorization = async (scope: string): Promise<string> => {
    const basic = Buffer.from('signer:signer password').toString('base64');
    const { token } = await tokenFor(scope, basic);
    return `Bearer ${token}`;
  };
  const server = {
    url: dtr.endpoint.origin,
    caBundle: authority.certificate,
    hostAddress: dtr.hostAddress,
    authorization,
    close: () => Promise.resolve(),
  };
  return HandmadeRepository.create(server, name);
}

function tokenFor(scope: string, basic: string): Promise<{ token: string }> {
  const path = `/auth/token?service=${dtr.hostAddress}&scope=${encodeURIComponent(scope)}`;
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Basic ${basic}` };
    request(`${dtr.endpoint.origin}${path}`, { headers, ca: authority.certificate, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(JSON.parse(Buffer.concat(chunks).toString()) as { token: string });
      });
    })
      .on('error', reject)
      .end();
  });
}

test('an image of a user in the required team is admitted, whatever the delegation is called', async () => {
  const made = await repository('admin/signed');
  const anna = bundleKey(running.anna);
  await publishSigned(
    made,
    2,
    { somebody: anna, releases: anna },
    { somebody: { tags: { '1': digest }, keys: [anna] }, releases: { tags: { '1': digest }, keys: [anna] } },
  );
  await requireTeams('docker-datacenter/release');
  expect(await outcome(`${made.gun}:1`)).toBe('admitted');
  expect(await outcome(`${made.gun}:2`)).toBe(`image or trust data does not exist for ${made.gun}:2`);
  await requireTeams('docker-datacenter/release', 'docker-datacenter/qa');
  expect(await outcome(`${made.gun}:1`)).toBe(`${policyRefusal}\n${made.gun}:1: ${policyRefusal}`);
  await requireTeams();
  expect(await outcome(`${made.gun}:1`)).toBe('admitted');
});

test('a signature by a key of nobody here is not enough, and neither is targets/releases', async () => {
  const made = await repository('admin/stranger');
  const [stranger, anna] = [makeKey(), bundleKey(running.anna)];
  await publishSigned(
    made,
    2,
    { stranger, releases: anna },
    { stranger: { tags: { '1': digest }, keys: [stranger] }, releases: { tags: { '1': digest }, keys: [anna] } },
  );
  await requireTeams();
  expect(await outcome(`${made.gun}:1`)).toContain(policyRefusal);
  running.cluster.readings = { ...running.cluster.readings, noTeam: 'any-signature' };
  expect(await outcome(`${made.gun}:1`)).toBe('admitted');
  running.cluster.readings = { ...running.cluster.readings, noTeam: 'any-ucp-user' };
});

test('a delegation that has run out says nothing', async () => {
  const made = await repository('admin/ageing');
  const anna = bundleKey(running.anna);
  await publishSigned(made, 2, { anna }, { anna: { tags: { '1': digest }, keys: [anna], expiresInDays: 2 } });
  await requireTeams();
  expect(await outcome(`${made.gun}:1`)).toBe('admitted');
  now = new Date(Date.now() + 3 * 86_400_000);
  expect(await outcome(`${made.gun}:1`)).toBe(`image or trust data does not exist for ${made.gun}:1`);
});

test('a key that leaves the user’s account no longer counts', async () => {
  const made = await repository('admin/leaver');
  const bundle = await running.cluster.issueBundle('anna');
  const key = bundleKey(bundle);
  await publishSigned(made, 2, { anna: key }, { anna: { tags: { '1': digest }, keys: [key] } });
  await requireTeams();
  expect(await outcome(`${made.gun}:1`)).toBe('admitted');
  const anna = running.cluster.accounts.find('anna')!;
  anna.publicKeys = anna.publicKeys.filter(({ publicKey }) => publicKey !== bundle.get('cert.pub'));
  expect(await outcome(`${made.gun}:1`)).toContain(policyRefusal);
});

describe('when the registration is wrong', () => {
  afterAll(() => register(authority.certificate));

  test('another CA keeps every image out, and the reason is told beside UCP’s words', async () => {
    const made = await repository('admin/elsewhere');
    const anna = bundleKey(running.anna);
    await publishSigned(made, 2, { anna }, { anna: { tags: { '1': digest }, keys: [anna] } });
    await requireTeams();
    expect(await outcome(`${made.gun}:1`)).toBe('admitted');
    const other = await Authority.create('another CA');
    await register(other.certificate);
    const reply = await create(`${made.gun}:1`);
    expect(reply.json()).toEqual({ message: `image or trust data does not exist for ${made.gun}:1` });
    expect(reply.headers['x-sandbox-reason']).toMatch(/^no_trust_data: localhost:\d+: .*(?:signature|certificate)/);
  });

  test('a registry that is not registered is named', async () => {
    expect(await outcome('other.example.com/a/b:1')).toBe('other.example.com must be a registered trusted registry');
  });
});

test.each([
  ['a service', 'POST', '/services/create', { TaskTemplate: { ContainerSpec: { Image: 'httpd' } } }],
  ['a container', 'POST', '/containers/create?name=web', { Image: 'httpd' }],
  ['a pull', 'POST', '/v1.30/images/create?fromImage=httpd&tag=latest', undefined],
])('%s of Docker Hub is refused like any other', async (_, method, path, body) => {
  const reply = await running.call(method, path, { bundle: running.anna, body });
  expect(reply.json()).toEqual({ message: `${policyRefusal}\nhttpd:latest: ${policyRefusal}` });
  expect(reply.headers['content-type']).toBe('application/json');
});

test('an update to an image that may not run is refused and changes nothing', async () => {
  const off = running.cluster.config;
  await running.cluster.setConfig(off.replace('require_content_trust = true', 'require_content_trust = false'));
  const { ID } = (await create('httpd')).json() as { ID: string };
  await running.cluster.setConfig(off);
  const service = await running.call('GET', `/services/${ID}`, { bundle: running.anna });
  const { Version, Spec } = service.json() as { Version: { Index: number }; Spec: object };
  const body = { ...Spec, TaskTemplate: { ContainerSpec: { Image: 'nginx' } } };
  const path = `/services/${ID}/update?version=${String(Version.Index)}`;
  expect((await running.call('POST', path, { bundle: running.anna, body })).text).toContain(policyRefusal);
  expect((await running.call('GET', `/services/${ID}`, { bundle: running.anna })).text).toBe(service.text);
});
