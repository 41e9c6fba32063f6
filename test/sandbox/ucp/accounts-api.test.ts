import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { RunningCluster } from './running-cluster';

let running: RunningCluster;

beforeAll(async () => {
  running = await RunningCluster.start();
});

afterAll(() => running.close());

const org = '/accounts/docker-datacenter';

async function get<T = unknown>(path: string): Promise<T> {
  return (await running.call('GET', path, { bundle: running.admin })).json() as T;
}

async function status(method: string, path: string, body?: unknown): Promise<number> {
  return (await running.call(method, path, { bundle: running.admin, body })).status;
}

test('a member that is no member is refused with 400, as a team is', async () => {
  await status('POST', `${org}/teams`, { name: 'odd' });
  expect(await status('PUT', `${org}/teams/odd/members/admin`, { isAdmin: 'yes' })).toBe(400);
  expect(await status('POST', `${org}/teams`, { name: 1 })).toBe(400);
  await status('DELETE', `${org}/teams/odd`);
});

describe('when lists are long', () => {
  interface Listing {
    readonly accounts: readonly { readonly name: string }[];
    readonly nextPageStart: string;
    readonly resourceCount: number;
  }

  test('a page has ten entries and says where the next one starts', async () => {
    for (let count = 10; count < 25; count += 1) await status('POST', '/accounts/', { name: `page${String(count)}` });
    const names: string[] = [];
    const sizes: number[] = [];
    let start = '';
    do {
      const page = await get<Listing>(`/accounts/?contains=page&start=${start}`);
      names.push(...page.accounts.map(({ name }) => name));
      sizes.push(page.accounts.length);
      start = page.nextPageStart;
    } while (start !== '');
    expect(sizes).toEqual([10, 5]);
    expect(names).toEqual(Array.from({ length: 15 }, (_, index) => `page${String(index + 10)}`));
    for (const name of names) await status('DELETE', `/accounts/${name}`);
  });

  test('limit and filter are kept', async () => {
    const page = await get<Listing>('/enzi/v0/accounts/?filter=users&limit=2');
    expect(page.accounts.map(({ name }) => name)).toEqual(['admin', 'anna']);
    expect(page).toMatchObject({ nextPageStart: 'ben', resourceCount: 3 });
  });

  test('members come by ten in the order of their IDs', async () => {
    await status('POST', `${org}/teams`, { name: 'crowd' });
    for (let count = 0; count < 12; count += 1) {
      await status('POST', '/accounts/', { name: `member${String(count)}` });
      await status('PUT', `${org}/teams/crowd/members/member${String(count)}`, { isAdmin: false });
    }
    interface Members {
      readonly members: readonly { readonly member: { readonly id: string } }[];
      readonly nextPageStart: string;
    }
    const first = await get<Members>(`${org}/teams/crowd/members`);
    const second = await get<Members>(`${org}/teams/crowd/members?start=${first.nextPageStart}`);
    const ids = [...first.members, ...second.members].map(({ member }) => member.id);
    expect(first.members.length).toBe(10);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids.length).toBe(12);
  });
});

describe('when teams are asked for', () => {
  test('names and IDs serve alike', async () => {
    const team = await get<{ id: string; orgID: string }>(`${org}/teams/release`);
    expect(await get(`/accounts/${team.orgID}/teams/${team.id}`)).toEqual(team);
    expect(team).toMatchObject({ name: 'release', membersCount: 1 });
  });

  test('the teams of one user are listed', async () => {
    const reply = await get(`${org}/members/anna/teams`);
    expect(reply).toMatchObject({ memberTeams: [{ team: { name: 'release' }, isAdmin: false }] });
  });

  test('a member is added, seen and removed', async () => {
    const member = `${org}/teams/qa/members/ben`;
    expect(await status('GET', member)).toBe(404);
    expect(await status('PUT', member, { isAdmin: true })).toBe(200);
    expect(await get(member)).toMatchObject({ member: { name: 'ben' }, isAdmin: true });
    expect(await status('DELETE', member)).toBe(204);
    expect(await status('GET', member)).toBe(404);
  });

  test('a team can be renamed and removed', async () => {
    expect(await status('POST', `${org}/teams`, { name: 'old' })).toBe(201);
    expect(await status('POST', `${org}/teams`, { name: 'old' })).toBe(409);
    expect(await status('PATCH', `${org}/teams/old`, { name: 'new' })).toBe(200);
    expect(await status('DELETE', `${org}/teams/new`)).toBe(204);
    expect(await status('GET', `${org}/teams/old`)).toBe(404);
  });
});

describe('when public keys are managed', () => {
  test('a key made elsewhere can be attached, and its ID is the hash of its DER', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const id = createHash('sha256')
      .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
      .digest('hex');
    const added = await running.call('POST', '/accounts/ben/publicKeys', {
      token: await running.login('ben'),
      body: { publicKey: pem, label: 'hsm' },
    });
    expect(added.status).toBe(201);
    expect(added.json()).toMatchObject({ id, publicKey: pem, label: 'hsm', certificates: [] });
    expect(await get('/accounts/ben/publicKeys')).toMatchObject({ accountPublicKeys: [{ id }], nextPageStart: '' });
  });

  test('a PEM that is no key is refused', async () => {
    expect(await status('POST', '/accounts/ben/publicKeys', { publicKey: 'no PEM' })).toBe(400);
  });

  test('another user’s keys are for admins only', async () => {
    const reply = await running.call('GET', '/accounts/admin/publicKeys', { bundle: running.anna });
    expect(reply.status).toBe(403);
    expect(reply.json()).toMatchObject({ errors: [{ code: 'NOT_AUTHORIZED' }] });
  });
});

test('nothing of an account’s secrets is shown', async () => {
  expect((await running.call('GET', '/accounts/anna', { bundle: running.admin })).text).not.toMatch(
    /password|PUBLIC KEY/,
  );
});

test('what is not there is told in eNZi’s words', async () => {
  const reply = await running.call('GET', '/accounts/nobody', { bundle: running.admin });
  expect(reply.status).toBe(404);
  expect(reply.json()).toMatchObject({ errors: [{ code: 'NO_SUCH_ACCOUNT' }] });
});
