import { PrivateKey } from '../../../src/notary/keys';
import { RepositoryInMemory } from './in-memory';

const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];
const one = { sha256: '1'.repeat(64), length: 100 };
const two = { sha256: '2'.repeat(64), length: 200 };

async function withSigners(): Promise<RepositoryInMemory> {
  const repository = await RepositoryInMemory.create();
  await repository.change([], (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    draft.addSigner('bob', [bob.publicKey]);
  });
  return repository;
}

describe('when a tag is signed', () => {
  test('the signer’s file and releases list it; targets stays', async () => {
    const repository = await withSigners();
    const { publication } = await repository.change([alice], (draft) => draft.signTag('alice', 'v1', one));
    expect([...(publication?.files.keys() ?? [])].sort()).toEqual(['targets/alice', 'targets/releases']);
    expect(repository.tags('targets/alice')).toEqual(['v1']);
    expect(repository.tags('targets/releases')).toEqual(['v1']);
    expect(repository.tags('targets/bob')).toBeUndefined();
  });

  test('releases is signed with every key at hand, the signer’s file with the signer’s', async () => {
    const repository = await withSigners();
    await repository.change([alice, bob], (draft) => draft.signTag('alice', 'v1', one));
    const { delegations } = repository.verified();
    expect(delegations.get('targets/alice')?.document?.validKeyIds).toEqual([alice.publicKey.tufId]);
    expect(delegations.get('targets/releases')?.document?.validKeyIds).toHaveLength(2);
  });

  test('signing it again publishes nothing', async () => {
    const repository = await withSigners();
    await repository.change([alice], (draft) => draft.signTag('alice', 'v1', one));
    const { publication } = await repository.change([alice], (draft) => draft.signTag('alice', 'v1', one));
    expect(publication).toBeUndefined();
  });

  test('a second signer of the same digest publishes releases as they are: who takes the tag out meanwhile meets that', async () => {
    const repository = await withSigners();
    await repository.change([alice], (draft) => draft.signTag('alice', 'v1', one));
    const { publication } = await repository.change([bob], (draft) => draft.signTag('bob', 'v1', one));
    expect([...(publication?.files.keys() ?? [])]).toEqual(['targets/bob', 'targets/releases']);
    expect(repository.tags('targets/releases')).toEqual(['v1']);
  });

  test('without the key the error names role, key and cure', async () => {
    const repository = await withSigners();
    const sign = repository.change([bob], (draft) => draft.signTag('alice', 'v1', one));
    await expect(sign).rejects.toMatchObject({
      code: 'key_not_at_hand',
      message: expect.stringMatching(`targets/alice of .*${alice.canonicalId}`) as string,
      cure: expect.stringContaining('docker trust key load --name alice') as string,
    });
  });

  test('an unknown signer is refused, with the names there are', async () => {
    const repository = await withSigners();
    const sign = repository.change([alice], (draft) => draft.signTag('carol', 'v1', one));
    await expect(sign).rejects.toMatchObject({
      code: 'unknown_signer',
      message: expect.stringContaining('alice, bob') as string,
    });
  });

  test('another digest in releases is an error naming digests and signers, unless it is to be replaced', async () => {
    const repository = await withSigners();
    await repository.change([bob], (draft) => draft.signTag('bob', 'v1', one));
    const sign = repository.change([alice], (draft) => draft.signTag('alice', 'v1', two));
    await expect(sign).rejects.toMatchObject({
      code: 'conflicting_digest',
      message: expect.stringMatching(`${one.sha256} \\(signed by bob\\).*${two.sha256}`) as string,
    });
    const { notes } = await repository.change([alice], (draft) =>
      draft.signTag('alice', 'v1', two, { replaces: [one.sha256] }),
    );
    expect(notes).toEqual([
      { code: 'superseded_signature', message: expect.stringContaining('bob signed another') as string },
    ]);
  });

  test('what stood in a file without valid signature is not vouched for', async () => {
    const repository = await withSigners();
    await repository.change([alice], (draft) => draft.signTag('alice', 'old', one));
    await repository.change([], (draft) =>
      draft.setSignerKeys('alice', [PrivateKey.generate().publicKey], { allowUnsigning: true }),
    );
    const { notes } = await repository.change([bob], (draft) => draft.signTag('bob', 'new', two));
    expect(notes).toEqual([{ code: 'dropped_content', message: expect.stringContaining('tag old') as string }]);
    expect(repository.tags('targets/releases')).toEqual(['new']);
    expect(repository.verified().delegations.get('targets/releases')?.document?.signed.version).toBe(2);
  });
});

describe('when a signature is taken back', () => {
  test('the tag leaves both files', async () => {
    const repository = await withSigners();
    await repository.change([alice], (draft) => draft.signTag('alice', 'v1', one));
    await repository.change([alice], (draft) => draft.revokeTag('alice', 'v1'));
    expect([repository.tags('targets/alice'), repository.tags('targets/releases')]).toEqual([[], []]);
  });

  test('releases keeps what another signer holds', async () => {
    const repository = await withSigners();
    await repository.change([alice, bob], async (draft) => {
      await draft.signTag('alice', 'v1', one);
      await draft.signTag('bob', 'v1', one);
    });
    await repository.change([alice], (draft) => draft.revokeTag('alice', 'v1'));
    expect([repository.tags('targets/alice'), repository.tags('targets/releases')]).toEqual([[], ['v1']]);
  });

  test('releases keeps another digest', async () => {
    const repository = await withSigners();
    await repository.change([bob], (draft) => draft.signTag('bob', 'v1', one));
    await repository.change([alice], (draft) => draft.signTag('alice', 'v1', two, { replaces: [one.sha256] }));
    await repository.change([bob], (draft) => draft.revokeTag('bob', 'v1'));
    expect([repository.tags('targets/bob'), repository.tags('targets/releases')]).toEqual([[], ['v1']]);
  });

  test.each(['alice', 'carol'])('nothing of %s to take back publishes nothing', async (signer) => {
    const repository = await withSigners();
    expect((await repository.change([], (draft) => draft.revokeTag(signer, 'v1'))).publication).toBeUndefined();
  });

  test('of a signer who has gone before, it leaves no tag that nobody stands behind', async () => {
    const repository = await withSigners();
    await repository.change([alice, bob], async (draft) => {
      await draft.signTag('alice', 'v1', one);
      await draft.signTag('bob', 'v1', one);
    });
    await repository.change([alice, bob], async (draft) => {
      await draft.revokeTag('bob', 'v1', { sha256: one.sha256 });
      draft.removeSigner('alice');
      await draft.revokeTag('alice', 'v1', { sha256: one.sha256 });
    });
    expect(repository.tags('targets/releases')).toEqual([]);
  });

  test('the key has to be at hand', async () => {
    const repository = await withSigners();
    await repository.change([alice], (draft) => draft.signTag('alice', 'v1', one));
    const revoke = repository.change([bob], (draft) => draft.revokeTag('alice', 'v1'));
    await expect(revoke).rejects.toMatchObject({ code: 'key_not_at_hand' });
  });
});

test('the snapshot is signed and sent where its key is at hand', async () => {
  const snapshotKey = PrivateKey.generate();
  const repository = await RepositoryInMemory.create(snapshotKey);
  const { publication } = await repository.change([snapshotKey], (draft) =>
    draft.addSigner('alice', [alice.publicKey]),
  );
  expect([...(publication?.files.keys() ?? [])].sort()).toEqual(['snapshot', 'targets']);
  expect(repository.verified().snapshot.signed.version).toBe(2);
});
