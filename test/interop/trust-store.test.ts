import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivateKey, PublicKey } from '../../src/notary/keys';
import { TrustStore, dockerPassphrases } from '../../src/notary/trust-store';
import { type Operator, passphrases } from './docker';
import { describeInterop } from './programs';
import { type TrustStack, startTrustStack } from './stack';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const kinds = { p256: ec('P-256'), p384: ec('P-384'), p521: ec('P-521'), rsa2048: rsa(2048), rsa3072: rsa(3072) };
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

describeInterop('one trust store for docker and us', () => {
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
    stack = await startTrustStack();
    person = await stack.operator('store');
    store = reopen();
  });
  afterAll(async () => {
    await stack.close();
  });

  test('we open the keys docker loads and generates, under the IDs docker gives them', async () => {
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
  });

  test('docker initialises a repository with our root key', async () => {
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
  });

  test.each(Object.keys(kinds) as (keyof typeof kinds)[])('docker signs with a %s key that we wrote', async (kind) => {
    const other = await stack.operator(`signer-${kind}`);
    const theirs = new TrustStore({
      directory: other.trustDirectory,
      passphrase: dockerPassphrases({
        DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
        DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
      }),
    });
    const key = PrivateKey.fromPem(pem(kinds[kind]), { label: kind });
    await theirs.rootKey({ create: true });
    await theirs.add(key, { role: kind });
    const repository = `${stack.hostAddress}/store/${kind}`;
    const file = join(stack.directory, `${kind}.pub`);
    await writeFile(file, key.publicKey.toPem() ?? '');
    const image = await stack.push(`store/${kind}`, 'v1');
    await other.docker(['trust', 'signer', 'add', '--key', file, kind, repository]);
    await other.docker(['trust', 'sign', `${repository}:v1`]);
    const inspection = await other.inspect(repository);
    expect(inspection.SignedTags).toEqual([{ SignedTag: 'v1', Digest: image.sha256, Signers: [kind] }]);
    expect(inspection.Signers).toEqual([{ Name: kind, Keys: [{ ID: key.canonicalId }] }]);
  });
});
