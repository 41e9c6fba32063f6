import { PrivateKey, type TrustData } from '../../src/notary';
import { describeCases, type RegisterCase } from './cases';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { isEverywhere, likeDtr, localKeys, serversFor } from './variants';

// Each: we do it, docker and notary read it, go on from there with the key files we wrote, and we read what they made.

describeCases('What we do is read and continued by docker and notary', (testCase) => {
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

    const server = variant.name;

    /** Alice, whose key the store has, is a signer and has signed v1: all ours. */
    async function signed(): Promise<Scene & { alice: PrivateKey; digest: string }> {
      const alice = PrivateKey.generate();
      const scene = await stage.begin();
      const image = await scene.push('v1');
      await scene.initialise();
      await scene.store.add(alice, { role: 'alice' });
      await scene.repository.change(async (draft) => {
        draft.addSigner('alice', [alice.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
      return { ...scene, alice, digest: image.sha256 };
    }

    /** docker signs a tag on its own, and we read that these signed it. */
    async function dockerSigns(scene: Scene, tag: string): Promise<TrustData> {
      const image = await scene.push(tag);
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:${tag}`]);
      const data = await scene.repository.read();
      expect(data?.releasedTarget(tag)).toEqual(image);
      return data!;
    }

    testCase({ what: 'a repository is made', server }, async () => {
      const scene = await stage.begin();
      const made = await scene.initialise();
      const { AdministrativeKeys, SignedTags } = await scene.operator.inspect(scene.gun);
      expect(SignedTags).toEqual([]);
      expect(AdministrativeKeys).toEqual([
        { Name: 'Root', Keys: [{ ID: made.trust.rootKeys[0]?.tufId }] },
        { Name: 'Repository', Keys: [{ ID: made.targetsKeyId }] },
      ]);
      const { stdout } = await scene.operator.notary(['key', 'list']);
      expect(stdout).toContain(made.rootKeyIds[0]);
      expect(stdout).toContain(made.targetsKeyId);
      await scene.addSigner('alice', await scene.generate('alice'));
      const data = await dockerSigns(scene, 'v1');
      expect(data.rootKeyIds).toEqual(made.rootKeyIds);
      expect(data.signatures('v1').map(({ signer }) => signer)).toEqual(['alice']);
    });

    dtrCase({ what: 'a signer is added', server }, async () => {
      const scene = await stage.begin();
      const alice = PrivateKey.generate();
      await scene.initialise();
      await scene.store.add(alice, { role: 'alice' });
      await scene.repository.change((draft) => draft.addSigner('alice', [alice.publicKey]));
      expect((await seenBy(scene.operator, scene.gun)).signers).toEqual({ alice: [alice.canonicalId] });
      const { stdout } = await scene.operator.notary(['delegation', 'list', scene.gun]);
      for (const role of ['targets/alice', 'targets/releases']) {
        expect(stdout).toMatch(new RegExp(`${role}\\s+""\\s+<all paths>\\s+${alice.canonicalId}`));
      }
      const data = await dockerSigns(scene, 'v1');
      expect(data.signature('v1', 'alice')).toMatchObject({ isReleased: true, keyIds: [alice.canonicalId] });
    });

    dtrCase({ what: 'a second signer is added', server }, async () => {
      const scene = await signed();
      const bob = PrivateKey.generate();
      await scene.repository.change((draft) => draft.addSigner('bob', [bob.publicKey]));
      const seen = await scene.inspectAnew();
      expect(seen.signers).toEqual({ alice: [scene.alice.canonicalId], bob: [bob.canonicalId] });
      expect(seen.tags).toEqual({ v1: [scene.digest, 'alice'] });
      await scene.store.add(bob, { role: 'bob' });
      const data = await dockerSigns(scene, 'v2');
      expect(data.signatures('v2').map(({ signer }) => signer)).toEqual(['alice', 'bob']);
    });

    dtrCase({ what: 'a signer gets a second key', server }, async () => {
      const scene = await signed();
      const second = PrivateKey.generate();
      const both = [scene.alice, second].map((key) => key.canonicalId).sort();
      await scene.repository.change((draft) => draft.addSigner('alice', [second.publicKey]));
      expect(await scene.inspectAnew()).toEqual({ signers: { alice: both }, tags: { v1: [scene.digest, 'alice'] } });
      await scene.store.add(second, { role: 'alice' });
      const data = await dockerSigns(scene, 'v2');
      expect(data.signature('v2', 'alice')?.keyIds).toEqual(both);
    });

    dtrCase({ what: 'a signer’s key is replaced and the file signed again', server }, async () => {
      const scene = await signed();
      const next = PrivateKey.generate();
      await scene.as(next).change((draft) => draft.setSignerKeys('alice', [next.publicKey]));
      const expected = { signers: { alice: [next.canonicalId] }, tags: { v1: [scene.digest, 'alice'] } };
      expect(await seenBy(scene.operator, scene.gun)).toEqual(expected);
      await scene.store.add(next, { role: 'alice' });
      const data = await dockerSigns(scene, 'v2');
      expect(data.signature('v2', 'alice')?.keyIds).toEqual([next.canonicalId]);
      expect(data.signature('v1', 'alice')?.isReleased).toBe(true);
    });

    dtrCase({ what: 'one of two signers is removed', server }, async () => {
      const scene = await signed();
      const bob = PrivateKey.generate();
      await scene.store.add(bob, { role: 'bob' });
      const image = await scene.push('v1');
      await scene.repository.change(async (draft) => {
        draft.addSigner('bob', [bob.publicKey]);
        await draft.signTag('bob', 'v1', image);
      });
      await scene.repository.change((draft) => draft.removeSigner('alice'));
      const expected = { signers: { bob: [bob.canonicalId] }, tags: { v1: [scene.digest, 'bob'] } };
      expect(await seenBy(scene.operator, scene.gun)).toEqual(expected);
      const data = await dockerSigns(scene, 'v2');
      expect(data.signatures('v2').map(({ signer }) => signer)).toEqual(['bob']);
    });

    testCase({ what: 'the last signer is removed', server }, async () => {
      const scene = await signed();
      await scene.repository.change((draft) => draft.removeSigner('alice', { allowUnsigning: true }));
      expect((await scene.inspectAnew()).signers).toEqual({});
      expect((await scene.operator.notary(['delegation', 'list', scene.gun])).stdout).not.toContain('targets/alice');
      await scene.addSigner('carol', await scene.generate('carol'));
      // targets/releases is still the file that alice signed: docker cannot replace it (the server refuses its version 1), we can
      const image = await scene.push('v2');
      await scene.repository.change((draft) => draft.signTag('carol', 'v2', image));
      const data = await dockerSigns(scene, 'v3');
      expect(data.signatures('v3').map(({ signer }) => signer)).toEqual(['carol']);
      expect(data.tags).toEqual(['v2', 'v3']);
    });

    dtrCase({ what: 'another signer takes over where nothing is signed any more', server }, async () => {
      const scene = await signed();
      await scene.operator.docker(['trust', 'revoke', '--yes', `${scene.gun}:v1`]);
      await scene.repository.change((draft) => draft.removeSigner('alice'));
      const bob = PrivateKey.generate();
      await scene.store.add(bob, { role: 'bob' });
      await scene.repository.change((draft) => draft.addSigner('bob', [bob.publicKey]));
      expect(await scene.inspectAnew()).toEqual({ signers: { bob: [bob.canonicalId] }, tags: {} });
      const data = await dockerSigns(scene, 'v2');
      expect(data.signatures('v2').map(({ signer }) => signer)).toEqual(['bob']);
    });

    testCase({ what: 'a tag is signed', server }, async () => {
      const scene = await signed();
      const expected = { signers: { alice: [scene.alice.canonicalId] }, tags: { v1: [scene.digest, 'alice'] } };
      expect(await seenBy(scene.operator, scene.gun)).toEqual(expected);
      expect((await scene.operator.notary(['lookup', scene.gun, 'v1'])).stdout).toContain(scene.digest);
      const data = await dockerSigns(scene, 'v2');
      expect(data.tags).toEqual(['v1', 'v2']);
    });

    testCase({ what: 'a tag is signed with another digest', server }, async () => {
      const scene = await signed();
      const next = await scene.push('v1', 'rebuilt');
      await scene.repository.change((draft) => draft.signTag('alice', 'v1', next, { replaces: [scene.digest] }));
      expect((await seenBy(scene.operator, scene.gun)).tags).toEqual({ v1: [next.sha256, 'alice'] });
      const third = await scene.push('v1', 'rebuilt again');
      await scene.operator.docker(['trust', 'sign', '--local', `${scene.gun}:v1`]);
      expect((await scene.repository.read())?.signature('v1', 'alice')).toMatchObject({ ...third, isReleased: true });
    });

    dtrCase({ what: 'a signature is taken back', server }, async () => {
      const scene = await signed();
      await scene.repository.change((draft) => draft.revokeTag('alice', 'v1'));
      expect((await seenBy(scene.operator, scene.gun)).tags).toEqual({});
      const data = await dockerSigns(scene, 'v1');
      expect(data.signature('v1', 'alice')).toMatchObject({ sha256: scene.digest, isReleased: true });
    });

    testCase(
      { what: 'expiries of targets and delegations, and the root certificate, are renewed', server },
      async () => {
        const scene = await signed();
        const before = await scene.inspectAnew();
        expect(await seenBy(scene.operator, scene.gun)).toEqual(before);
        const inElevenYears = new Date(Date.now() + 11 * 365 * 86_400_000);
        const all = ['root', 'root_certificate', 'targets', 'targets/alice', 'targets/releases'] as const;
        const [old] = (await scene.repository.read())!.trust.rootKeys;
        const renewed = await scene.repository.change((draft) => draft.renew(all, inElevenYears));
        expect(renewed.rootKeyIds).toEqual([old?.canonicalId]);
        expect(renewed.trust.rootKeys[0]?.tufId).not.toBe(old?.tufId);
        expect(renewed.versions).toMatchObject({ root: 2, targets: 3, 'targets/alice': 2, 'targets/releases': 2 });
        // the operator's docker has the old root in its cache, a newcomer's has nothing
        expect(await seenBy(scene.operator, scene.gun)).toEqual(before);
        expect(await scene.inspectAnew()).toEqual(before);
        const data = await dockerSigns(scene, 'v2');
        expect(data.versions).toMatchObject({ root: 2, 'targets/alice': 3 });
      },
    );

    testCase({ what: 'several changes go out in one publish', server }, async () => {
      const scene = await signed();
      const [bob, image] = [PrivateKey.generate(), await scene.push('v2')];
      const [one] = await Promise.all([
        scene.repository.change((draft) => draft.addSigner('bob', [bob.publicKey])),
        scene.repository.change((draft) => draft.signTag('alice', 'v2', image)),
        scene.repository.change((draft) => draft.revokeTag('alice', 'v1')),
      ]);
      expect(one.versions).toMatchObject({ targets: 3, 'targets/alice': 2, 'targets/releases': 2 });
      expect(await seenBy(scene.operator, scene.gun)).toEqual({
        signers: { alice: [scene.alice.canonicalId], bob: [bob.canonicalId] },
        tags: { v2: [image.sha256, 'alice'] },
      });
      const data = await dockerSigns(scene, 'v3');
      expect(data.tags).toEqual(['v2', 'v3']);
    });

    testCase({ what: 'trust data is deleted', server }, async () => {
      const scene = await signed();
      const root = (await scene.repository.read())?.rootKeyIds;
      await scene.repository.deleteTrustData();
      await expect(scene.inspectAnew()).rejects.toThrow(/no signatures or cannot access/i);
      await scene.operator.notary(['delete', scene.gun]);
      await scene.addSigner('alice', await scene.file('alice', scene.alice.publicKey));
      const data = await dockerSigns(scene, 'v2');
      expect(data.rootKeyIds).toEqual(root);
      expect(data.versions).toMatchObject({ root: 1, 'targets/alice': 1 });
    });
  });
});
