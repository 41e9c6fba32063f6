import { type BodyPart, HttpError } from '../../../src/http';
import { PrivateKey, type TrustRepository } from '../../../src/notary';
import { answer, bodyOf, memoryStore, type Tap, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

/** A new repository, and clients of it that have its targets key and those given. */
async function begin(...keys: PrivateKey[]): Promise<{
  readonly client: TrustRepository;
  readonly another: () => TrustRepository;
  /** One that has the root key, too. */
  readonly owner: () => TrustRepository;
}> {
  const name = `admin/change${made++}`;
  const store = memoryStore();
  await wire.repository(name, []).initialise(store);
  wire.forget();
  const another = (): TrustRepository => wire.repository(name, [...store.kept, ...keys]);
  const rootKey = await store.rootKey();
  const owner = () => wire.repository(name, [rootKey, ...store.kept, ...keys]);
  return { client: another(), another, owner };
}

const someKey = () => PrivateKey.generate().publicKey;
const image = { sha256: '1'.repeat(64), length: 100 };
const isPost = (request: { method: string }): boolean => request.method === 'POST';

/** Does something to the first publishes only. */
function firstPosts(count: number, act: Tap): Tap {
  let left = count;
  return (request, send) => (isPost(request) && left-- > 0 ? act(request, send) : send(request));
}

describe('when changes are in flight together', () => {
  test('they go out as one publish and each caller gets the repository', async () => {
    const { client } = await begin();
    const names = Array.from({ length: 20 }, (_, index) => `signer${index}`);
    const results = await Promise.all(
      names.map((name) => client.change((draft) => draft.addSigner(name, [someKey()]))),
    );
    expect(wire.count('POST')).toBe(1);
    for (const data of results) expect(data.signers).toHaveLength(20);
    expect(results[0]?.versions.targets).toBe(2);
  });

  test('200 of them, 50 at once as terraform apply -parallelism=50 has them, are at most 10 publishes', async () => {
    const { client } = await begin();
    const key = someKey();
    const left = Array.from({ length: 200 }, (_, index) => `signer${index}`);
    const walk = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        const signer = name;
        await client.change((draft) => draft.addSigner(signer, [key]));
      }
    };
    const bad = client.change((draft) => draft.addSigner('John.Doe', [key]));
    const controller = new AbortController();
    const leaving = client.change((draft) => draft.addSigner('leaving', [key]), { signal: controller.signal });
    const walking = Array.from({ length: 50 }, walk);
    controller.abort(new Error('gone'));
    await expect(bad).rejects.toMatchObject({ code: 'invalid_signer' });
    await expect(leaving).rejects.toThrow('gone');
    await Promise.all(walking);
    expect(wire.count('POST')).toBeLessThanOrEqual(10);
    expect((await client.read())?.signers).toHaveLength(200);
  });

  test('those that come during a publish make the next one', async () => {
    const { client } = await begin();
    let rest: Promise<unknown>[] = [];
    await client.change((draft) => {
      rest = ['a', 'b', 'c'].map((name) => client.change((other) => other.addSigner(name, [someKey()])));
      return draft.addSigner('first', [someKey()]);
    });
    await Promise.all(rest);
    expect(wire.count('POST')).toBe(2);
  });

  test('one that throws fails alone', async () => {
    const { client } = await begin();
    const results = await Promise.allSettled([
      client.change((draft) => draft.addSigner('alice', [someKey()])),
      client.change((draft) => draft.addSigner('John.Doe', [someKey()])),
      client.change((draft) => draft.signTag('alice', 'v1', image)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { code: 'invalid_signer' } });
    expect(results[2]).toMatchObject({ reason: { code: 'key_not_at_hand' } });
    expect((await client.read())?.signers.map(({ name }) => name)).toEqual(['alice']);
  });

  test('one that only shows to be impossible when all is put together fails alone', async () => {
    const alice = PrivateKey.generate();
    const { client, another } = await begin(alice);
    await client.change(async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    const store = another();
    const results = await Promise.allSettled([
      store.change((draft) => draft.removeSigner('alice')),
      store.change((draft) => draft.addSigner('bob', [someKey()])),
    ]);
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { code: 'would_unsign' } });
    expect(results[1]).toMatchObject({ status: 'fulfilled' });
    expect((await store.read())?.signers.map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  test('a group that the server refuses is split until the bad one stands alone', async () => {
    const { client } = await begin();
    wire.tap = async (request, send) => {
      if (!isPost(request) || !bodyOf(request).includes('targets/bad')) return send(request);
      const detail = { Name: 'ErrBadTargets', Error: { Msg: 'no' } };
      return answer(await send({ method: 'GET', path: '/' }), 400, { code: 'INVALID_UPDATE', detail });
    };
    const names = ['a', 'b', 'bad', 'c', 'd'];
    const results = await Promise.allSettled(
      names.map((name) => client.change((draft) => draft.addSigner(name, [someKey()]))),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(results[2]).toMatchObject({ reason: { code: 'refused_update' } });
    expect((await client.read())?.signers.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('also where it is a root that the server finds bad', async () => {
    const { owner } = await begin();
    const client = owner();
    wire.tap = async (request, send) => {
      if (!isPost(request) || !bodyOf(request).includes('root {')) return send(request);
      const detail = { Name: 'ErrBadRoot', Error: { Msg: 'could not rotate trust to a new trusted root' } };
      return answer(await send({ method: 'GET', path: '/' }), 400, { code: 'INVALID_UPDATE', detail });
    };
    const results = await Promise.allSettled([
      client.change((draft) => draft.rotate({ targets: PrivateKey.generate() })),
      client.change((draft) => draft.addSigner('alice', [someKey()])),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'refused_update' } },
      { status: 'fulfilled' },
    ]);
    expect(wire.count('POST')).toBe(3);
  });

  test('one caller going away does not cancel the others', async () => {
    const { client } = await begin();
    const controller = new AbortController();
    const leaving = client.change((draft) => draft.addSigner('leaving', [someKey()]), { signal: controller.signal });
    const staying = client.change((draft) => draft.addSigner('staying', [someKey()]));
    controller.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    expect((await staying).signers.map(({ name }) => name)).toEqual(['staying']);
  });
});

describe('when others write at the same time', () => {
  test('every change of five clients is there at the end', async () => {
    const { client, another } = await begin();
    const names = ['a', 'b', 'c', 'd', 'e'].flatMap((name) => [`${name}1`, `${name}2`]);
    const clients = names.map(() => another());
    await Promise.all(names.map((name, at) => clients[at]!.change((draft) => draft.addSigner(name, [someKey()]))));
    expect((await client.read())?.signers.map(({ name }) => name).sort()).toEqual(names);
    expect((await client.read())?.versions.targets).toBe(11);
  });

  test.each([
    [400, 'VERSION'],
    [500, 'UPDATING'],
  ])('%s %s is tried again on what is there then', async (status, code) => {
    const { client, another } = await begin();
    wire.tap = firstPosts(2, async (_request, send) => {
      wire.tap = (request, pass) => pass(request);
      await another().change((draft) => draft.addSigner('other', [someKey()]));
      return answer(await send({ method: 'GET', path: '/' }), status, { code });
    });
    const data = await client.change((draft) => draft.addSigner('alice', [someKey()]));
    expect(data.signers.map(({ name }) => name)).toEqual(['other', 'alice']);
  });

  test('it gives up at last, with the server’s words', async () => {
    const { client } = await begin();
    wire.tap = async (request, send) =>
      isPost(request) ? answer(await send({ method: 'GET', path: '/' }), 400, { code: 'VERSION' }) : send(request);
    const change = client.change((draft) => draft.addSigner('alice', [someKey()]));
    await expect(change).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('said by the test') as string,
    });
  });

  test('of two who initialise at once one is told that there is trust data', async () => {
    const name = `admin/change${made++}`;
    const results = await Promise.allSettled([1, 2].map(() => wire.repository(name, []).initialise(memoryStore())));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'already_initialised' },
    });
  });
});

