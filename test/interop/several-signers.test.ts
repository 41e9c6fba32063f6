import { createPrivateKey, createPublicKey } from 'node:crypto';
import { PrivateKey, PublicKey } from '../../src/notary';
import { describeCasesOn } from './cases';
import { createAuthority } from './pki';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { likeDtr } from './variants';

// Several clusters: each has a CA of its own, and its user's key is on the machine of that cluster alone.

describeCasesOn([likeDtr], 'Several signers and several keys', (testCase, variant) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(variant);
  });
  afterAll(() => stage.close());
  const server = variant.name;

  /** A user's key and certificate, as a client bundle of a new cluster has them. */
  async function bundle(
    user: string,
  ): Promise<{ key: PrivateKey; certificate: PublicKey; renew: () => Promise<PublicKey> }> {
    const ca = await createAuthority();
    const { privateKey } = await ca.issue([user]);
    const key = PrivateKey.fromPem(privateKey, { label: user });
    const certify = async (): Promise<PublicKey> => {
      const pem = await ca.certify(user, createPublicKey(createPrivateKey(privateKey)));
      return PublicKey.fromPem(pem, { label: user, now: new Date() });
    };
    return { key, certificate: await certify(), renew: certify };
  }

  /** docker on the machine of somebody who has this key alone. */
  async function dockerSigns(scene: Scene, key: PrivateKey, role: string, tag: string): Promise<void> {
    const machine = await stage.begin();
    await machine.store.add(key, { role });
    await machine.operator.docker(['trust', 'sign', `${scene.gun}:${tag}`]);
  }

  testCase(
    { what: 'users of three clusters sign one tag, two with docker and one with us', server, theirs: ['docker'] },
    async () => {
      const users = await Promise.all(['cluster2admin', 'cluster3admin', 'cluster4admin'].map(bundle));
      const [two, three, four] = users;
      const scene = await stage.begin();
      const image = await scene.push('v1');
      await scene.initialise();
      await scene.repository.change((draft) => {
        users.forEach(({ certificate }, index) => draft.addSigner(`cluster${index + 2}`, [certificate]));
      });
      await dockerSigns(scene, two!.key, 'cluster2', 'v1');
      await scene.as(three!.key).change((draft) => draft.signTag('cluster3', 'v1', image));
      await dockerSigns(scene, four!.key, 'cluster4', 'v1');
      expect((await scene.inspectAnew()).tags).toEqual({ v1: [image.sha256, 'cluster2', 'cluster3', 'cluster4'] });
      const signatures = (await scene.repository.read())?.signatures('v1');
      expect(signatures?.map(({ signer, isReleased, keyIds }) => [signer, isReleased, keyIds])).toEqual(
        users.map(({ key }, index) => [`cluster${index + 2}`, true, [key.canonicalId]]),
      );
      await scene.as(three!.key).change((draft) => draft.revokeTag('cluster3', 'v1'));
      expect((await scene.inspectAnew()).tags).toEqual({ v1: [image.sha256, 'cluster2', 'cluster4'] });
    },
  );

  testCase(
    { what: 'one signer with keys of two clusters: either key alone signs', server, theirs: ['docker'] },
    async () => {
      const [two, three] = await Promise.all([bundle('alice'), bundle('alice')]);
      const scene = await stage.begin();
      const [one, other] = [await scene.push('v1'), await scene.push('v2')];
      await scene.initialise();
      await scene.repository.change((draft) => draft.addSigner('alice', [two.certificate, three.key.publicKey]));
      await dockerSigns(scene, two.key, 'alice', 'v1');
      expect((await scene.repository.read())?.signature('v1', 'alice')?.keyIds).toEqual([two.key.canonicalId]);
      await scene.as(three.key).change((draft) => draft.signTag('alice', 'v2', other));
      expect(await scene.inspectAnew()).toEqual({
        signers: { alice: [two.key.canonicalId, three.key.canonicalId].sort() },
        tags: { v1: [one.sha256, 'alice'], v2: [other.sha256, 'alice'] },
      });
    },
  );

  testCase({ what: 'one key as certificate and bare in one role', server, theirs: ['docker'] }, async () => {
    const { key, certificate } = await bundle('alice');
    const scene = await stage.begin(key);
    const image = await scene.push('v1');
    await scene.initialise();
    await scene.addSigner(
      'alice',
      await scene.file('bare', key.publicKey),
      await scene.file('certificate', certificate),
    );
    await scene.repository.change((draft) => draft.signTag('alice', 'v1', image));
    expect((await scene.inspectAnew()).tags).toEqual({ v1: [image.sha256, 'alice'] });
    await scene.store.add(key, { role: 'alice' });
    await scene.push('v2');
    await scene.operator.docker(['trust', 'sign', `${scene.gun}:v2`]);
    const data = await scene.repository.change((draft) => draft.setSignerKeys('alice', [certificate]));
    expect(data.signature('v2', 'alice')).toMatchObject({ isReleased: true, keyIds: [key.canonicalId] });
    expect((await seenBy(scene.operator, scene.gun)).signers).toEqual({ alice: [key.canonicalId] });
  });

  testCase(
    { what: 'a certificate is renewed over the same key, and everything is signed again', server, theirs: ['docker'] },
    async () => {
      const { key, certificate, renew } = await bundle('alice');
      const scene = await stage.begin();
      const image = await scene.push('v1');
      await scene.store.add(key, { role: 'alice' });
      await scene.addSigner('alice', await scene.file('certificate', certificate));
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
      const renewed = await renew();
      expect(renewed.tufId).not.toBe(certificate.tufId);
      expect(renewed.canonicalId).toBe(certificate.canonicalId);
      await scene.repository.change((draft) => draft.setSignerKeys('alice', [renewed]));
      const expected = { signers: { alice: [key.canonicalId] }, tags: { v1: [image.sha256, 'alice'] } };
      expect(await scene.inspectAnew()).toEqual(expected);
      expect(await seenBy(scene.operator, scene.gun)).toEqual(expected);
      await scene.push('v2');
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:v2`]);
      expect((await scene.repository.read())?.tags).toEqual(['v1', 'v2']);
    },
  );
});
