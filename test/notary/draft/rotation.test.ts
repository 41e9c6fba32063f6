import { parseDocument, type RoleName } from '../../../src/notary/documents';
import { type Rotation, standInRotation, TrustDraft } from '../../../src/notary/draft';
import { PrivateKey, rootCertificate } from '../../../src/notary/keys';
import { verifyRoot } from '../../../src/notary/verification';
import { gun, handful, RepositoryInMemory, start } from './in-memory';

const alice = PrivateKey.generate();
const bob = PrivateKey.generate();
const image = { sha256: '1'.repeat(64), length: 100 };

/** Alice signed v1. */
async function signed(snapshotKey?: PrivateKey): Promise<RepositoryInMemory> {
  const repository = await RepositoryInMemory.create(snapshotKey);
  await repository.change([alice, ...(snapshotKey ? [snapshotKey] : [])], async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    await draft.signTag('alice', 'v1', image);
  });
  return repository;
}

/** A draft that has these keys, and not those of the repository. */
const draftWith = (repository: RepositoryInMemory, keys: readonly PrivateKey[]): TrustDraft =>
  TrustDraft.over(gun, repository.view(), { keys: handful(keys), now: repository.now });

const root = (repository: RepositoryInMemory) => parseDocument(repository.files.get('root')!, 'root');
const named = (repository: RepositoryInMemory, role: string) => root(repository).signed.roles.get(role)?.keyids;
const filesOf = (publication: { files: ReadonlyMap<RoleName, unknown> } | undefined) => [
  ...(publication?.files.keys() ?? []),
];

function rootOf(privateKey: PrivateKey): Required<Rotation>['root'] {
  return { privateKey, publicKey: rootCertificate(privateKey, gun, start) };
}

describe('when the targets key is rotated', () => {
  test('the root names the new one alone, and the list of signers is signed by it', async () => {
    const repository = await signed();
    const before = root(repository).signed;
    const next = PrivateKey.generate();
    const { publication } = await repository.change([repository.rootKey], (draft) => draft.rotate({ targets: next }));
    expect(filesOf(publication)).toEqual(['root', 'targets']);
    expect(named(repository, 'targets')).toEqual([next.publicKey.tufId]);
    const { root: after, targets } = repository.verified();
    expect([...after.signed.keys.keys()].sort()).toEqual(
      [...before.keys.keys()]
        .map((id) => (id === repository.targetsKey.publicKey.tufId ? next.publicKey.tufId : id))
        .sort(),
    );
    expect(targets.validKeyIds).toEqual([next.publicKey.tufId]);
    expect(targets.signatures).toHaveLength(1);
    expect([repository.tags('targets/alice'), repository.tags('targets/releases')]).toEqual([['v1'], ['v1']]);
  });

  test('another change in the same publish is signed by the new key, and needs the old one no more', async () => {
    const repository = await signed();
    const next = PrivateKey.generate();
    const draft = draftWith(repository, [repository.rootKey, next]);
    await draft.rotate({ targets: next });
    draft.addSigner('bob', [bob.publicKey]);
    repository.publish((await draft.finish())!);
    expect(repository.verified().targets.validKeyIds).toEqual([next.publicKey.tufId]);
    expect(repository.keyIds('targets/bob')).toEqual([bob.publicKey.tufId]);
  });

  test('to the key it has, nothing happens: the same change again after a lost reply', async () => {
    const repository = await signed();
    const next = PrivateKey.generate();
    const rotate = (draft: TrustDraft) => draft.rotate({ targets: next });
    await repository.change([repository.rootKey], rotate);
    expect((await repository.change([repository.rootKey, next], rotate)).publication).toBeUndefined();
  });
});

