import { PrivateKey } from '../../src/notary';
import { describeCases } from './cases';
import { rootOf } from './ours';
import { openStage, type Stage } from './stage';
import { likeDtr } from './variants';

describeCases('Somebody who may push, and not administer', (testCase) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(likeDtr);
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.stack.tokens?.withheld.add('*'));

  const about = (what: string, by: 'docker' | 'notary') => ({ what, theirs: [by], server: likeDtr.name });

  for (const role of ['snapshot', 'timestamp'] as const) {
    testCase(
      about(`is told so when the ${role} key is to be rotated, as notary is, and no key is made`, 'notary'),
      async () => {
        const scene = await stage.begin();
        await scene.initialise();
        const kept = await scene.store.list();
        const store = { ...rootOf(scene.store), ...rotating };
        const rotation = scene.repository.prepareRotation(store, ['targets', role]);
        await expect(rotation).rejects.toMatchObject({
          code: 'unauthorised',
          message: expect.stringContaining(`not allowed to rotate the ${role} key of ${scene.gun}`) as string,
          cure: expect.stringContaining('let an administrator do this') as string,
        });
        expect(await scene.store.list()).toEqual(kept);
        await expect(scene.operator.notary(['key', 'rotate', scene.gun, role, '-r'])).rejects.toThrow(/authorized/i);
        expect((await scene.repository.read())?.versions.root).toBe(1);
      },
    );
  }

  testCase(about('is told so when the trust data is to be deleted, and goes on signing', 'docker'), async () => {
    const scene = await stage.begin();
    const alice = PrivateKey.generate();
    const image = await scene.push('v1');
    await scene.initialise();
    await expect(scene.repository.deleteTrustData()).rejects.toMatchObject({
      code: 'unauthorised',
      cure: expect.stringContaining('this needs the scope "*"') as string,
    });
    await scene.as(alice).change(async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    expect((await scene.inspectAnew()).tags).toEqual({ v1: [image.sha256, 'alice'] });
    stage.stack.tokens?.withheld.clear();
    // a client that has no token yet
    await scene.as().deleteTrustData();
    expect(await scene.repository.read()).toBeUndefined();
  });
});

/** For roles that are no root. */
const rotating = {
  nextRootKey: () => Promise.resolve(undefined),
  makeRootKey: () => Promise.reject(new Error('no root key is asked for')),
};
