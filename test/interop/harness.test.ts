import { describeInterop } from './programs';
import { startTrustStack, type TrustStack } from './stack';
import { likeDtr, localKeys, remoteSigner } from './variants';

// The harness itself, with nothing of ours in it: when this fails, other interop failures mean nothing.
describeInterop('the real programs behind one TLS host', () => {
  describe.each([localKeys, remoteSigner, likeDtr])('$name', ({ options }) => {
    let stack: TrustStack;
    beforeAll(async () => {
      stack = await startTrustStack(options);
    });
    afterAll(async () => {
      await stack.close();
    });

    test('docker trust sign, inspect and revoke work for real', async () => {
      const alice = await stack.operator('alice');
      const image = await stack.push('admin/harness', 'v1');
      const repository = `${stack.hostAddress}/admin/harness`;
      await alice.docker(['trust', 'key', 'generate', 'alice', '--dir', stack.directory]);
      await alice.docker(['trust', 'signer', 'add', '--key', `${stack.directory}/alice.pub`, 'alice', repository]);
      await alice.docker(['trust', 'sign', `${repository}:v1`]);
      const inspection = await alice.inspect(repository);
      expect(inspection.SignedTags).toEqual([{ SignedTag: 'v1', Digest: image.sha256, Signers: ['alice'] }]);
      const { stdout } = await alice.notary(['delegation', 'list', repository]);
      expect(stdout).toContain('targets/alice');
      await alice.docker(['trust', 'revoke', '--yes', `${repository}:v1`]);
      expect((await alice.inspect(repository)).SignedTags).toEqual([]);
    });
  });
});
