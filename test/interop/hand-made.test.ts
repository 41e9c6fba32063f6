import { PrivateKey, type TrustData } from '../../src/notary';
import { describeCasesOn } from './cases';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { remoteSigner } from './variants';

// What nobody made with docker's usual commands: it is read, and stays what it is through every change of ours.

const hash = '2'.repeat(64);

describeCasesOn([remoteSigner], 'Repositories made by hand', (testCase, variant) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(variant);
  });
  afterAll(() => stage.close());

  const server = variant.name;
  const read = async (scene: Scene): Promise<TrustData> => (await scene.repository.read())!;
  /** Puts the key into the store, so that all three can sign with it. */
  const person = async (scene: Scene, role: string): Promise<{ key: PrivateKey; file: string }> => {
    const key = PrivateKey.generate();
    await scene.store.add(key, { role });
    return { key, file: await scene.file(role, key.publicKey) };
  };
  const notary = async (scene: Scene, ...args: string[]): Promise<string> => (await scene.operator.notary(args)).stdout;

  testCase({ what: 'no delegations: docker signs as "Repo Admin", then we add a signer', server }, async () => {
    const scene = await stage.begin();
    const [one, two] = [await scene.push('v1'), await scene.push('v2')];
    await scene.initialise();
    await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
    const found = await read(scene);
    expect(found.signers).toEqual([]);
    expect(found.ownTarget('v1')).toEqual(one);
    const alice = await person(scene, 'alice');
    await scene.repository.change((draft) => draft.addSigner('alice', [alice.key.publicKey]));
    expect((await scene.inspectAnew()).tags).toEqual({ v1: [one.sha256, 'Repo Admin'] });
    await scene.operator.docker(['trust', 'sign', `${scene.gun}:v2`]);
    expect((await read(scene)).signature('v2', 'alice')).toMatchObject({ ...two, isReleased: true });
    const seen = await seenBy(scene.operator, scene.gun);
    expect(seen.tags).toEqual({ v1: [one.sha256, 'Repo Admin'], v2: [two.sha256, 'alice'] });
  });

  testCase({ what: 'targets/releases alone: read, and a signer is added beside its key', server }, async () => {
    const scene = await stage.begin();
    const [one, two] = [await scene.push('v1'), await scene.push('v2')];
    await scene.initialise();
    const releaser = await person(scene, 'releaser');
    await notary(scene, 'delegation', 'add', scene.gun, 'targets/releases', releaser.file, '--all-paths', '-p');
    await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
    const found = await read(scene);
    expect([found.signers, found.tags, found.releasedTarget('v1')]).toEqual([[], ['v1'], one]);
    const alice = PrivateKey.generate();
    await scene.as(alice).change((draft) => draft.addSigner('alice', [alice.publicKey]));
    expect((await scene.inspectAnew()).tags).toEqual({ v1: [one.sha256, 'Repo Admin'] });
    await scene.as(alice).change((draft) => draft.signTag('alice', 'v2', two));
    await scene.repository.change((draft) => draft.removeSigner('alice'));
    expect(await scene.inspectAnew()).toEqual({
      signers: {},
      tags: { v1: [one.sha256, 'Repo Admin'], v2: [two.sha256, 'Repo Admin'] },
    });
    await scene.push('v3');
    await scene.operator.docker(['trust', 'sign', `${scene.gun}:v3`]);
    expect((await read(scene)).tags).toEqual(['v1', 'v2', 'v3']);
  });

  testCase({ what: 'nested delegations below a signer stay when the signer signs', server }, async () => {
    const scene = await stage.begin();
    const [alice, nested] = [await person(scene, 'alice'), await person(scene, 'nested')];
    const image = await scene.push('v1');
    await scene.initialise();
    await scene.repository.change((draft) => draft.addSigner('alice', [alice.key.publicKey]));
    await notary(scene, 'delegation', 'add', scene.gun, 'targets/alice/nested', nested.file, '--all-paths', '-p');
    await notary(scene, 'addhash', scene.gun, 'deep', '9', '--sha256', hash, '-r', 'targets/alice/nested', '-p');
    const before = await read(scene);
    const after = await scene.repository.change(async (draft) => {
      draft.addSigner('bob', [PrivateKey.generate().publicKey]);
      await draft.signTag('alice', 'v1', image);
      await draft.renew(['targets', 'targets/alice'], new Date(Date.now() + 4 * 365 * 86_400_000));
    });
    const delegationsOf = (data: TrustData) =>
      data.trust.delegations.get('targets/alice')?.document?.signed.delegations;
    expect(delegationsOf(before)?.roles).toHaveLength(1);
    expect(delegationsOf(after)).toEqual(delegationsOf(before));
    expect(bytesOf(after, 'targets/alice/nested')).toEqual(bytesOf(before, 'targets/alice/nested'));
    expect(await notary(scene, 'list', scene.gun, '--roles', 'targets/alice/nested')).toMatch(/deep\s+2+\s+9/);
    await scene.push('v2');
    await scene.operator.docker(['trust', 'sign', `${scene.gun}:v2`]);
    expect(delegationsOf(await read(scene))).toEqual(delegationsOf(before));
    expect((await scene.inspectAnew()).tags).toMatchObject({ v1: [image.sha256, 'alice'] });
  });

  testCase(
    { what: 'delegations of others, with paths, several keys and custom data, are left as they are', server },
    async () => {
      const scene = await stage.begin();
      const [qa, ops, alice] = [await person(scene, 'qa'), await person(scene, 'ops'), await person(scene, 'alice')];
      await scene.initialise();
      await notary(
        scene,
        'delegation',
        'add',
        scene.gun,
        'targets/qa',
        qa.file,
        ops.file,
        '--paths',
        'qa-,report-',
        '-p',
      );
      const [custom, report] = [
        await scene.file('custom', '{"by":"qa","ok":true}'),
        await scene.file('report', 'fine'),
      ];
      await notary(scene, 'add', scene.gun, 'qa-1', report, '--custom', custom, '-r', 'targets/qa', '-p');
      await notary(scene, 'add', scene.gun, 'own', report, '--custom', custom, '-p');
      const before = await read(scene);
      const image = await scene.push('v1');
      await scene.repository.change(async (draft) => {
        draft.addSigner('alice', [alice.key.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
      const after = await read(scene);
      const roleOf = (data: TrustData) =>
        data.trust.targets.signed.delegations.roles?.find(({ name }) => name === 'targets/qa');
      expect(roleOf(before)).toMatchObject({ paths: ['qa-', 'report-'], threshold: 1 });
      expect(roleOf(after)).toEqual(roleOf(before));
      expect(bytesOf(after, 'targets/qa')).toEqual(bytesOf(before, 'targets/qa'));
      expect(after.trust.targets.signed.targets).toEqual(before.trust.targets.signed.targets);
      // and where we do write the file, the custom data of others in it stays
      const signed = await scene.repository.change((draft) => draft.signTag('qa', 'qa-2', { sha256: hash, length: 1 }));
      const targetOf = (data: TrustData) =>
        data.trust.delegations.get('targets/qa')?.document?.signed.targets?.get('qa-1');
      expect(targetOf(signed)?.custom).toBeDefined();
      expect(targetOf(signed)).toEqual(targetOf(before));
      const last = await scene.repository.change((draft) => draft.removeSigner('alice', { allowUnsigning: true }));
      expect(roleOf(last)).toEqual(roleOf(before));
      expect(bytesOf(last, 'targets/qa')).toEqual(bytesOf(signed, 'targets/qa'));
      expect(await notary(scene, 'list', scene.gun, '--roles', 'targets/qa')).toMatch(/qa-1[^]*qa-2/);
      expect(await notary(scene, 'verify', scene.gun, 'own', '-i', report)).toContain('fine');
    },
  );
});

function bytesOf(data: TrustData, role: `targets/${string}`): string {
  const document = data.trust.delegations.get(role)?.document;
  if (document === undefined) throw new Error(`${role} has no file`);
  return document.bytes.toString();
}