describe('when it is not known whether a publish was applied', () => {
  const lost = (): Promise<never> =>
    Promise.reject(new HttpError('reset', 'dtr.test', 'POST: the connection was closed'));

  test.each<[string, Tap]>([
    ['the reply is lost', async (request, send) => send(request).then(lost)],
    ['an error comes though it was', async (request, send) => answer(await send(request), 500, { code: 'UPDATING' })],
  ])('%s: it is recognised as applied', async (_case, tap) => {
    const { client } = await begin();
    wire.tap = firstPosts(1, tap);
    const data = await client.change((draft) => draft.addSigner('alice', [someKey()]));
    expect([data.versions.targets, wire.count('POST')]).toEqual([2, 1]);
  });

  test('also for the first root', async () => {
    const name = `admin/change${made++}`;
    wire.tap = firstPosts(1, (request, send) => send(request).then(lost));
    await expect(wire.repository(name, []).initialise(memoryStore())).resolves.toMatchObject({ isBlank: true });
  });

  test('the request is lost: it is sent again', async () => {
    const { client } = await begin();
    wire.tap = firstPosts(1, lost);
    const data = await client.change((draft) => draft.addSigner('alice', [someKey()]));
    expect([data.versions.targets, wire.count('POST')]).toEqual([2, 2]);
  });
});

describe('when the server hashes other bytes than were sent', () => {
  /** What a proxy that reformats would do. */
  const reformat: Tap = (request, send) => {
    if (!Array.isArray(request.body)) return send(request);
    const body = request.body.map((part: BodyPart) => ({ ...part, bytes: Buffer.concat([part.bytes, newline]) }));
    return send({ ...request, body });
  };
  const newline = Buffer.from('\n');

  test('the publish is an error, not a success', async () => {
    const { client } = await begin();
    wire.tap = firstPosts(1, reformat);
    const change = client.change((draft) => draft.addSigner('alice', [someKey()]));
    await expect(change).rejects.toMatchObject({ code: 'not_byte_exact' });
  });

  test('a delegation that somebody left so is healed by the next signature', async () => {
    const alice = PrivateKey.generate();
    const { client, another } = await begin(alice);
    await client.change((draft) => draft.addSigner('alice', [alice.publicKey]));
    wire.tap = firstPosts(1, reformat);
    await expect(client.change((draft) => draft.signTag('alice', 'v1', image))).rejects.toBeDefined();
    const healed = await another().change((draft) => draft.signTag('alice', 'v2', image));
    expect(healed.signature('v2', 'alice')).toMatchObject({ isReleased: true });
    expect(healed.versions['targets/alice']).toBe(2);
  });
});

test('a change that changes nothing publishes nothing', async () => {
  const { client } = await begin();
  await client.change((draft) => draft.removeSigner('nobody'));
  expect(wire.count('POST')).toBe(0);
});

test('a change of a repository without trust data says so', async () => {
  const change = wire.repository(`admin/change${made++}`, []).change((draft) => draft.addSigner('alice', [someKey()]));
  await expect(change).rejects.toMatchObject({ code: 'no_trust_data' });
});
