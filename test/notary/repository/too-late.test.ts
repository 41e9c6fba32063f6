import { PrivateKey } from '../../../src/notary';
import { answer, memoryStore, Wire } from './wire';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

let made = 0;
const isPublish = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/');

describe('when a change is refused', () => {
  const someKey = () => [PrivateKey.generate().publicKey];

  async function begin() {
    const name = `admin/late${made++}`;
    const store = memoryStore();
    await wire.repository(name, []).initialise(store);
    const next = PrivateKey.generate();
    const keys = [await store.rootKey(), ...store.kept, next];
    return { next, client: wire.repository(name, keys), other: wire.repository(name, keys) };
  }

  /** Lets something happen after the first publish was made and before it arrives. */
  function before(happens: () => Promise<unknown>): void {
    let left = 1;
    wire.tap = async (request, send) => {
      if (isPublish(request) && left-- > 0) await happens();
      return send(request);
    };
  }

  test('since somebody has just changed the targets key, it is made again with the new one', async () => {
    const { client, other, next } = await begin();
    before(() => other.change((draft) => draft.rotate({ targets: next })));
    const data = await client.change((draft) => draft.addSigner('alice', someKey()));
    expect([data.targetsKeyId, data.signers.map(({ name }) => name)]).toEqual([next.canonicalId, ['alice']]);
  });

  test('since somebody has just taken away the signer, it is said that there is none', async () => {
    const { client, other } = await begin();
    const alice = PrivateKey.generate();
    const name = client.gun.slice('dtr.test/'.length);
    await client.change((draft) => draft.addSigner('alice', [alice.publicKey]));
    const signing = wire.repository(name, [alice]);
    before(() => other.change((draft) => draft.removeSigner('alice')));
    const change = signing.change((draft) => draft.signTag('alice', 'v1', { sha256: '1'.repeat(64), length: 1 }));
    await expect(change).rejects.toMatchObject({ code: 'unknown_signer' });
  });

  test('and nobody has changed anything, it is wrong, and not sent again', async () => {
    const { client } = await begin();
    wire.forget();
    wire.tap = async (request, send) => {
      if (!isPublish(request)) return send(request);
      const detail = { Name: 'ErrBadTargets', Error: { Msg: 'no' } };
      return answer(await send({ method: 'GET', path: '/' }), 400, { code: 'INVALID_UPDATE', detail });
    };
    const change = client.change((draft) => draft.addSigner('alice', someKey()));
    await expect(change).rejects.toMatchObject({ code: 'refused_update' });
    expect(wire.count('POST')).toBe(1);
  });
});