describe('when a key of the server is rotated', () => {
  test.each(['snapshot', 'timestamp'] as const)('only the root says so: %s', async (role) => {
    const repository = await signed();
    const { publicKey } = PrivateKey.generate('ed25519');
    const draft = repository.draft([repository.rootKey]);
    await draft.rotate({ [role]: publicKey });
    const publication = await draft.finish();
    expect(filesOf(publication)).toEqual(['root']);
    const next = parseDocument(publication!.files.get('root')!.bytes, 'root').signed;
    expect(next.version).toBe(2);
    expect(next.roles.get(role)?.keyids).toEqual([publicKey.tufId]);
  });

  test('a snapshot that a client signed is left to the server from then on', async () => {
    const snapshotKey = PrivateKey.generate();
    const repository = await signed(snapshotKey);
    const draft = repository.draft([repository.rootKey, snapshotKey]);
    await draft.rotate({ snapshot: PrivateKey.generate().publicKey });
    expect(filesOf(await draft.finish())).toEqual(['root']);
  });

  test('a snapshot that a client goes on to sign names the new root', async () => {
    const snapshotKey = PrivateKey.generate();
    const repository = await signed(snapshotKey);
    const { publication } = await repository.change([repository.rootKey, snapshotKey], (draft) =>
      draft.rotate({ targets: PrivateKey.generate() }),
    );
    expect(filesOf(publication)).toEqual(['root', 'targets', 'snapshot']);
    repository.verified();
  });
});

describe('when the root key is rotated', () => {
  test('the root is signed by the old key and the new one, and whoever knows the old one follows', async () => {
    const repository = await signed();
    const old = repository.files.get('root')!;
    const [before] = repository.verified().rootKeys;
    const next = rootOf(PrivateKey.generate());
    const { publication } = await repository.change([repository.rootKey], (draft) => draft.rotate({ root: next }));
    expect(filesOf(publication)).toEqual(['root']);
    expect(repository.verified().rootKeys.map(({ canonicalId }) => canonicalId)).toEqual([next.privateKey.canonicalId]);
    const chain = verifyRoot([old, repository.files.get('root')!], { gun, now: start, rootPins: [before!.tufId] });
    expect(chain.signatures.map(({ keyid }) => keyid)).toEqual([before?.tufId, next.publicKey.tufId]);
    expect(chain.signed.keys.has(before!.tufId)).toBe(true);
  });

  test('the next root needs the new key alone', async () => {
    const repository = await signed();
    const next = rootOf(PrivateKey.generate());
    await repository.change([repository.rootKey], (draft) => draft.rotate({ root: next }));
    const targets = PrivateKey.generate();
    await repository.change([next.privateKey], (draft) => draft.rotate({ targets }));
    expect(root(repository).signatures.map(({ keyid }) => keyid)).toEqual([next.publicKey.tufId]);
    expect(root(repository).signed.version).toBe(3);
  });

  test('all keys at once are one root', async () => {
    const repository = await signed();
    const keys: Rotation = standInRotation(gun, ['root', 'targets', 'snapshot', 'timestamp'], start);
    const draft = repository.draft([repository.rootKey]);
    await draft.rotate(keys);
    const publication = await draft.finish();
    expect(filesOf(publication)).toEqual(['root', 'targets']);
    expect(publication?.files.get('root')?.signed.version).toBe(2);
  });
});

describe('when keys are not at hand', () => {
  test.each(['root', 'targets', 'snapshot', 'timestamp'] as const)('rotating %s needs the root key', async (role) => {
    const repository = await signed();
    const draft = repository.draft([]);
    await expect(draft.rotate(standInRotation(gun, [role], start))).rejects.toMatchObject({
      code: 'key_not_at_hand',
      message: expect.stringContaining(
        `the key of ${role} cannot be rotated: root of ${gun} has to be signed`,
      ) as string,
    });
    expect(await draft.finish()).toBeUndefined();
  });

  test('the key that goes is not needed, if it is not the root’s', async () => {
    const repository = await signed();
    const draft = draftWith(repository, [repository.rootKey]);
    await draft.rotate(standInRotation(gun, ['targets'], start));
    expect(filesOf(await draft.finish())).toEqual(['root', 'targets']);
  });
});
