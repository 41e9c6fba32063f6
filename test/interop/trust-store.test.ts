import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivateKey, PublicKey } from '../../src/notary/keys';
import { TrustStore, dockerPassphrases } from '../../src/notary/trust-store';
import { bundleKeeper } from '../notary/trust-store/bundle-keeper';
import { type Operator, passphrases, runCommand } from './docker';
import { describeCases } from './cases';
import { ourClient } from './ours';
import { type TrustStack, startTrustStack } from './stack';
import { localKeys } from './variants';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const kinds = { p256: ec('P-256'), p384: ec('P-384'), p521: ec('P-521'), rsa2048: rsa(2048), rsa3072: rsa(3072) };
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

describeCases('One trust store for docker and us', (testCase) => {
  const about = (what: string) => ({ what, theirs: ['docker'] as const, server: localKeys.name });
  let stack: TrustStack;
  let person: Operator;
  let store: TrustStore;
  const reopen = () =>
    new TrustStore({
      directory: person.trustDirectory,
      passphrase: dockerPassphrases({
        DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
        DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
      }),
    });

  beforeAll(async () => {
    stack = await startTrustStack(localKeys.options);
    person = await stack.operator('store');
    store = reopen();
  });
  afterAll(async () => {
    await stack.close();
  });

  testCase(
    about('we open the keys docker loads and generates, of every kind, under the IDs docker gives them'),
    async () => {
      await person.docker(['trust', 'key', 'generate', 'generated', '--dir', stack.directory]);
      const generated = PublicKey.fromPem(await readFile(join(stack.directory, 'generated.pub'), 'utf8'), {
        label: 'pub',
      });
      expect((await store.load(generated.canonicalId)).canonicalId).toBe(generated.canonicalId);

      for (const [name, key] of Object.entries(kinds)) {
        const file = join(stack.directory, `${name}.pem`);
        // docker takes PKCS#8, SEC1 and PKCS#1; the bare types are what other tools write
        const bare = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
        await writeFile(file, key.export({ type: bare, format: 'pem' }), { mode: 0o600 });
        await person.docker(['trust', 'key', 'load', '--name', name, file]);
        const { canonicalId } = PrivateKey.fromPem(pem(key), { label: name });
        expect((await store.load(canonicalId)).canonicalId).toBe(canonicalId);
        expect(await store.list()).toContainEqual(expect.objectContaining({ id: canonicalId, role: name }));
      }
    },
  );

  testCase(
    about('docker initialises a repository with our root key, and we open the targets key it makes'),
    async () => {
      const root = await store.rootKey({ create: true });
      const repository = `${stack.hostAddress}/store/ours`;
      const signer = PrivateKey.generate();
      const file = join(stack.directory, 'ours.pub');
      await writeFile(file, signer.publicKey.toPem() ?? '');
      await person.docker(['trust', 'signer', 'add', '--key', file, 'ours', repository]);
      expect((await reopen().list()).filter(({ role }) => role === 'root').map(({ id }) => id)).toEqual([
        root.canonicalId,
      ]);
      const targets = (await reopen().list()).find(({ role, gun }) => role === 'targets' && gun === repository);
      expect((await reopen().load(targets?.id ?? '')).canonicalId).toBe(targets?.id);
    },
  );

  testCase(about('docker and processes of ours keep keys at the same time: none is lost, and all open'), async () => {
    const root = await store.rootKey({ create: true });
    const program = await bundleKeeper(stack.directory);
    const keepers = Array.from({ length: 4 }, () =>
      runCommand(process.execPath, [program, person.trustDirectory, '5'], {
        env: {
          DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
          DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
        },
      }),
    );
    const file = join(stack.directory, 'beside.pub');
    await writeFile(file, PrivateKey.generate().publicKey.toPem() ?? '');
    const repositories = ['one', 'two', 'three'].map((name) => `${stack.hostAddress}/beside/${name}`);
    const add = async (signer: string) => {
      // one after the other: the server does not survive making two ed25519 keys at once
      for (const each of repositories) await person.docker(['trust', 'signer', 'add', '--key', file, signer, each]);
    };
    const [said] = await Promise.all([Promise.all(keepers), add('beside')]);
    const ours = said.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(new Set(ours).size).toBe(1 + 4 * 5);
    const all = await reopen().list();
    expect(all.filter(({ role }) => role === 'root').map(({ id }) => id)).toEqual([root.canonicalId]);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(ours));
    for (const repository of repositories) expect(all.filter(({ gun }) => gun === repository)).toHaveLength(1);
    for (const { id } of all) expect((await reopen().load(id)).canonicalId).toBe(id);
    // docker opens what it made in the midst of it
    await add('again');
  });

  testCase(about('what docker keeps of trust data beside the keys is left alone by everything we do'), async () => {
    const { repository, close } = ourClient(stack, person, 'store/ours');
    const cached = join(person.trustDirectory, 'tuf');
    const before = await treeOf(cached);
    expect(before.size).toBeGreaterThan(3);
    const alice = PrivateKey.generate();
    await store.add(alice, { role: 'alice' });
    await repository.change(async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', { sha256: '1'.repeat(64), length: 1 });
    });
    await repository.change((draft) => draft.removeSigner('alice', { allowUnsigning: true }));
    await repository.read();
    await close();
    expect(await treeOf(cached)).toEqual(before);
    // and docker goes on from it
    expect((await person.inspect(`${stack.hostAddress}/store/ours`)).Signers.map(({ Name }) => Name)).toEqual(['ours']);
  });
});

/** Every file below a folder, with what is in it and when it was written. */
async function treeOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder, { recursive: true, encoding: 'utf8' });
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path);
      return [name, `${found.mtimeMs} ${found.isFile() ? await readFile(path, 'latin1') : ''}`] as const;
    }),
  );
  return new Map(files);
}
