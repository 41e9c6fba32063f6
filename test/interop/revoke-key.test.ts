import { PrivateKey, PublicKey } from '../../src/notary';
import { dct } from '../cli/a-terminal';
import { describeCases } from './cases';
import { passphrases } from './docker';
import { openStage, type Scene, type Stage } from './stage';
import { isEverywhere, likeDtr, localKeys, serversFor } from './variants';

// The real notary-server, judged by docker and notary, which write on afterwards.

const hash = 'ab'.repeat(32);

describeCases('A key that is revoked everywhere', (testCase) => {
  describe.each(serversFor(localKeys, likeDtr))('$name', (variant) => {
    let stage: Stage;
    beforeAll(async () => (stage = await openStage(variant)));
    afterAll(() => stage.close());

    const about = (what: string) => ({ what, ours: 'dct' as const, server: variant.name });

    /** Shown first and then done, with what has to be vouched for. */
    async function revoke(scene: Scene, id: string, ...more: string[]): Promise<void> {
      const { caFile, tokens } = stage.stack;
      const environment = {
        DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
        DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
        ...(tokens && { DCT_REGISTRY_USERNAME: tokens.username, DCT_REGISTRY_PASSWORD: tokens.password }),
      };
      const where = ['--repository', scene.gun, '--ca', caFile, '--trust-store', scene.operator.trustDirectory];
      const args = ['revoke-key', id, ...where, ...more, '--json'];
      const publishes = (): number =>
        stage.stack.front.requests.filter(({ method, path, status }) => {
          return method === 'POST' && path.endsWith(`${scene.name}/_trust/tuf/`) && status === 200;
        }).length;
      const before = publishes();
      const shown = await dct(args, { environment });
      expect([shown.err, publishes()]).toEqual(['', before]);
      const seen = [...shown.out.matchAll(/"vouch": "([0-9a-f]{64})"/g)].flatMap(([, each]) => ['--vouch', each ?? '']);
      const done = await dct([...args, ...seen, '--yes'], { environment });
      expect([done.code, done.err, publishes()]).toEqual([0, '', before + 1]);
      expect(done.out).toContain('"status": "removed"');
    }

    async function begin(...initialise: string[]): Promise<Scene> {
      const scene = await stage.begin();
      const alice = PrivateKey.generate();
      await scene.store.add(alice, { role: 'alice' });
      if (initialise.length > 0) await scene.operator.notary([...initialise, scene.gun, '-p']);
      else await scene.initialise();
      const image = await scene.push('v1');
      await scene.repository.change(async (draft) => {
        draft.addSigner('alice', [alice.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
      // docker has seen the repository before
      await scene.operator.inspect(scene.gun);
      return scene;
    }

    async function isWrittenOn(scene: Scene, tag: string): Promise<void> {
      const { sha256 } = await scene.push(tag);
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:${tag}`]);
      expect((await scene.inspectAnew()).tags).toMatchObject({ [tag]: [sha256, 'alice'] });
      expect((await scene.operator.notary(['list', '-r', 'targets/releases', scene.gun])).stdout).toContain(sha256);
    }

    async function keyOf(scene: Scene, role: string): Promise<string> {
      const { keys, roles } = (await scene.repository.read())!.trust.root.signed;
      return PublicKey.fromDocument(keys.get(roles.get(role)?.keyids?.[0] ?? '')!).canonicalId;
    }

    testCase(
      about('of the root, of targets, of the timestamp, of the snapshot: docker and notary read it and write on'),
      async () => {
        const scene = await begin();
        for (const role of ['timestamp', 'snapshot', 'targets', 'root']) {
          const id = await keyOf(scene, role);
          await revoke(scene, id, ...(role === 'root' ? ['--create-root-key'] : []));
          expect([role, await keyOf(scene, role)]).not.toEqual([role, id]);
          await isWrittenOn(scene, `after-${role}`);
        }
      },
      120_000,
    );

    if (isEverywhere || variant === likeDtr) {
      testCase(about('of a snapshot that notary init kept to itself: the server signs it from then on'), async () => {
        const scene = await begin('init');
        await revoke(scene, await keyOf(scene, 'snapshot'));
        expect((await scene.repository.read())?.snapshotManagedBy).toBe('server');
        await isWrittenOn(scene, 'v2');
      });
      return;
    }

    testCase(about('of a signer and of a delegation that notary made below another'), async () => {
      const scene = await begin();
      const [thief, ci] = [PrivateKey.generate(), PrivateKey.generate()];
      await scene.store.add(thief, { role: 'thief' });
      await scene.repository.change((draft) => draft.addSigner('thief', [thief.publicKey]));
      const nested = 'targets/alice/ci';
      for (const [name, key] of Object.entries({ thief, ci })) {
        const file = await scene.file(name, key.publicKey);
        await scene.operator.notary(['delegation', 'add', scene.gun, nested, file, '--all-paths', '-p']);
      }
      await scene.operator.notary(['addhash', scene.gun, 'deep', '9', '--sha256', hash, '-r', nested, '-p']);
      await scene.store.add(ci, { role: 'ci' });
      await revoke(scene, thief.canonicalId);
      const { trust, signers } = (await scene.repository.read())!;
      expect(signers.map(({ name }) => name)).toEqual(['alice']);
      const below = [...trust.delegations.values()].find(({ role }) => role === nested);
      expect([...(below?.keys.keys() ?? []), below?.failure]).toEqual([ci.publicKey.tufId, undefined]);
      expect((await scene.operator.notary(['list', scene.gun, '--roles', nested])).stdout).toContain(hash);
      await isWrittenOn(scene, 'v2');
    });
  });
});
