import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpClient } from '../../src/http';
import { PrivateKey, type PublicKey } from '../../src/notary';
import type { Operator } from './docker';
import { type OurClient, ourClient, ourStore, rootOf } from './ours';
import { describeInterop } from './programs';
import { startTrustStack, type TrustStack } from './stack';

describeInterop('our Notary client and the real programs', () => {
  describe.each([['local'], ['remote']] as const)('with %s signing', (signing) => {
    let stack: TrustStack;
    let made = 0;
    const clients: OurClient[] = [];
    beforeAll(async () => {
      stack = await startTrustStack({ signing });
    });
    afterAll(async () => {
      for (const client of clients) await client.close();
      await stack.close();
    });

    /** A person of their own and a repository of their own. */
    const begin = async (
      keys: readonly PrivateKey[] = [],
    ): Promise<OurClient & { operator: Operator; name: string }> => {
      const name = `admin/repository${made++}`;
      const operator = await stack.operator(`person${made}`);
      const client = ourClient(stack, operator, name, { keys });
      clients.push(client);
      return { ...client, operator, name };
    };

    describe('when we make repository, signer and signature', () => {
      test('docker and notary read them', async () => {
        const alice = PrivateKey.generate();
        const { repository, store, operator, gun, name } = await begin([alice]);
        const image = await stack.push(name, 'v1');
        await repository.initialise(rootOf(store));
        await repository.change((draft) => draft.addSigner('alice', [alice.publicKey]));
        const data = await repository.change(async (draft) => {
          await draft.signTag('alice', 'v1', image);
        });
        expect(data.signature('v1', 'alice')).toMatchObject({ ...image, isReleased: true });

        const inspection = await operator.inspect(gun);
        expect(inspection.SignedTags).toEqual([{ SignedTag: 'v1', Digest: image.sha256, Signers: ['alice'] }]);
        expect(inspection.Signers).toEqual([{ Name: 'alice', Keys: [{ ID: alice.canonicalId }] }]);
        const admin = new Map(inspection.AdministrativeKeys.map(({ Name, Keys }) => [Name, Keys[0]?.ID]));
        expect(admin.get('Repository')).toBe(data.targetsKeyId);
        const list = await operator.notary(['delegation', 'list', gun]);
        expect(list.stdout).toMatch(new RegExp(`targets/alice\\s+""\\s+<all paths>\\s+${alice.canonicalId}`));
        expect(list.stdout).toContain('targets/releases');
      });

      test('docker adds a signer and signs, with the keys that we wrote', async () => {
        const { repository, store, operator, gun, name } = await begin();
        const image = await stack.push(name, 'v1');
        await repository.initialise(rootOf(store));
        const alice = PrivateKey.generate();
        await store.add(alice, { role: 'alice' });
        const file = join(stack.directory, 'alice.pem');
        await writeFile(file, pemOf(alice.publicKey));
        await operator.docker(['trust', 'signer', 'add', '--key', file, 'alice', gun]);
        await operator.docker(['trust', 'sign', `${gun}:v1`]);

        const data = await repository.read();
        expect(data?.signers.map((signer) => signer.name)).toEqual(['alice']);
        expect(data?.signer('alice')?.keys[0]?.canonicalId).toBe(alice.canonicalId);
        expect(data?.signature('v1', 'alice')).toMatchObject({
          ...image,
          isReleased: true,
          keyIds: [alice.canonicalId],
        });

        await operator.docker(['trust', 'revoke', '--yes', `${gun}:v1`]);
        expect((await repository.read())?.tags).toEqual([]);
      });

      test('our documents are, but for times and keys, those of docker', async () => {
        const theirs = await begin();
        const ours = await begin();
        const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];
        await ours.repository.initialise(rootOf(ours.store));
        for (const [signer, key] of [
          ['alice', alice],
          ['bob', bob],
        ] as const) {
          const file = join(stack.directory, `${signer}.pub`);
          await writeFile(file, pemOf(key.publicKey));
          await theirs.operator.docker(['trust', 'signer', 'add', '--key', file, signer, theirs.gun]);
          await ours.repository.change((draft) => draft.addSigner(signer, [key.publicKey]));
        }
        const [a, b] = [await ours.repository.read(), await theirs.repository.read()];
        expect(a?.trust.targets.signed.delegations).toEqual(b?.trust.targets.signed.delegations);
        expect(a?.snapshotManagedBy).toBe('server');
      });
    });

    describe('when docker made the repository', () => {
      test('we read it, sign with its key store and add a signer', async () => {
        const { repository, operator, gun, name } = await begin();
        const [one, two] = [await stack.push(name, 'v1'), await stack.push(name, 'v2')];
        await operator.docker(['trust', 'key', 'generate', 'alice', '--dir', operator.configDirectory]);
        await operator.docker([
          'trust',
          'signer',
          'add',
          '--key',
          join(operator.configDirectory, 'alice.pub'),
          'alice',
          gun,
        ]);
        await operator.docker(['trust', 'sign', `${gun}:v1`]);

        const found = await repository.read();
        expect(found?.signature('v1', 'alice')).toMatchObject({ ...one, isReleased: true });
        expect(found?.isBlank).toBe(false);
        const bob = PrivateKey.generate();
        await Promise.all([
          repository.change((draft) => draft.signTag('alice', 'v2', two)),
          repository.change((draft) => draft.addSigner('bob', [bob.publicKey])),
        ]);
        const inspection = await operator.inspect(gun);
        expect(inspection.SignedTags).toEqual([
          { SignedTag: 'v1', Digest: one.sha256, Signers: ['alice'] },
          { SignedTag: 'v2', Digest: two.sha256, Signers: ['alice'] },
        ]);
        expect(inspection.Signers.map(({ Name }) => Name).sort()).toEqual(['alice', 'bob']);
        await operator.docker(['trust', 'sign', `${gun}:v2`]);
      });

      test('the CLI’s "Repo Admin" signature in targets is read', async () => {
        const { repository, operator, gun } = await begin();
        await writeFile(join(stack.directory, 'thing'), 'content');
        await operator.notary(['init', gun, '-p']);
        await operator.notary(['add', gun, 'thing', join(stack.directory, 'thing'), '-p']);
        const data = await repository.read();
        expect(data?.tags).toEqual(['thing']);
        expect(data?.snapshotManagedBy).toBe('client');
      });
    });

    describe('when notary init keeps the snapshot key to itself', () => {
      test('we sign the snapshot when its key is at hand', async () => {
        const { repository, operator, gun } = await begin();
        await operator.notary(['init', gun, '-p']);
        const alice = PrivateKey.generate();
        await repository.change((draft) => draft.addSigner('alice', [alice.publicKey]));
        const list = await operator.notary(['delegation', 'list', gun]);
        expect(list.stdout).toContain(alice.canonicalId);
      });

      test('we say what to do when it is not', async () => {
        const { operator, gun, name } = await begin();
        await operator.notary(['init', gun, '-p']);
        const { stdout } = await operator.notary(['key', 'list']);
        const targets = /targets\s+\S+\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? '';
        const other = await stack.operator('without-snapshot-key');
        const key = await ourStore(operator).load(targets);
        const client = ourClient(stack, other, name, { keys: [key] });
        clients.push(client);
        const change = client.repository.change((draft) => draft.addSigner('bob', [PrivateKey.generate().publicKey]));
        await expect(change).rejects.toMatchObject({
          code: 'snapshot_key_not_at_hand',
          cure: expect.stringContaining(`notary key rotate ${gun} snapshot -r`) as string,
        });
      });
    });

    describe('when one of two signers is removed', () => {
      test('what only the removed one signed last is signed again by the one who stays', async () => {
        const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];
        const both = await begin([alice, bob]);
        const image = await stack.push(both.name, 'v1');
        await both.repository.initialise(rootOf(both.store));
        await both.repository.change((draft) => {
          draft.addSigner('alice', [alice.publicKey]);
          draft.addSigner('bob', [bob.publicKey]);
        });
        const aliceOnly = ourClient(stack, both.operator, both.name, { keys: [alice] });
        const bobOnly = ourClient(stack, both.operator, both.name, { keys: [bob] });
        clients.push(aliceOnly, bobOnly);
        await bobOnly.repository.change((draft) => draft.signTag('bob', 'v1', image));
        await aliceOnly.repository.change((draft) => draft.signTag('alice', 'v1', image));
        await stack
          .push(both.name, 'v2')
          .then((two) => aliceOnly.repository.change((draft) => draft.signTag('alice', 'v2', two)));

        const remove = aliceOnly.repository.change((draft) => draft.removeSigner('alice'));
        await expect(remove).rejects.toMatchObject({
          code: 'would_unsign',
          message: expect.stringContaining('v1') as string,
        });
        await bobOnly.repository.change((draft) => draft.removeSigner('alice'));
        const inspection = await both.operator.inspect(both.gun);
        expect(inspection.Signers.map(({ Name }) => Name)).toEqual(['bob']);
        expect(inspection.SignedTags).toContainEqual({ SignedTag: 'v1', Digest: image.sha256, Signers: ['bob'] });
      });
    });

    describe('when notary rotates keys', () => {
      test('a pin on the old root key leads to the new one, and targets and timestamp keys are followed', async () => {
        const { repository, store, operator, gun } = await begin();
        const before = await repository.initialise(rootOf(store));
        await operator.notary(['key', 'rotate', gun, 'root'], { input: 'yes\n' });
        await operator.notary(['key', 'rotate', gun, 'targets']);
        await operator.notary(['key', 'rotate', gun, 'timestamp', '-r']);
        const after = await repository.read({
          expectedRootKeyIds: before.rootKeyIds,
          rememberedVersions: before.versions,
        });
        expect(after?.rootKeyIds).not.toEqual(before.rootKeyIds);
        expect(after?.targetsKeyId).not.toBe(before.targetsKeyId);
        const wrong = { expectedRootKeyIds: ['0'.repeat(64)] };
        await expect(repository.read(wrong)).rejects.toMatchObject({ code: 'unpinned_root' });
        const alice = PrivateKey.generate();
        await repository.change((draft) => draft.addSigner('alice', [alice.publicKey]), {
          expectedRootKeyIds: before.rootKeyIds,
        });
        expect((await operator.notary(['delegation', 'list', gun])).stdout).toContain(alice.canonicalId);
      });
    });

    describe('when others write at the same time', () => {
      test('six clients and docker all get their signer in', async () => {
        const { repository, store, operator, gun, name } = await begin();
        await repository.initialise(rootOf(store));
        const file = join(operator.configDirectory, 'docker.pub');
        await writeFile(file, pemOf(PrivateKey.generate().publicKey));
        const docker = operator.docker(['trust', 'signer', 'add', '--key', file, 'docker', gun]).catch(() => undefined);
        const names = ['a', 'b', 'c', 'd', 'e', 'f'];
        await Promise.all(
          names.map((signer) => {
            const client = ourClient(stack, operator, name);
            clients.push(client);
            const key = PrivateKey.generate().publicKey;
            return client.repository.change((draft) => draft.addSigner(signer, [key]));
          }),
        );
        const added = (await docker) === undefined ? [] : ['docker'];
        const found = (await operator.inspect(gun)).Signers.map(({ Name }) => Name).sort();
        expect(found).toEqual([...names, ...added].sort());
      });

      test('a reply that is lost is not published twice', async () => {
        const { repository, store } = await begin();
        await repository.initialise(rootOf(store));
        let lost = 1;
        stack.front.fault = ({ method }) => (method === 'POST' && lost-- > 0 ? 'drop-reply' : undefined);
        const key = PrivateKey.generate().publicKey;
        const data = await repository.change((draft) => draft.addSigner('alice', [key]));
        stack.front.fault = undefined;
        expect(data.versions.targets).toBe(2);
      });
    });

    describe('when the trust data is deleted', () => {
      test('it is gone for docker too, and can be made again', async () => {
        const { repository, store, operator, gun } = await begin();
        await repository.initialise(rootOf(store));
        await expect(repository.initialise(rootOf(store))).rejects.toMatchObject({ code: 'already_initialised' });
        await repository.deleteTrustData();
        await expect(repository.read()).resolves.toBeUndefined();
        await expect(operator.inspect(gun)).rejects.toThrow(/no signatures or cannot access/i);
        await repository.initialise(rootOf(store));
        expect((await repository.read())?.isBlank).toBe(true);
      });
    });
  });
});

