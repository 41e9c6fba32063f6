import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivateKey, type TrustData } from '../../src/notary';
import { describeCases, type RegisterCase } from './cases';
import { ourStore } from './ours';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { isEverywhere, likeDtr, localKeys, serversFor } from './variants';

// Each: notary does it, we read it, go on from there with its key files, and it (or docker) reads what we made.

describeCases('What notary does is read and continued by us', (testCase) => {
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

    const about = (what: string) => ({ what, theirs: ['notary'] as const, server: variant.name });

    /** `notary init` and publish: snapshot key with the client. */
    async function init(): Promise<Scene & { notary: (...args: string[]) => Promise<string> }> {
      const scene = await stage.begin();
      const notary = async (...args: string[]): Promise<string> =>
        (await scene.operator.notary(args, { input: 'yes\n' })).stdout;
      await notary('init', scene.gun, '-p');
      return { ...scene, notary };
    }

    const hash = '1'.repeat(64);

    /** A signer of ours, with a signature; notary lists both. */
    async function weGoOn(
      scene: Awaited<ReturnType<typeof init>>,
      expected: { before: TrustData },
    ): Promise<TrustData> {
      const alice = PrivateKey.generate();
      const data = await scene.as(alice).change(
        async (draft) => {
          draft.addSigner('alice', [alice.publicKey]);
          await draft.signTag('alice', 'ours', { sha256: hash, length: 7 });
        },
        { expectedRootKeyIds: expected.before.rootKeyIds },
      );
      // every role on its own: a list of all names each target once, under the first role that has it
      for (const role of ['targets/alice', 'targets/releases']) {
        const list = await scene.notary('list', scene.gun, '--roles', role);
        expect(list).toMatch(new RegExp(`ours\\s+${hash}\\s+7\\s+${role}`));
      }
      expect((await scene.inspectAnew()).tags).toMatchObject({ ours: [hash, 'alice'] });
      return data;
    }

    const read = async (scene: Scene, before?: TrustData): Promise<TrustData> => {
      const pins = before && { expectedRootKeyIds: before.rootKeyIds, rememberedVersions: before.versions };
      return (await scene.repository.read(pins))!;
    };

    testCase(about('init, with the snapshot key kept by the client'), async () => {
      const scene = await init();
      const before = await read(scene);
      expect(before.snapshotManagedBy).toBe('client');
      const after = await weGoOn(scene, { before });
      expect(after.snapshotManagedBy).toBe('client');
      await scene.notary('addhash', scene.gun, 'theirs', '9', '--sha256', hash, '-p');
      expect((await read(scene, after)).tags).toEqual(['ours', 'theirs']);
    });

    dtrCase(about('init, and the snapshot key is on another machine: refused with the cure'), async () => {
      const scene = await init();
      const other = await stage.begin();
      const { targetsKeyId } = await read(scene);
      const repository = scene.as(await ourStore(scene.operator).load(targetsKeyId));
      await rename(join(scene.operator.trustDirectory, 'private'), join(other.operator.trustDirectory, 'elsewhere'));
      const change = repository.change((draft) => draft.addSigner('bob', [PrivateKey.generate().publicKey]));
      await expect(change).rejects.toMatchObject({
        code: 'snapshot_key_not_at_hand',
        cure: expect.stringContaining(`notary key rotate ${scene.gun} snapshot -r`) as string,
      });
    });

    testCase(about('add, of a target with custom data'), async () => {
      const scene = await init();
      const [custom, file] = [await scene.file('custom', '{"a":null,"b":[1,"é"]}'), await scene.file('thing', 'text')];
      await scene.notary('add', scene.gun, 'thing', file, '--custom', custom, '-p');
      const before = await read(scene);
      expect(before.tags).toEqual(['thing']);
      expect(before.ownTarget('thing')?.length).toBe(4);
      const after = await weGoOn(scene, { before });
      expect(after.trust.targets.signed.targets).toEqual(before.trust.targets.signed.targets);
      expect(await scene.notary('verify', scene.gun, 'thing', '-i', file)).toContain('text');
    });

    dtrCase(about('remove, of a target'), async () => {
      const scene = await init();
      await scene.notary('addhash', scene.gun, 'thing', '9', '--sha256', hash, '-p');
      await scene.notary('remove', scene.gun, 'thing', '-p');
      const before = await read(scene);
      expect(before.tags).toEqual([]);
      await weGoOn(scene, { before });
    });

    testCase(about('delegation add, of one role for all paths'), async () => {
      const scene = await init();
      const bob = PrivateKey.generate();
      await scene.notary(
        'delegation',
        'add',
        scene.gun,
        'targets/bob',
        await scene.file('bob', bob.publicKey),
        '--all-paths',
        '-p',
      );
      const before = await read(scene);
      expect(before.signer('bob')?.keys.map((key) => key.canonicalId)).toEqual([bob.canonicalId]);
      await scene.as(bob).change((draft) => draft.signTag('bob', 'bobs', { sha256: hash, length: 7 }));
      expect(await scene.notary('list', scene.gun, '--roles', 'targets/bob')).toMatch(/bobs\s+1+\s+7\s+targets\/bob/);
      await weGoOn(scene, { before });
    });

    dtrCase(about('delegation add, of a role for some paths'), async () => {
      const scene = await init();
      const bob = PrivateKey.generate();
      await scene.notary(
        'delegation',
        'add',
        scene.gun,
        'targets/bob',
        await scene.file('bob', bob.publicKey),
        '--paths',
        'release-,x',
        '-p',
      );
      const before = await read(scene);
      const sign = (tag: string) =>
        scene.as(bob).change((draft) => draft.signTag('bob', tag, { sha256: hash, length: 7 }));
      await expect(sign('v1')).rejects.toMatchObject({ code: 'path_not_allowed' });
      await sign('release-1');
      expect(await scene.notary('list', scene.gun, '--roles', 'targets/bob')).toContain('release-1');
      await weGoOn(scene, { before });
      expect(await scene.notary('delegation', 'list', scene.gun)).toMatch(/targets\/bob\s+release-\s.*\n\s+x\s/);
    });

    dtrCase(about('delegation remove, of a key and of a role'), async () => {
      const scene = await init();
      const [bob, carol] = [PrivateKey.generate(), PrivateKey.generate()];
      const files = [await scene.file('bob', bob.publicKey), await scene.file('carol', carol.publicKey)];
      await scene.notary('delegation', 'add', scene.gun, 'targets/both', ...files, '--all-paths', '-p');
      await scene.notary('delegation', 'add', scene.gun, 'targets/one', files[0]!, '--all-paths', '-p');
      await scene.notary('delegation', 'remove', scene.gun, 'targets/both', bob.canonicalId, '-p');
      await scene.notary('delegation', 'remove', scene.gun, 'targets/one', '--yes', '-p');
      const before = await read(scene);
      expect(before.signers.map(({ name, keys }) => [name, keys.map((key) => key.canonicalId)])).toEqual([
        ['both', [carol.canonicalId]],
      ]);
      await weGoOn(scene, { before });
    });

    dtrCase(about('delegation purge, of a key'), async () => {
      const scene = await init();
      const [bob, carol] = [PrivateKey.generate(), PrivateKey.generate()];
      const files = [await scene.file('bob', bob.publicKey), await scene.file('carol', carol.publicKey)];
      await scene.notary('delegation', 'add', scene.gun, 'targets/both', ...files, '--all-paths', '-p');
      await scene.notary('delegation', 'purge', scene.gun, '--key', bob.canonicalId, '-p');
      const before = await read(scene);
      expect(before.signer('both')?.keys.map((key) => key.canonicalId)).toEqual([carol.canonicalId]);
      await weGoOn(scene, { before });
    });

    dtrCase(about('witness, of a delegation that we signed'), async () => {
      const scene = await init();
      const bob = PrivateKey.generate();
      await scene.store.add(bob, { role: 'bob' });
      const before = await scene.repository.change(async (draft) => {
        draft.addSigner('bob', [bob.publicKey]);
        await draft.signTag('bob', 'bobs', { sha256: hash, length: 7 });
      });
      await scene.notary('witness', scene.gun, 'targets/bob', '-p');
      const witnessed = await read(scene, before);
      expect(witnessed.versions).toMatchObject({ 'targets/bob': 2 });
      expect(witnessed.signature('bobs', 'bob')).toMatchObject({ sha256: hash, isReleased: true });
      await weGoOn(scene, { before: witnessed });
    });

    const rotations: [string, string[], (before: TrustData, after: TrustData) => void][] = [
      ['root', ['root'], (before, after) => expect(after.rootKeyIds).not.toEqual(before.rootKeyIds)],
      ['targets', ['targets'], (before, after) => expect(after.targetsKeyId).not.toBe(before.targetsKeyId)],
      ['snapshot, to the server', ['snapshot', '-r'], (_, after) => expect(after.snapshotManagedBy).toBe('server')],
      [
        'snapshot, to a new key of the client',
        ['snapshot'],
        (_, after) => expect(after.snapshotManagedBy).toBe('client'),
      ],
      [
        'timestamp',
        ['timestamp', '-r'],
        (before, after) =>
          expect(after.trust.root.signed.roles.get('timestamp')).not.toEqual(
            before.trust.root.signed.roles.get('timestamp'),
          ),
      ],
    ];
    for (const [role, args, check] of rotations) {
      testCase(about(`key rotate of ${role}`), async () => {
        const scene = await init();
        const before = await read(scene);
        await scene.notary('key', 'rotate', scene.gun, ...args);
        const after = await read(scene, before);
        expect(after.versions.root).toBe(2);
        check(before, after);
        await weGoOn(scene, { before });
        const inElevenYears = new Date(Date.now() + 11 * 365 * 86_400_000);
        await scene.repository.change((draft) => draft.renew(['root', 'root_certificate'], inElevenYears));
        expect((await seenBy(scene.operator, scene.gun)).tags).toMatchObject({ ours: [hash, 'alice'] });
      });
    }

    testCase(about('key rotate of root, twice, and a pin on the first key or on a strange one'), async () => {
      const scene = await init();
      const before = await read(scene);
      await scene.notary('key', 'rotate', scene.gun, 'root');
      await scene.notary('key', 'rotate', scene.gun, 'root');
      expect((await read(scene, before)).versions.root).toBe(3);
      const wrong = { expectedRootKeyIds: ['0'.repeat(64)] };
      await expect(scene.repository.read(wrong)).rejects.toMatchObject({ code: 'unpinned_root' });
      await weGoOn(scene, { before });
    });

    testCase(about('delete --remote'), async () => {
      const scene = await init();
      const before = await weGoOn(scene, { before: await read(scene) });
      await scene.notary('delete', scene.gun, '--remote');
      expect(await scene.repository.read()).toBeUndefined();
      const again = await scene.initialise();
      expect(again.rootKeyIds).toEqual(before.rootKeyIds);
      await weGoOn(scene, { before: again });
    });

    dtrCase(about('key export and import, of a key that we wrote'), async () => {
      const scene = await init();
      const bob = PrivateKey.generate();
      await scene.store.add(bob, { role: 'bob' });
      const file = join(scene.operator.configDirectory, 'exported.pem');
      await scene.notary('key', 'export', '--key', bob.canonicalId, '-o', file);
      const exported = PrivateKey.fromPem(await readFile(file, 'utf8'), {
        label: file,
        passphrase: 'repository passphrase',
      });
      expect(exported.canonicalId).toBe(bob.canonicalId);
      const other = await stage.begin();
      await other.operator.notary(['key', 'import', file]);
      expect((await other.store.load(bob.canonicalId)).canonicalId).toBe(bob.canonicalId);
    });
  });
});
