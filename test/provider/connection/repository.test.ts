import { keysAtHand, PrivateKey, type TrustDraft } from '../../../src/notary';
import { Activity } from '../../../src/provider/connection/activity';
import { Turn } from '../../../src/provider/connection/turn';
import { Repository } from '../../../src/provider/connection/repository';
import { memoryStore, Wire } from '../../notary/repository/wire';

const image = { sha256: '1'.repeat(64), length: 100 };
const options = { signal: new AbortController().signal, warn: () => undefined };
let wire: Wire;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());

/** The repository as one provider process has it. */
function processOf(store: ReturnType<typeof memoryStore>, ...keys: PrivateKey[]): Repository {
  const all = [...store.kept, ...keys];
  const trust = wire.repository('admin/two', all);
  const rehearse = () => Promise.resolve();
  const usable = { ...store, atHand: keysAtHand(undefined, all), isPartlyUnknown: false };
  return new Repository(trust, {
    keys: usable,
    rehearse,
    clock: () => new Date(),
    activity: new Activity(),
    turn: new Turn(),
  });
}

describe('when two signers take back one tag at the same time', () => {
  test('it leaves targets/releases too, though neither publish conflicts with the other', async () => {
    const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];
    const store = memoryStore();
    await wire.repository('admin/two', []).initialise(store);
    const ours = processOf(store, alice);
    const theirs = processOf(store, bob);
    const sign = (signer: string, key: PrivateKey) => async (draft: TrustDraft) => {
      draft.addSigner(signer, [key.publicKey]);
      return draft.signTag(signer, 'v1', image);
    };
    await ours.change(sign('alice', alice), options);
    await theirs.change(sign('bob', bob), options);

    // Theirs is read, decided and published between the moment ours has read and the moment ours is sent.
    let first = true;
    wire.tap = async (request, send) => {
      if (request.method === 'POST' && first) {
        first = false;
        await theirs.revokeTag('bob', 'v1', image.sha256, options);
        expect((await theirs.read('now'))?.tags).toEqual(['v1']);
      }
      return send(request);
    };
    await ours.revokeTag('alice', 'v1', image.sha256, options);
    expect(first).toBe(false);
    expect(await ours.signatures()).toEqual(new Map());
  });
});
