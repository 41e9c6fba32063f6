import { PrivateKey } from '../../src/notary';
import { describeInterop } from './programs';
import { ourClient, rootOf } from './ours';
import { startTrustStack, type TrustStack } from './stack';

// The server has its own clock, so what is renewed here is renewed years before its end.

describeInterop('when everything is renewed on the real notary-server', () => {
  let stack: TrustStack;
  beforeAll(async () => (stack = await startTrustStack({ signing: 'remote' })));
  afterAll(() => stack.close());

  test('docker reads it, signs on, and follows from the old root certificate to the new one', async () => {
    const alice = PrivateKey.generate();
    const operator = await stack.operator('ops');
    const client = ourClient(stack, operator, 'admin/renewed', { keys: [alice] });
    try {
      const image = await stack.push('admin/renewed', 'v1');
      const before = await client.repository.initialise(rootOf(client.store));
      await client.store.add(alice, { role: 'alice' });
      await client.repository.change(async (draft) => {
        draft.addSigner('alice', [alice.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
      // docker now has the old root in its cache
      const signed = [{ SignedTag: 'v1', Digest: image.sha256, Signers: ['alice'] }];
      expect((await operator.inspect(client.gun)).SignedTags).toEqual(signed);

      const inElevenYears = new Date(Date.now() + 11 * 365 * 86_400_000);
      const all = ['root', 'root_certificate', 'targets', 'targets/alice', 'targets/releases'] as const;
      const after = await client.repository.change((draft) => draft.renew(all, inElevenYears));
      expect(after.versions).toMatchObject({ root: 2, targets: 3, 'targets/alice': 2, 'targets/releases': 2 });
      expect(after.rootKeyIds).toEqual(before.rootKeyIds);
      expect(after.trust.rootKeys[0]?.tufId).not.toBe(before.trust.rootKeys[0]?.tufId);

      expect((await operator.inspect(client.gun)).SignedTags).toEqual(signed);
      expect((await (await stack.operator('newcomer')).inspect(client.gun)).SignedTags).toEqual(signed);
      await operator.docker(['trust', 'sign', `${client.gun}:v1`]);
      await operator.notary(['key', 'rotate', client.gun, 'targets']);
      const pinned = { expectedRootKeyIds: [before.trust.rootKeys[0]?.tufId ?? ''] };
      expect((await client.repository.read(pinned))?.signature('v1', 'alice')).toMatchObject({ isReleased: true });
    } finally {
      await client.close();
    }
  });
});
