import type { HttpRequest } from '../../src/http';
import { PrivateKey, type TrustRepository } from '../../src/notary';
import { describeCases } from './cases';
import { ourClient } from './ours';
import { openStage, type Scene, type Stage } from './stage';
import { likeDtr, localKeys, serversFor } from './variants';

describeCases('What docker signs between our look and our publish', (testCase) => {
  for (const variant of serversFor(localKeys, likeDtr)) {
    let stage: Stage;
    const about = (what: string) => ({ what, theirs: ['docker'] as const, server: variant.name });
    beforeAll(async () => {
      stage = await openStage(variant);
    });
    afterAll(() => stage.close());

    /** Our client, during whose first publish something happens before the server has it. */
    async function during(
      scene: Scene,
      keys: readonly PrivateKey[],
      happens: () => Promise<unknown>,
      change: Parameters<TrustRepository['change']>[0],
    ) {
      let left = 1;
      const before = async (request: HttpRequest): Promise<HttpRequest> => {
        if (request.method === 'POST' && request.path.endsWith('/') && left-- > 0) await happens();
        return request;
      };
      const client = ourClient(stage.stack, scene.operator, scene.name, { keys, before });
      return client.repository.change(change).finally(client.close);
    }

    /** bob signed v1, with a key that only we have; the other signer’s key is in docker’s store on another machine. */
    async function begin(other: string) {
      const [scene, machine] = [await stage.begin(), await stage.begin()];
      const [bob, theirs] = [PrivateKey.generate(), PrivateKey.generate()];
      const image = await scene.push('v1');
      await scene.push('v2');
      await scene.initialise();
      await scene.as(bob).change(async (draft) => {
        draft.addSigner(other, [theirs.publicKey]);
        draft.addSigner('bob', [bob.publicKey]);
        await draft.signTag('bob', 'v1', image);
      });
      await machine.store.add(theirs, { role: other });
      const sign = (tag: string) => machine.operator.docker(['trust', 'sign', `${scene.gun}:${tag}`]);
      return { scene, bob, image, sign };
    }

    testCase(about('by a signer whom we take away: every signature of the others stays'), async () => {
      const { scene, bob, image, sign } = await begin('mallory');
      const data = await during(
        scene,
        [bob],
        () => sign('v2'),
        (draft) => draft.removeSigner('mallory'),
      );
      expect(data.signers.map(({ name }) => name)).toEqual(['bob']);
      expect((await scene.inspectAnew()).tags).toMatchObject({ v1: [image.sha256, 'bob'] });
    });

    testCase(about('by a signer whom we take away without a key of the others: we say what is lost'), async () => {
      const { scene, sign } = await begin('mallory');
      const change = during(
        scene,
        [],
        () => sign('v2'),
        (draft) => draft.removeSigner('mallory'),
      );
      await expect(change).rejects.toMatchObject({
        code: 'unsigned_meanwhile',
        message: expect.stringContaining('targets/releases: v1 (signed by bob), v2') as string,
      });
      expect((await scene.inspectAnew()).tags).toEqual({});
    });

    testCase(about('by another signer of the tag that we take back: it stays released'), async () => {
      const { scene, bob, image, sign } = await begin('alice');
      await during(
        scene,
        [bob],
        () => sign('v1'),
        (draft) => draft.revokeTag('bob', 'v1'),
      );
      expect((await scene.inspectAnew()).tags).toEqual({ v1: [image.sha256, 'alice'] });
    });
  }
});
