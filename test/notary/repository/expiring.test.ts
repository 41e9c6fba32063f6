import { expiringParts, PrivateKey, type TrustData } from '../../../src/notary';
import { memoryStore, Wire } from './wire';

const DAY = 86_400_000;
const image = { sha256: '1'.repeat(64), length: 100 };
const [alice, bob, snapshotKey] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];

let wire: Wire;
let made = 0;
const now = new Date();
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());

/** Alice has signed something, Bob nothing. */
async function signed(manager: 'server' | 'client') {
  const name = `admin/expiring${made++}`;
  const store = memoryStore();
  await wire.repository(name, []).initialise(store);
  const rootKey = await store.rootKey();
  const repository = wire.repository(name, [rootKey, ...store.kept, alice, bob, snapshotKey], { clock: () => now });
  const data = await repository.change(async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    draft.addSigner('bob', [bob.publicKey]);
    await draft.signTag('alice', 'v1', image);
    if (manager === 'client') await draft.rotate({ snapshot: snapshotKey.publicKey });
  });
  return { repository, data, rootKey, targetsKey: store.kept[0]! };
}

const idsIn = (keys: readonly { readonly canonicalId: string }[]): string[] =>
  keys.map(({ canonicalId }) => canonicalId);
const shown = (data: TrustData) =>
  expiringParts(data).map(({ what, expires, keys, threshold }) => {
    return [what, Math.round((expires.getTime() - now.getTime()) / DAY), idsIn(keys), threshold];
  });

describe('what ends on its own', () => {
  test('is each file that somebody has to sign again, and the root certificate, with the keys that can', async () => {
    const { data, rootKey, targetsKey } = await signed('server');
    expect(shown(data)).toEqual([
      ['root', 3650, [rootKey.canonicalId], 1],
      ['targets', 1095, [targetsKey.canonicalId], 1],
      ['root_certificate', 3650, [rootKey.canonicalId], 1],
      ['targets/alice', 1095, [alice.canonicalId], 1],
      ['targets/releases', 1095, [alice.canonicalId, bob.canonicalId], 1],
    ]);
    expect(expiringParts(data).flatMap(({ snapshot }) => snapshot ?? [])).toEqual([]);
  });

  test('is the snapshot, too, where a client signs it, and everything takes its key then', async () => {
    const { data } = await signed('client');
    expect(shown(data).map(([what]) => what)).toContain('snapshot');
    expect(shown(data)).toContainEqual(['snapshot', 1095, [snapshotKey.canonicalId], 1]);
    const parts = expiringParts(data);
    expect(parts.map(({ snapshot }) => idsIn(snapshot?.keys ?? []))).toEqual(
      parts.map(() => [snapshotKey.canonicalId]),
    );
  });

  test('is nothing that counts for nobody anyway', async () => {
    const { repository } = await signed('server');
    const data = await repository.change((draft) =>
      draft.setSignerKeys('alice', [PrivateKey.generate().publicKey], { allowUnsigning: true }),
    );
    expect(data.trust.delegations.get('targets/alice')?.failure).toBeDefined();
    expect(shown(data).map(([what]) => what)).not.toContain('targets/alice');
  });
});