function pemOf(key: PublicKey): string {
  const pem = key.toPem();
  if (pem === undefined) throw new Error('a key without PEM');
  return pem;
}

describeInterop('our Notary client and a server that wants tokens', () => {
  test('everything is asked for with the whole GUN in the scope', async () => {
    const stack = await startTrustStack({ signing: 'remote', tokens: true });
    const operator = await stack.operator('alice');
    const alice = PrivateKey.generate();
    const authorizer = { authorize: ({ scope }: { scope: string }) => tokenFor(stack, scope) };
    const client = ourClient(stack, operator, 'admin/tokens', { keys: [alice], authorizer });
    try {
      const image = await stack.push('admin/tokens', 'v1');
      await client.repository.initialise(rootOf(client.store));
      await client.repository.change(async (draft) => {
        draft.addSigner('alice', [alice.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
      const inspection = await operator.inspect(client.gun);
      expect(inspection.SignedTags).toEqual([{ SignedTag: 'v1', Digest: image.sha256, Signers: ['alice'] }]);
      await client.repository.deleteTrustData();
      const ours = stack.tokens!.scopes.filter((scope) => scope.startsWith('repository:'));
      expect(new Set(ours)).toEqual(
        new Set(['*', 'pull', 'pull,push'].map((actions) => `repository:${client.gun}:${actions}`)),
      );
    } finally {
      await client.close();
      await stack.close();
    }
  });
});

async function tokenFor(stack: TrustStack, scope: string): Promise<string> {
  const { username, password, service } = stack.tokens!;
  const http = new HttpClient({ url: stack.url, caBundle: stack.authority.caBundle });
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await http.request({
    method: 'GET',
    path: '/auth/token',
    query: { account: username, scope, service },
    headers: { authorization },
  });
  await http.close();
  const { token } = response.json() as { token: string };
  return `Bearer ${token}`;
}
