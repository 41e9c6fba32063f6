import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivateKey, PublicKey } from '../../src/notary/keys';
import { TrustStore, dockerPassphrases } from '../../src/notary/trust-store';
import { type Operator, passphrases } from './docker';
import { describeCases } from './cases';
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
});
