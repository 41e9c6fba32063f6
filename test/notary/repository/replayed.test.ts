import { PrivateKey } from '../../../src/notary';
import type { RoleName } from '../../../src/notary/documents';
import { answer, memoryStore, Wire } from './wire';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

const image = { sha256: '1'.repeat(64), length: 100 };
const other = { sha256: '2'.repeat(64), length: 200 };
let made = 0;

/** Two versions of every file; whatever is asked for later sees the first of `role`, and not the one that is listed. */
async function begin(role: RoleName) {
  const name = `admin/replayed${made++}`;
  const store = memoryStore();
  const [alice, mallory, next] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
  await wire.repository(name, []).initialise(store);
  const keys = [await store.rootKey(), ...store.kept, alice, next];
  const client = () => wire.repository(name, keys);
  await client().change(async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    draft.addSigner('mallory', [mallory.publicKey]);
    await draft.signTag('alice', 'v1', image);
  });
  const seen = async (): Promise<Map<string, Buffer>> => {
    const files = new Map<string, Buffer>();
    wire.tap = async (request, send) => {
      const response = await send(request);
      files.set(request.path, response.bytes);
      return response;
    };
    await client().read();
    wire.tap = (request, send) => send(request);
    return files;
  };
  const old = await seen();
  const path = (file: string): string => `/v2/dtr.test/${name}/_trust/tuf/${file}`;
  const first = [...old].find(([each]) => each.startsWith(path(`${role}.`)));
  await client().change(async (draft) => {
    await draft.signTag('alice', 'v1', other, { replaces: [image.sha256] });
    draft.removeSigner('mallory');
    await draft.rotate({ targets: next });
  });
  const listed = await seen();
  wire.forget();
  wire.tap = async (request, send) => {
    if (request.path === path(`${role}.json`))
      return { ...(await send(request)), bytes: first?.[1] ?? Buffer.from('') };
    const isListed = request.path.startsWith(path(`${role}.`)) && listed.has(request.path);
    return isListed ? answer(await send(request), 404, { code: 'METADATA_NOT_FOUND' }) : send(request);
  };
  return client;
}

/** By a server, or somebody in between, who cannot sign a snapshot; nothing was remembered. */
describe('when an old file, validly signed, comes in place of the one that is listed', () => {
  test.each<[RoleName, unknown]>([
    // its time of expiry is written without the zeros at its end, so it may be as long as the listed one or not
    ['root', expect.stringMatching(/^(hash|length)_mismatch$/)],
    ['targets', 'missing_metadata'],
    ['snapshot', 'missing_metadata'],
  ])('%s: nothing is read from it, and nothing written on it', async (role, code) => {
    const client = await begin(role);
    await expect(client().read({ allowDamaged: true })).rejects.toMatchObject({ code });
    await expect(client().open()).rejects.toMatchObject({ code });
    const change = client().change((draft) => draft.addSigner('bob', [PrivateKey.generate().publicKey]));
    await expect(change).rejects.toMatchObject({ code });
    expect(wire.count('POST')).toBe(0);
  });

  test('a signer’s: what it lists is not signed again', async () => {
    const client = await begin('targets/alice');
    let notes: unknown;
    await client().change(async (draft) => {
      notes = await draft.heal();
    });
    const message = `the snapshot of ${client().gun} lists a file of targets/alice that the server does not give out, so nobody knows what stands in it; nothing that depends on it can be changed`;
    expect([notes, wire.count('POST')]).toEqual([[{ code: 'damaged', message }], 0]);
    const sign = client().change((draft) => draft.signTag('alice', 'v2', other));
    await expect(sign).rejects.toMatchObject({ code: 'withheld_metadata' });
    expect(wire.count('POST')).toBe(0);
    wire.tap = (request, send) => send(request);
    expect((await client().read())?.signatures('v1')).toMatchObject([{ sha256: other.sha256, isReleased: true }]);
  });
});
