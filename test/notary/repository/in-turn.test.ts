import { generateKeyPairSync } from 'node:crypto';
import { PrivateKey, PublicKey } from '../../../src/notary';
import { inTurn } from '../../../src/notary/repository/in-turn';

const raw = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
const ed25519 = PublicKey.fromDocument({
  keytype: 'ed25519',
  keyval: { private: null, public: raw.toString('base64') },
});
const ecdsa = PrivateKey.generate().publicKey;

/** A server that gives such keys; how many requests it has had at once. */
function server(key: PublicKey) {
  let now = 0;
  const seen = { most: 0 };
  const ask = async (): Promise<PublicKey> => {
    seen.most = Math.max(seen.most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
    return key;
  };
  return { ask, seen };
}
const several = (host: string, ask: () => Promise<PublicKey>) =>
  Promise.all(Array.from({ length: 5 }, () => inTurn(host, ask)));

test('a server that makes ed25519 keys is asked for one at a time', async () => {
  const { ask, seen } = server(ed25519);
  expect(await several('one.test', ask)).toHaveLength(5);
  await several('one.test', ask);
  expect(seen.most).toBe(1);
});

test('one whose keys are of another kind is asked for all of them at once, as soon as that is known', async () => {
  const { ask, seen } = server(ecdsa);
  await several('two.test', ask);
  expect(seen.most).toBe(4);
  await several('two.test', ask);
  expect(seen.most).toBe(5);
});

test('a request that fails lets the next one come', async () => {
  const { ask, seen } = server(ed25519);
  const refused = inTurn('three.test', () => Promise.reject(new Error('refused')));
  const next = inTurn('three.test', ask);
  await expect(refused).rejects.toThrow('refused');
  expect(await next).toBe(ed25519);
  expect(seen.most).toBe(1);
});
