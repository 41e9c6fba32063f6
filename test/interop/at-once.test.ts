import { PrivateKey } from '../../src/notary';
import { describeCases } from './cases';
import { openStage, type Stage, seenBy } from './stage';
import { likeDtr, localKeys, serversFor } from './variants';

describeCases('Beside others', (testCase) => {
  describe.each(serversFor(localKeys, likeDtr))('$name', (variant) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(variant);
    });
    afterAll(() => stage.close());
    const about = (what: string) => ({ what, theirs: ['docker'] as const, server: variant.name });

    testCase(about('six of our clients and docker add a signer at the same time'), async () => {
      const scene = await stage.begin();
      await scene.initialise();
      const file = await scene.file('docker', PrivateKey.generate().publicKey);
      // docker does not try again: it may lose, but then it says so
      const docker = scene.addSigner('docker', file).then(
        () => ['docker'],
        () => [],
      );
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      await Promise.all(
        names.map((signer) => {
          const key = PrivateKey.generate().publicKey;
          return scene.as().change((draft) => draft.addSigner(signer, [key]));
        }),
      );
      const added = await docker;
      const { signers } = await scene.inspectAnew();
      expect(Object.keys(signers).sort()).toEqual([...names, ...added].sort());
    });

    testCase({ ...about('twenty repositories are made at the same moment'), theirs: [] }, async () => {
      const scenes = await Promise.all(Array.from({ length: 20 }, () => stage.begin()));
      await scenes[0]?.store.rootKey({ create: true });
      const made = await Promise.all(scenes.map((scene) => scene.initialise()));
      expect(new Set(made.map(({ gun }) => gun)).size).toBe(20);
    });

    testCase(about('a reply that is lost is not published twice'), async () => {
      const scene = await stage.begin();
      await scene.initialise();
      let lost = 1;
      stage.stack.front.fault = ({ method }) => (method === 'POST' && lost-- > 0 ? 'drop-reply' : undefined);
      const key = PrivateKey.generate();
      const data = await scene.repository.change((draft) => draft.addSigner('alice', [key.publicKey]));
      stage.stack.front.fault = undefined;
      expect(data.versions.targets).toBe(2);
      expect((await seenBy(scene.operator, scene.gun)).signers).toEqual({ alice: [key.canonicalId] });
    });

    testCase(about('our delegations are, byte for byte, those that docker makes of the same keys'), async () => {
      const [theirs, ours] = [await stage.begin(), await stage.begin()];
      await ours.initialise();
      for (const signer of ['alice', 'bob']) {
        const key = PrivateKey.generate().publicKey;
        await theirs.addSigner(signer, await theirs.file(signer, key));
        await ours.repository.change((draft) => draft.addSigner(signer, [key]));
      }
      const [a, b] = [await ours.repository.read(), await theirs.repository.read()];
      expect(a?.trust.targets.signed.delegations).toEqual(b?.trust.targets.signed.delegations);
      expect(a?.snapshotManagedBy).toBe(b?.snapshotManagedBy);
    });

    if (variant.options.tokens === true) {
      testCase({ ...about('every scope that is asked for names the whole GUN'), theirs: [] }, async () => {
        const scene = await stage.begin();
        await scene.initialise();
        await scene.repository.change((draft) => draft.addSigner('alice', [PrivateKey.generate().publicKey]));
        await scene.repository.deleteTrustData();
        const scopes = stage.stack.tokens?.scopes.filter((scope) => scope.includes(scene.gun));
        const actions = ['*', 'pull', 'pull,push'];
        expect(new Set(scopes)).toEqual(new Set(actions.map((each) => `repository:${scene.gun}:${each}`)));
      });
    }

    testCase(about('a repository that is there already is not made again'), async () => {
      const scene = await stage.begin();
      await scene.addSigner('alice', await scene.generate('alice'));
      await expect(scene.initialise()).rejects.toMatchObject({ code: 'already_initialised' });
    });
  });
});
