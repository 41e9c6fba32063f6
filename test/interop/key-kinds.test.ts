import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { PrivateKey, PublicKey } from '../../src/notary';
import { describeCasesOn } from './cases';
import { type Authority, createAuthority } from './pki';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { remoteSigner } from './variants';

const generate = promisify(generateKeyPair);
const rsa = (modulusLength: number) => generate('rsa', { modulusLength });
const ec = (namedCurve: string) => generate('ec', { namedCurve });
const kinds = {
  'RSA 2048': () => rsa(2048),
  'RSA 3072': () => rsa(3072),
  'RSA 4096': () => rsa(4096),
  'P-256': () => ec('P-256'),
  'P-384': () => ec('P-384'),
  'P-521': () => ec('P-521'),
};
type Kind = keyof typeof kinds;
const forms = ['certificate', 'bare key'] as const;

describeCasesOn([remoteSigner], 'Keys of every kind', (testCase, variant) => {
  let stage: Stage;
  let users: Authority;
  let keys: ReadonlyMap<Kind, KeyObject>;
  beforeAll(async () => {
    const names = Object.keys(kinds) as Kind[];
    const made = await Promise.all(names.map(async (name) => [name, (await kinds[name]()).privateKey] as const));
    keys = new Map(made);
    users = await createAuthority();
    stage = await openStage(variant);
  });
  afterAll(() => stage.close());

  /** The key as its owner has it (PKCS#1 or SEC1, as openssl's own types are), and as the signer is made from it. */
  async function material(kind: Kind, form: (typeof forms)[number]) {
    const node = keys.get(kind)!;
    const type = node.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    const privatePem = node.export({ type, format: 'pem' }).toString();
    const open = createPublicKey(node);
    const publicPem =
      form === 'certificate'
        ? await users.certify('alice', open)
        : open.export({ type: 'spki', format: 'pem' }).toString();
    const privateKey = PrivateKey.fromPem(privatePem, { label: kind });
    const publicKey = PublicKey.fromPem(publicPem, { label: kind, now: new Date() });
    expect(publicKey.canonicalId).toBe(privateKey.canonicalId);
    return { privatePem, publicPem, privateKey, publicKey };
  }

  async function expectSignedBy(scene: Scene, id: string, tags: readonly string[]): Promise<void> {
    const seen = await seenBy(scene.operator, scene.gun);
    expect(seen.signers).toEqual({ alice: [id] });
    expect(Object.entries(seen.tags).map(([tag, [, ...by]]) => [tag, ...by])).toEqual(
      tags.map((tag) => [tag, 'alice']),
    );
    const data = await scene.repository.read();
    expect(tags.map((tag) => data?.signature(tag, 'alice'))).toEqual(
      tags.map(() => expect.objectContaining({ isReleased: true, keyIds: [id] }) as unknown),
    );
  }

  for (const kind of Object.keys(kinds) as Kind[]) {
    for (const form of forms) {
      const server = variant.name;
      testCase(
        { what: `${kind}, ${form}: we add the signer and sign, docker signs on`, server, theirs: ['docker'] },
        async () => {
          const { privatePem, privateKey, publicKey } = await material(kind, form);
          const scene = await stage.begin(privateKey);
          const image = await scene.push('v1');
          await scene.initialise();
          await scene.repository.change(async (draft) => {
            draft.addSigner('alice', [publicKey]);
            await draft.signTag('alice', 'v1', image);
          });
          await scene.operator.docker(['trust', 'key', 'load', '--name', 'alice', await scene.file('key', privatePem)]);
          await scene.push('v2');
          await scene.operator.docker(['trust', 'sign', `${scene.gun}:v2`]);
          await expectSignedBy(scene, privateKey.canonicalId, ['v1', 'v2']);
        },
      );

      testCase(
        { what: `${kind}, ${form}: docker adds the signer and signs, we sign on`, server, theirs: ['docker'] },
        async () => {
          const { publicPem, privateKey, publicKey } = await material(kind, form);
          const scene = await stage.begin();
          // docker signs with the key file that we write
          await scene.store.add(privateKey, { role: 'alice' });
          await scene.addSigner('alice', await scene.file('alice', publicPem));
          expect((await scene.repository.read())?.signer('alice')?.keys[0]?.tufId).toBe(publicKey.tufId);
          const [, two] = [await scene.push('v1'), await scene.push('v2')];
          await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
          await scene.repository.change((draft) => draft.signTag('alice', 'v2', two));
          await expectSignedBy(scene, privateKey.canonicalId, ['v1', 'v2']);
        },
      );
    }
  }
});
