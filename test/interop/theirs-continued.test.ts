import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PrivateKey, PublicKey, type TrustData } from '../../src/notary';
import { describeCases, type RegisterCase } from './cases';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { isEverywhere, likeDtr, localKeys, serversFor } from './variants';

// Each: they do it, we read it, go on from there with the key files they wrote, and they read what we made.

describeCases('What docker does is read and continued by us', (testCase) => {
  describe.each(serversFor(localKeys, likeDtr))('$name', (variant) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(variant);
    });
    afterAll(() => stage.close());

    /** What the keys of the server have no part in is enough on one. */
    const dtrCase: RegisterCase = (about, run) => {
      if (isEverywhere || variant === likeDtr) testCase(about, run);
    };

    const about = (what: string) => ({ what, theirs: ['docker'] as const, server: variant.name });

    const idIn = async (file: string): Promise<string> =>
      PublicKey.fromPem(await readFile(file, 'utf8'), { label: file }).canonicalId;

    /** Alice made the repository and signed v1, all with docker. */
    async function signed(): Promise<Scene & { alice: string; digest: string }> {
      const scene = await stage.begin();
      const file = await scene.generate('alice');
      await scene.addSigner('alice', file);
      const image = await scene.push('v1');
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
      return { ...scene, alice: await idIn(file), digest: image.sha256 };
    }

    /** We sign a tag as this signer, with docker's key files, and docker sees it. */
    async function weSign(scene: Scene, tag: string, signer = 'alice'): Promise<TrustData> {
      const image = await scene.push(tag);
      const data = await scene.repository.change((draft) => draft.signTag(signer, tag, image));
      const { tags } = await seenBy(scene.operator, scene.gun);
      expect(tags[tag]).toEqual([image.sha256, signer]);
      return data;
    }

    dtrCase(about('docker trust key generate'), async () => {
      const scene = await stage.begin();
      const id = await idIn(await scene.generate('alice'));
      expect(await scene.store.list()).toEqual([expect.objectContaining({ id, role: 'alice' })]);
      await scene.initialise();
      await scene.repository.change(async (draft) => {
        draft.addSigner('alice', [(await scene.store.load(id)).publicKey]);
      });
      await weSign(scene, 'v1');
    });

    dtrCase(about('docker trust key load'), async () => {
      const scene = await stage.begin();
      const key = await scene.file('loaded', loadable);
      await scene.operator.docker(['trust', 'key', 'load', '--name', 'alice', key]);
      const id = PrivateKey.fromPem(loadable, { label: 'loaded' }).canonicalId;
      expect(await scene.store.list()).toEqual([expect.objectContaining({ id, role: 'alice' })]);
      await scene.initialise();
      await scene.repository.change(async (draft) => {
        draft.addSigner('alice', [(await scene.store.load(id)).publicKey]);
      });
      await weSign(scene, 'v1');
    });

    testCase(about('docker trust signer add, to a new repository'), async () => {
      const scene = await stage.begin();
      const file = await scene.generate('alice');
      await scene.addSigner('alice', file);
      const data = await scene.repository.read();
      expect(data?.versions).toEqual({ root: 1, timestamp: 1, snapshot: 1, targets: 2 });
      expect(data?.snapshotManagedBy).toBe('server');
      expect(data?.signers.map(({ name }) => name)).toEqual(['alice']);
      const keys = new Map((await scene.store.list()).map(({ id, role }) => [role, id]));
      expect(data?.rootKeyIds).toEqual([keys.get('root')]);
      expect(data?.targetsKeyId).toBe(keys.get('targets'));
      await weSign(scene, 'v1');
    });

    dtrCase(about('docker trust signer add, a second signer with two keys'), async () => {
      const scene = await signed();
      const files = [await scene.generate('bob'), await scene.generate('bob2')];
      await scene.addSigner('bob', ...files);
      const ids = (await Promise.all(files.map(idIn))).sort();
      const data = await scene.repository.read();
      expect(
        data
          ?.signer('bob')
          ?.keys.map((key) => key.canonicalId)
          .sort(),
      ).toEqual(ids);
      const after = await weSign(scene, 'v2', 'bob');
      expect(after.signature('v2', 'bob')?.keyIds).toEqual(ids);
      expect((await scene.inspectAnew()).signers).toEqual({ alice: [scene.alice], bob: ids });
    });

    // docker names the signer after the user who is logged in
    if (variant.options.tokens === true) {
      testCase(about('docker trust sign, of a repository that has no trust data'), async () => {
        const scene = await stage.begin();
        const image = await scene.push('v1');
        await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
        const data = await scene.repository.read();
        expect(data?.signature('v1', 'admin')).toMatchObject({ ...image, isReleased: true });
        await weSign(scene, 'v2', 'admin');
      });
    }

    testCase(about('docker trust sign, of a first tag'), async () => {
      const scene = await signed();
      const data = await scene.repository.read();
      expect(data?.signature('v1', 'alice')).toMatchObject({ sha256: scene.digest, keyIds: [scene.alice] });
      expect(data?.releasedTarget('v1')?.sha256).toBe(scene.digest);
      await weSign(scene, 'v2');
    });

    dtrCase(about('docker trust sign, of a tag with another digest'), async () => {
      const scene = await signed();
      const next = await scene.push('v1', 'rebuilt');
      await scene.operator.docker(['trust', 'sign', '--local', `${scene.gun}:v1`]);
      expect((await scene.repository.read())?.signature('v1', 'alice')).toMatchObject({ ...next, isReleased: true });
      await weSign(scene, 'v2');
    });

    dtrCase(about('docker trust sign, of a tag that is signed already'), async () => {
      const scene = await signed();
      const before = await scene.repository.read();
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
      const data = await scene.repository.read({ rememberedVersions: before?.versions });
      expect(data?.signature('v1', 'alice')).toMatchObject({ sha256: scene.digest, isReleased: true });
      await weSign(scene, 'v2');
    });

    dtrCase(about('docker trust revoke, of a tag'), async () => {
      const scene = await signed();
      await scene.operator.docker(['trust', 'revoke', '--yes', `${scene.gun}:v1`]);
      expect((await scene.repository.read())?.tags).toEqual([]);
      await weSign(scene, 'v1');
    });

    testCase(about('docker trust revoke, of all tags'), async () => {
      const scene = await signed();
      await weSign(scene, 'v2');
      await scene.operator.docker(['trust', 'revoke', '--yes', scene.gun]);
      const data = await scene.repository.read();
      expect(data?.tags).toEqual([]);
      expect(data?.signers.map(({ name }) => name)).toEqual(['alice']);
      await weSign(scene, 'v3');
    });

    dtrCase(about('docker trust signer remove, of the last signer'), async () => {
      const scene = await signed();
      await scene.operator.docker(['trust', 'signer', 'remove', 'alice', scene.gun], { input: 'y\n' });
      const data = await scene.repository.read();
      expect(data?.signers).toEqual([]);
      expect(data?.tags).toEqual([]);
      const releases = data?.trust.targets.signed.delegations.roles;
      expect(releases).toEqual([{ keyids: null, name: 'targets/releases', paths: [''], threshold: 1 }]);
      const bob = await scene.store.load(await idIn(await scene.generate('bob')));
      await scene.repository.change((draft) => draft.addSigner('bob', [bob.publicKey]));
      await weSign(scene, 'v2', 'bob');
    });
  });
});

/** As openssl writes it. */
const loadable = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
