import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaseRole, type NextRootOfTrust, PrivateKey, type TrustData, type TrustStore } from '../../src/notary';
import type { Operator } from './docker';
import { type OurClient, ourClient, rootOf } from './ours';
import { describeCases, type RegisterCase } from './cases';
import { startTrustStack, type TrustStack } from './stack';
import { isEverywhere, likeDtr, localKeys, serversFor } from './variants';

// The real notary-server, judged by docker and notary: with a cache that knows the root from before, and without one.

describeCases('When we rotate keys', (testCase) => {
  describe.each(serversFor(localKeys, likeDtr))('$name', (variant) => {
    let stack: TrustStack;
    let made = 0;
    beforeAll(async () => (stack = await startTrustStack(variant.options)));
    afterAll(() => stack.close());

    const about = (what: string) => ({ what, server: variant.name });

    async function begin(initialise: (client: OurClient, operator: Operator) => Promise<unknown>) {
      const name = `admin/rotated${made++}`;
      const operator = await stack.operator(`ops${made}`);
      const client = ourClient(stack, operator, name);
      const alice = PrivateKey.generate();
      await client.store.add(alice, { role: 'alice' });
      await initialise(client, operator);
      const image = await stack.push(name, 'v1');
      await client.repository.change(async (draft) => {
        draft.addSigner('alice', [alice.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
      const signed = [{ SignedTag: 'v1', Digest: image.sha256, Signers: ['alice'] }];
      /** To the operator, who has seen all roots before, and to somebody who has seen none. */
      const isRead = async (): Promise<void> => {
        const newcomer = await stack.operator(`newcomer${made++}`);
        for (const person of [operator, newcomer]) {
          expect((await person.inspect(client.gun)).SignedTags).toEqual(signed);
          expect((await person.notary(['list', '-r', 'targets/releases', client.gun])).stdout).toContain(image.sha256);
        }
      };
      const rotate = async (...roles: BaseRole[]): Promise<TrustData> => {
        const keys = await client.repository.prepareRotation(rootsOf(client.store), roles);
        return client.repository.change((draft) => draft.rotate(keys));
      };
      /** docker and notary write on, with the keys that we made. */
      const isWrittenOn = async (): Promise<void> => {
        await stack.push(name, 'v2');
        await operator.docker(['trust', 'sign', `${client.gun}:v1`]);
        const signer = `s${made++}`;
        const file = join(operator.configDirectory, `${signer}.pub`);
        await writeFile(file, PrivateKey.generate().publicKey.toPem() ?? '');
        await operator.docker(['trust', 'signer', 'add', '--key', file, signer, client.gun]);
        const data = await client.repository.read();
        expect(data?.signer(signer)).toBeDefined();
        expect(data?.signature('v1', 'alice')).toMatchObject({ isReleased: true });
      };
      return { ...client, name, operator, isRead, isWrittenOn, rotate };
    }

    // all of them alone on one server, together on both
    const dtrCase: RegisterCase = (about, run) => {
      if (isEverywhere || variant === likeDtr) testCase(about, run);
    };
    dtrCase(about('each role, one after the other: they read it and write on'), async () => {
      const { repository, rotate, isRead, isWrittenOn, operator, gun, close } = await begin((client) =>
        client.repository.initialise(rootOf(client.store)),
      );
      try {
        await isRead();
        const first = await repository.read();
        for (const role of ['timestamp', 'snapshot', 'targets', 'root', 'root'] as const) {
          const before = await repository.read();
          const after = await rotate(role);
          const keys = (data: TrustData | undefined) => data?.trust.root.signed.roles.get(role)?.keyids;
          expect([role, keys(after)]).not.toEqual([role, keys(before)]);
          await isRead();
        }
        await isWrittenOn();
        // whoever slept through all of it follows from the first root
        const { rootKeyIds = [], versions } = first ?? {};
        await repository.read({ expectedRootKeyIds: rootKeyIds, rememberedVersions: versions });
        // the root key that we made is one for notary, too
        await operator.notary(['key', 'rotate', gun, 'targets']);
        await operator.notary(['key', 'rotate', gun, 'root'], { input: 'yes\n' });
        expect((await repository.read({ expectedRootKeyIds: rootKeyIds }))?.rootKeyIds).not.toEqual(rootKeyIds);
        await isRead();
      } finally {
        await close();
      }
    });

    testCase(about('all roles at once are one root'), async () => {
      const { rotate, isRead, isWrittenOn, close } = await begin((client) =>
        client.repository.initialise(rootOf(client.store)),
      );
      try {
        await isRead();
        const after = await rotate('root', 'targets', 'snapshot', 'timestamp');
        expect(after.versions.root).toBe(2);
        await isRead();
        await isWrittenOn();
      } finally {
        await close();
      }
    });

    testCase(about('a snapshot that notary init kept to itself is handed over to the server'), async () => {
      const { repository, rotate, isRead, isWrittenOn, close } = await begin((client, operator) =>
        operator.notary(['init', client.gun, '-p']),
      );
      try {
        expect((await repository.read())?.snapshotManagedBy).toBe('client');
        await isRead();
        const after = await rotate('snapshot');
        expect(after.snapshotManagedBy).toBe('server');
        await isRead();
        await isWrittenOn();
      } finally {
        await close();
      }
    });
  });
});

/** A new root key at every rotation. */
function rootsOf(store: TrustStore): NextRootOfTrust {
  return {
    ...rootOf(store),
    nextRootKey: () => Promise.resolve(undefined),
    makeRootKey: async () => {
      const key = PrivateKey.generate();
      await store.add(key, { role: 'root' });
      return key;
    },
  };
}
