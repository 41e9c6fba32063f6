import { type BaseRole, type KeysAtHand, PrivateKey, type TrustData, type TrustRepository } from '../../../src/notary';
import { HttpError } from '../../../src/http';
import { answer, memoryStore, type Tap, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

interface Begun {
  readonly client: TrustRepository;
  readonly store: ReturnType<typeof memoryStore>;
  readonly before: TrustData;
  /** Another process with the same store. */
  readonly another: () => TrustRepository;
  readonly name: string;
}

/** A repository whose store keeps what it is given, and finds it again. */
async function begin(): Promise<Begun> {
  const name = `admin/rotation${made++}`;
  const rootKey = PrivateKey.generate();
  const store = memoryStore(rootKey);
  const keys: KeysAtHand = {
    find: (id) => Promise.resolve([rootKey, ...store.kept].find((key) => key.canonicalId === id)),
  };
  const another = (): TrustRepository => wire.repository(name, [], { keys });
  const client = another();
  const before = await client.initialise(store);
  wire.forget();
  return { client, store, before, another, name };
}

async function rotate({ client, store }: Begun, ...roles: BaseRole[]): Promise<TrustData> {
  const keys = await client.prepareRotation(store, roles);
  return client.change((draft) => draft.rotate(keys));
}

const roleKeys = ({ trust }: TrustData, role: BaseRole) => trust.root.signed.roles.get(role)?.keyids;
const isPublish = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/');
const publishes = (): number => wire.requests.filter(isPublish).length;

describe('when keys are rotated', () => {
  test.each<[BaseRole, string[]]>([
    ['root', []],
    ['targets', []],
    ['snapshot', ['snapshot.key']],
    ['timestamp', ['timestamp.key']],
  ])('%s: the root names another key, and only for that role', async (role, asked) => {
    const begun = await begin();
    const after = await rotate(begun, role);
    for (const each of ['root', 'targets', 'snapshot', 'timestamp'] as const) {
      const same = String(roleKeys(after, each)) === String(roleKeys(begun.before, each));
      expect([each, same]).toEqual([each, each !== role]);
    }
    expect(after.versions).toMatchObject({ root: 2, targets: role === 'targets' ? 2 : 1 });
    const posted = wire.requests.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/tuf/')[1]);
    expect(posted).toEqual([...asked, '']);
    // somebody who knows the root from before follows
    const { rootKeyIds, versions } = begun.before;
    const stranger = wire.repository(begun.name, []);
    await stranger.read({ expectedRootKeyIds: rootKeyIds, rememberedVersions: versions });
  });

  test('all at once are one publish', async () => {
    const begun = await begin();
    const after = await rotate(begun, 'root', 'targets', 'snapshot', 'timestamp');
    expect([publishes(), after.versions.root]).toEqual([1, 2]);
  });

  test('a root that was rotated several times is followed from the first', async () => {
    const begun = await begin();
    for (let at = 0; at < 3; at++) await rotate(begun, 'root');
    const { rootKeyIds } = begun.before;
    const data = await wire.repository(begun.name, []).read({ expectedRootKeyIds: rootKeyIds });
    expect(data?.versions.root).toBe(4);
    const pinned = wire.repository(begun.name, [], { pins: () => rootKeyIds });
    const now = await pinned.read({ expectedRootKeyIds: data?.rootKeyIds ?? [] });
    expect(now?.versions.root).toBe(4);
  });

  test('new keys are in the store before anything names them', async () => {
    const begun = await begin();
    let kept = 0;
    wire.tap = (request, send) => {
      if (isPublish(request)) kept = begun.store.kept.length;
      return send(request);
    };
    await rotate(begun, 'root', 'targets');
    expect(kept).toBe(3);
  });

  test('the next root key of the store is used where it is not the one in force', async () => {
    const begun = await begin();
    await rotate(begun, 'root');
    const back = await rotate(begun, 'root');
    expect(back.rootKeyIds).toEqual(begun.before.rootKeyIds);
  });
});

describe('when something comes between', () => {
  const lost = (): Promise<never> =>
    Promise.reject(new HttpError('reset', 'dtr.test', 'POST: the connection was closed'));
  const first = (act: Tap): Tap => {
    let left = 1;
    return (request, send) => (isPublish(request) && left-- > 0 ? act(request, send) : send(request));
  };

  test('a reply that is lost is recognised, and no second key is made', async () => {
    const begun = await begin();
    wire.tap = first((request, send) => send(request).then(lost));
    const after = await rotate(begun, 'targets', 'timestamp');
    expect([publishes(), after.versions.root, begun.store.kept.length]).toEqual([1, 2, 2]);
  });

  test('somebody else’s signer, published first, stays', async () => {
    const begun = await begin();
    wire.tap = first(async (request, send) => {
      wire.tap = (each, pass) => pass(each);
      const keys = [PrivateKey.generate().publicKey];
      await wire.repository(begun.name, begun.store.kept).change((draft) => draft.addSigner('bob', keys));
      return send(request);
    });
    const after = await rotate(begun, 'targets');
    expect(after.signers.map(({ name }) => name)).toEqual(['bob']);
    expect(after.trust.targets.validKeyIds).toEqual(roleKeys(after, 'targets'));
  });

  test.each(['targets', 'root'] as const)(
    'somebody else’s rotation of %s, published first, is followed by ours',
    async (role) => {
      const begun = await begin();
      wire.tap = first(async (request, send) => {
        wire.tap = (each, pass) => pass(each);
        await rotate({ ...begun, client: begun.another() }, role);
        return send(request);
      });
      const after = await rotate(begun, role);
      expect(after.versions).toMatchObject({ root: 3, targets: role === 'targets' ? 3 : 1 });
    },
  );

  test('signers who publish in the same group are signed by the new key', async () => {
    const begun = await begin();
    const keys = await begun.client.prepareRotation(begun.store, ['targets']);
    wire.forget();
    const [after] = await Promise.all([
      begun.client.change((draft) => draft.rotate(keys)),
      begun.client.change((draft) => draft.addSigner('alice', [PrivateKey.generate().publicKey])),
    ]);
    expect([publishes(), after.signers.length]).toEqual([1, 1]);
  });
});

describe('when it cannot be', () => {
  test('without the root key nothing is asked of the server and no key is made', async () => {
    const { store, name } = await begin();
    const client = wire.repository(name, store.kept);
    await expect(client.prepareRotation(store, ['targets', 'timestamp'])).rejects.toMatchObject({
      code: 'key_not_at_hand',
      message: expect.stringContaining('the key of targets, timestamp cannot be rotated') as string,
    });
    expect([wire.count('POST'), store.kept.length]).toEqual([0, 1]);
  });

  test('without the snapshot’s key, where a client has it, no key is made unless the server is to have it', async () => {
    const begun = await begin();
    const snapshotKey = PrivateKey.generate();
    begun.store.kept.push(snapshotKey);
    await begun.client.change((draft) => draft.rotate({ snapshot: snapshotKey.publicKey }));
    begun.store.kept.pop();
    const poor = { ...begun, client: begun.another() };
    wire.forget();
    await expect(rotate(poor, 'targets', 'timestamp')).rejects.toMatchObject({ code: 'snapshot_key_not_at_hand' });
    expect([wire.count('POST'), begun.store.kept.length]).toEqual([0, 1]);
    expect((await rotate(poor, 'targets', 'snapshot')).snapshotManagedBy).toBe('server');
  });

  test.each<['snapshot' | 'timestamp', number, string]>([
    ['snapshot', 401, 'unauthorised'],
    ['timestamp', 401, 'unauthorised'],
    ['timestamp', 403, 'forbidden'],
  ])('a server that does not give the scope * for %s (%s) is told as such', async (role, status, code) => {
    const begun = await begin();
    wire.tap = async (request, send) =>
      request.path.endsWith('.key') && request.method === 'POST'
        ? answer(await send({ method: 'GET', path: '/' }), status, { code: 'UNAUTHORIZED' })
        : send(request);
    await expect(rotate(begun, 'targets', role)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(
        new RegExp(`not allowed to rotate the ${role} key of dtr\\.test/.*scope "\\*".*said by the test`),
      ) as string,
      cure: expect.stringContaining('administrator of the repository') as string,
    });
    // not even a key that nobody will name
    expect([publishes(), begun.store.kept.length]).toEqual([0, 1]);
  });

  test('a repository without trust data has no keys', async () => {
    const store = memoryStore();
    const rotation = wire.repository(`admin/rotation${made++}`, []).prepareRotation(store, ['root', 'targets']);
    await expect(rotation).rejects.toMatchObject({ code: 'no_trust_data' });
    expect(store.kept).toEqual([]);
  });
});
