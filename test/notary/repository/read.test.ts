import { PrivateKey, TrustData } from '../../../src/notary';
import { answer, memoryStore, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

const name = (): string => `admin/read${made++}`;
const image = { sha256: '1'.repeat(64), length: 100 };

describe('when a repository is read', () => {
  test('without trust data it is undefined', async () => {
    await expect(wire.repository(name(), []).read()).resolves.toBeUndefined();
  });

  test('a 404 that is not Notary’s is a wrong address, not a repository without trust data', async () => {
    wire.tap = async (_request, send) => {
      const page = '404 page not found\n';
      const response = await send({ method: 'GET', path: '/' });
      return {
        ...response,
        status: 404,
        bytes: Buffer.from(page),
        text: () => page,
        json: () => JSON.parse(page) as unknown,
      };
    };
    await expect(wire.repository(name(), []).read()).rejects.toMatchObject({ code: 'not_a_notary_server' });
  });

  test('it tells who may sign and who signed', async () => {
    const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];
    const repository = name();
    const store = memoryStore();
    await wire.repository(repository, []).initialise(store);
    const client = wire.repository(repository, [...store.kept, alice, bob]);
    await client.change(async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('bob', [bob.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    const data = await wire.repository(repository, []).read();
    expect(data).toMatchObject({
      gun: `dtr.test/${repository}`,
      rootKeyIds: [(await store.rootKey()).canonicalId],
      targetsKeyId: store.kept[0]?.canonicalId,
      snapshotManagedBy: 'server',
      isBlank: false,
      tags: ['v1'],
    });
    expect(data?.signatures('v1')).toEqual([
      { signer: 'alice', ...image, keyIds: [alice.canonicalId], isReleased: true },
    ]);
    expect([data?.releasedTarget('v1'), data?.ownTarget('v1')]).toEqual([image, undefined]);
    expect(data?.versions).toMatchObject({ root: 1, targets: 2, 'targets/alice': 1, 'targets/releases': 1 });
    expect([...(data?.expiries.keys() ?? [])].sort()).toEqual([
      'root',
      'snapshot',
      'targets',
      'targets/alice',
      'targets/releases',
      'timestamp',
    ]);
  });

  test('it tells apart what the repository’s own key signed', async () => {
    const repository = name();
    const data = await wire.repository(repository, []).initialise(memoryStore());
    const { trust } = data;
    const hashes = new Map([['sha256', Buffer.from(image.sha256, 'hex').toString('base64')]]);
    const targets = new Map([['v1', { hashes, length: image.length }]]);
    const signed = { ...trust.targets.signed, targets };
    const own = new TrustData({ ...trust, targets: { ...trust.targets, signed } }, 'server');
    expect([own.tags, own.ownTarget('v1'), own.releasedTarget('v1')]).toEqual([['v1'], image, undefined]);
  });

  test('files that are known under their hash are not fetched again', async () => {
    const repository = name();
    await wire.repository(repository, []).initialise(memoryStore());
    const client = wire.repository(repository, []);
    await client.read();
    wire.forget();
    await client.read();
    expect(wire.requests.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).sort()).toEqual([
      'root.json',
      'timestamp.json',
    ]);
  });

  test('a root other than the expected one is an error', async () => {
    const repository = name();
    const store = memoryStore();
    await wire.repository(repository, []).initialise(store);
    const client = wire.repository(repository, store.kept);
    const rootKeyId = (await store.rootKey()).canonicalId;
    await expect(client.read({ expectedRootKeyIds: [rootKeyId] })).resolves.toBeDefined();
    const wrong = { expectedRootKeyIds: ['0'.repeat(64)] };
    await expect(client.read(wrong)).rejects.toMatchObject({ code: 'unpinned_root' });
    const change = client.change((draft) => draft.removeSigner('x'), wrong);
    await expect(change).rejects.toMatchObject({ code: 'unpinned_root' });
    const pinned = wire.repository(repository, [], { pins: () => ['0'.repeat(64)] });
    await expect(pinned.read()).rejects.toMatchObject({ code: 'unpinned_root' });
  });

  test('the pins hold beside what is expected: neither stands in for the other', async () => {
    const repository = name();
    const store = memoryStore();
    await wire.repository(repository, []).initialise(store);
    const { canonicalId } = await store.rootKey();
    const as = (pin: string) => wire.repository(repository, store.kept, { pins: () => [pin] });
    const other = '0'.repeat(64);
    for (const [pin, expectedRootKeyIds] of [
      [other, [canonicalId]],
      [canonicalId, [other]],
    ] as const) {
      await expect(as(pin).read({ expectedRootKeyIds })).rejects.toMatchObject({ code: 'unpinned_root' });
      const change = as(pin).change((draft) => draft.removeSigner('x'), { expectedRootKeyIds });
      await expect(change).rejects.toMatchObject({ code: 'unpinned_root' });
    }
    await expect(as(canonicalId).read({ expectedRootKeyIds: [canonicalId] })).resolves.toBeDefined();
  });

  test('older versions than remembered are an error', async () => {
    const repository = name();
    await wire.repository(repository, []).initialise(memoryStore());
    const read = wire.repository(repository, []).read({ rememberedVersions: { targets: 7 } });
    await expect(read).rejects.toMatchObject({ code: 'version_rollback' });
  });

  test('a passing mismatch of files is read again', async () => {
    const repository = name();
    await wire.repository(repository, []).initialise(memoryStore());
    let stale = 1;
    wire.tap = async (request, send) => {
      const response = await send(request);
      return /\/snapshot\.[0-9a-f]{64}\.json$/.test(request.path) && stale-- > 0
        ? { ...response, bytes: Buffer.concat([response.bytes, Buffer.from(' ')]) }
        : response;
    };
    await expect(wire.repository(repository, []).read()).resolves.toMatchObject({ isBlank: true });
  });

  test('tampered bytes are an error', async () => {
    const repository = name();
    await wire.repository(repository, []).initialise(memoryStore());
    wire.tap = async (request, send) => {
      const response = await send(request);
      return /\/targets\.[0-9a-f]{64}\.json$/.test(request.path)
        ? { ...response, bytes: Buffer.from(response.text().replace('"version":1', '"version":2')) }
        : response;
    };
    await expect(wire.repository(repository, []).read()).rejects.toMatchObject({ code: 'hash_mismatch' });
  });
});

describe('when it is asked who signs the snapshot', () => {
  const asking = (status: number, code: string): void => {
    wire.tap = async (request, send) => {
      if (!request.path.endsWith('snapshot.key')) return send(request);
      return answer(await send({ method: 'GET', path: '/' }), status, { code });
    };
  };

  test.each([
    [401, 'UNAUTHORIZED'],
    [403, 'DENIED'],
  ])('%i: whoever may not ask does not know', async (status, code) => {
    const repository = name();
    await wire.repository(repository, []).initialise(memoryStore());
    asking(status, code);
    expect((await wire.repository(repository, []).read())?.snapshotManagedBy).toBeUndefined();
  });

  test('a server that fails is no answer', async () => {
    const repository = name();
    await wire.repository(repository, []).initialise(memoryStore());
    asking(500, 'UNKNOWN');
    await expect(wire.repository(repository, []).read()).rejects.toMatchObject({ code: 'server_failed' });
    wire.tap = (request, send) => send(request);
    expect((await wire.repository(repository, []).read())?.snapshotManagedBy).toBe('server');
  });
});

describe('when the server wants to know who we are', () => {
  /** Refuses what has no token for what it does. */
  const guard = (): void => {
    wire.tap = async (request, send) => {
      const response = await send({ method: 'GET', path: '/' });
      if (request.headers?.['authorization'] !== undefined) return send(request);
      const refused = answer(response, 401, { code: 'UNAUTHORIZED' });
      return { ...refused, headers: { 'www-authenticate': 'Bearer realm="https://dtr.test/auth/token"' } };
    };
  };

  test('one token for each kind of request is asked for, with the whole GUN', async () => {
    const repository = name();
    const scopes: string[] = [];
    const authorizer = {
      authorize: ({ scope }: { scope: string }): Promise<string> => {
        scopes.push(scope);
        return Promise.resolve(`Bearer ${scope}`);
      },
    };
    guard();
    const client = wire.repository(repository, [], { authorizer });
    await client.initialise(memoryStore());
    await client.read();
    await client.deleteTrustData();
    const gun = `dtr.test/${repository}`;
    expect(scopes.sort()).toEqual([`repository:${gun}:*`, `repository:${gun}:pull`, `repository:${gun}:pull,push`]);
  });

  test('without a way to say it the error names GUN, host and cure', async () => {
    guard();
    const read = wire.repository(name(), []).read();
    await expect(read).rejects.toMatchObject({
      code: 'unauthorised',
      message: expect.stringMatching(
        /not allowed to read the trust data of dtr\.test.*UNAUTHORIZED: said by the test/,
      ) as string,
      cure: expect.stringContaining('registry.username') as string,
    });
  });

  test('a token that is refused is an error after one more try', async () => {
    wire.tap = async (_request, send) => {
      const refused = answer(await send({ method: 'GET', path: '/' }), 401, { code: 'UNAUTHORIZED' });
      return { ...refused, headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' } };
    };
    const authorizer = { authorize: () => Promise.resolve('Bearer too-little') };
    const deletion = wire.repository(name(), [], { authorizer }).deleteTrustData();
    await expect(deletion).rejects.toMatchObject({
      code: 'unauthorised',
      cure: expect.stringContaining('scope "*"') as string,
    });
    await expect(deletion).rejects.not.toMatchObject({ message: expect.stringContaining('too-little') as string });
  });
});

test('deleted trust data is gone, and can be deleted again', async () => {
  const repository = name();
  const client = wire.repository(repository, []);
  await client.initialise(memoryStore());
  await client.deleteTrustData();
  await client.deleteTrustData();
  await expect(client.read()).resolves.toBeUndefined();
});

test('keys of a new repository are in the store before anything is published', async () => {
  const store = memoryStore();
  let keptAtPublish = 0;
  wire.tap = (request, send) => {
    if (request.method === 'POST') keptAtPublish = store.kept.length;
    return send(request);
  };
  await wire.repository(name(), []).initialise(store);
  expect(keptAtPublish).toBe(1);
});
