import { PrivateKey, type TrustRepository } from '../../../src/notary';
import { memoryStore, type Tap, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

/** A repository with a signer. */
async function begin() {
  const name = `admin/deleted${made++}`;
  const store = memoryStore();
  const open = (): TrustRepository => wire.repository(name, store.kept);
  await open().initialise(store);
  await open().change((draft) => draft.addSigner('alice', [PrivateKey.generate().publicKey]));
  wire.forget();
  return { name, store, open };
}
const addSigner = (repository: TrustRepository) =>
  repository.change((draft) => draft.addSigner('bob', [PrivateKey.generate().publicKey]));

/** A publish that meets a deletion leaves files without a root. */
const meetingDeletion =
  (name: string): Tap =>
  (request, send) => {
    if (request.method === 'POST') wire.deleteDuringNextPublish(name);
    return send(request);
  };

describe('when trust data is deleted while somebody publishes to it', () => {
  test('one process does one after the other, whichever comes first', async () => {
    const { open } = await begin();
    const repository = open();
    const inFlight: string[] = [];
    const met: string[] = [];
    wire.tap = async (request, send) => {
      const { method } = request;
      if (method === 'GET') return send(request);
      met.push(...inFlight.map((other) => `${other} ${method}`));
      inFlight.push(method);
      const response = await send(request);
      // long enough for anything that does not wait
      await new Promise((resolve) => setTimeout(resolve, 100));
      inFlight.splice(inFlight.indexOf(method), 1);
      return response;
    };
    const change = addSigner(repository);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const [added, deleted, late] = await Promise.allSettled([
      change,
      repository.deleteTrustData(),
      new Promise((resolve) => setTimeout(resolve, 50)).then(() => addSigner(repository)),
    ]);
    expect(met).toEqual([]);
    expect([added.status, deleted.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(late).toMatchObject({ reason: { code: 'no_trust_data' } });
    expect([wire.count('POST'), wire.count('DELETE')]).toEqual([1, 1]);
    expect(await open().read()).toBeUndefined();
  });

  test('what a publish of another process leaves is an error, and only deleting takes it away', async () => {
    const all = await begin();
    wire.tap = meetingDeletion(all.name);
    await expect(addSigner(all.open())).rejects.toMatchObject({ code: 'missing_root' });
    wire.tap = (request, send) => send(request);
    wire.forget();
    for (const work of [
      () => all.open().read({ allowDamaged: true }),
      () => addSigner(all.open()),
      () => all.open().initialise(all.store),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'missing_root' });
    }
    expect([wire.count('POST'), wire.count('DELETE')]).toEqual([0, 0]);
    await all.open().deleteTrustData();
    const data = await all.open().initialise(all.store);
    expect(data.versions).toMatchObject({ root: 1, targets: 1 });
    expect(data.signers).toEqual([]);
  });

  test('who deletes looks again, and takes what came meanwhile away, too', async () => {
    const all = await begin();
    let published: unknown;
    wire.tap = async (request, send) => {
      if (request.method !== 'DELETE') return send(request);
      // the server says that it is done, and a publish that was on its way comes after it
      wire.tap = meetingDeletion(all.name);
      published = await addSigner(all.open()).catch((error: unknown) => error);
      wire.tap = (other, sendOther) => sendOther(other);
      return wire.send({ ...request, path: request.path.replace(all.name, 'admin/none') });
    };
    await all.open().deleteTrustData();
    expect(published).toMatchObject({ code: 'missing_root' });
    expect(wire.count('DELETE')).toBe(2);
    const { status } = await wire.send({ method: 'GET', path: `/v2/dtr.test/${all.name}/_trust/tuf/timestamp.json` });
    expect(status).toBe(404);
  });

  test('so does who still finds the same root, as servers with a database give it out from memory', async () => {
    const { name, open } = await begin();
    wire.tap = (request, send) => {
      const isFirst = request.method === 'DELETE' && wire.count('DELETE') === 1;
      return send(isFirst ? { ...request, path: request.path.replace(name, 'admin/none') } : request);
    };
    await open().deleteTrustData();
    expect(wire.count('DELETE')).toBe(2);
    expect(await open().read()).toBeUndefined();
  });

  test('who is asked to stop before anything is sent deletes nothing', async () => {
    const { open } = await begin();
    const stop = new AbortController();
    wire.tap = async (request, send) => {
      const response = await send(request);
      stop.abort(new Error('interrupted'));
      return response;
    };
    await expect(open().deleteTrustData({ signal: stop.signal })).rejects.toThrow('interrupted');
    expect(wire.count('DELETE')).toBe(0);
  });

  test('another root is somebody’s who began anew, and stays', async () => {
    const { name, open } = await begin();
    const another = memoryStore();
    wire.tap = async (request, send) => {
      const response = await send(request);
      if (request.method === 'DELETE') await wire.repository(name, []).initialise(another);
      return response;
    };
    await expect(open().deleteTrustData()).rejects.toMatchObject({ code: 'not_deleted' });
    expect(wire.count('DELETE')).toBe(1);
    expect((await open().read())?.versions.root).toBe(1);
  });
});
