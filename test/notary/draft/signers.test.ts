import { PrivateKey, rootCertificate } from '../../../src/notary/keys';
import { handful, gun, RepositoryInMemory, start } from './in-memory';
import { TrustDraft } from '../../../src/notary/draft';

const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];
/** The same key in a certificate: another TUF ID, the same canonical ID. */
const certified = (key: PrivateKey) => rootCertificate(key, 'someone', start);

describe('when there is no trust data', () => {
  const draft = () => TrustDraft.over(gun, undefined, { keys: handful([]), now: start });

  test('nothing can be changed', async () => {
    expect(() => draft().addSigner('alice', [alice.publicKey])).toThrow(
      expect.objectContaining({ code: 'no_trust_data' }) as Error,
    );
    expect(() => draft().removeSigner('alice')).toThrow(expect.objectContaining({ code: 'no_trust_data' }) as Error);
    const sign = draft().signTag('alice', 'v1', { sha256: 'a'.repeat(64), length: 1 });
    await expect(sign).rejects.toMatchObject({ code: 'no_trust_data' });
    await expect(draft().finish()).resolves.toBeUndefined();
  });

  test('it can be made, signers and signatures with it', async () => {
    const repository = new RepositoryInMemory();
    await repository.change([alice], async (made) => {
      made.initialise(repository.newRepository());
      made.addSigner('alice', [alice.publicKey]);
      await made.signTag('alice', 'v1', { sha256: 'a'.repeat(64), length: 1 });
    });
    expect(repository.tags('targets/alice')).toEqual(['v1']);
    expect(repository.tags('targets/releases')).toEqual(['v1']);
    expect(repository.verified().targets.signed.version).toBe(1);
  });

  test('it cannot be made twice', async () => {
    const repository = await RepositoryInMemory.create();
    const again = repository.change([], (made) => {
      made.initialise(repository.newRepository());
    });
    await expect(again).rejects.toMatchObject({ code: 'already_initialised' });
  });
});

describe('when a signer is added', () => {
  test('role and releases get the keys as docker writes them', async () => {
    const repository = await RepositoryInMemory.create();
    const { publication } = await repository.change([], (draft) =>
      draft.addSigner('alice', [alice.publicKey, certified(alice)]),
    );
    expect([...(publication?.files.keys() ?? [])]).toEqual(['targets']);
    const keyids = repository.keyIds('targets/alice');
    const role = { keyids, paths: [''], threshold: 1 };
    expect(repository.verified().targets.signed.delegations.roles).toEqual([
      { ...role, name: 'targets/alice' },
      { ...role, name: 'targets/releases' },
    ]);
    expect(keyids).toHaveLength(2);
  });

  test('a second one leaves the places of the first', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => draft.addSigner('bob', [bob.publicKey]));
    await repository.change([], (draft) => draft.addSigner('alice', [alice.publicKey]));
    const { roles } = repository.verified().targets.signed.delegations;
    expect(roles?.map(({ name }) => name)).toEqual(['targets/bob', 'targets/releases', 'targets/alice']);
    expect(repository.keyIds('targets/releases')).toEqual([bob.publicKey.tufId, alice.publicKey.tufId]);
  });

  test('adding what is there publishes nothing', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => draft.addSigner('alice', [alice.publicKey]));
    const { publication } = await repository.change([], (draft) => draft.addSigner('alice', [alice.publicKey]));
    expect(publication).toBeUndefined();
  });

  test('an old file of that name makes its tags valid again, and that is said', async () => {
    const repository = await RepositoryInMemory.create();
    const both = [alice, bob];
    await repository.change(both, async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('bob', [bob.publicKey]);
      await draft.signTag('alice', 'v1', { sha256: 'a'.repeat(64), length: 1 });
    });
    await repository.change(both, (draft) => draft.removeSigner('alice'));
    const { notes } = await repository.change(both, (draft) => draft.addSigner('alice', [alice.publicKey]));
    expect(notes).toEqual([
      {
        code: 'resurrected_tags',
        message: expect.stringContaining('tag v1 is signed again') as string,
        planned: expect.stringContaining('tag v1 will be signed again') as string,
      },
    ]);
    expect(repository.tags('targets/alice')).toEqual(['v1']);
  });

  test.each([
    ['John.Doe', 'invalid_signer'],
    ['releases', 'invalid_signer'],
  ])('the name %s is refused', async (name, code) => {
    const repository = await RepositoryInMemory.create();
    await expect(repository.change([], (draft) => draft.addSigner(name, [alice.publicKey]))).rejects.toMatchObject({
      code,
    });
  });

  test('a signer without keys is refused', async () => {
    const repository = await RepositoryInMemory.create();
    await expect(repository.change([], (draft) => draft.addSigner('alice', []))).rejects.toMatchObject({
      code: 'no_keys',
    });
  });

  test('the targets key has to be at hand', async () => {
    const repository = await RepositoryInMemory.create();
    const draft = TrustDraft.over(gun, repository.view(), { keys: handful([]), now: start });
    draft.addSigner('alice', [alice.publicKey]);
    await expect(draft.finish()).rejects.toMatchObject({
      code: 'key_not_at_hand',
      message: expect.stringContaining(repository.targetsKey.canonicalId) as string,
      cure: expect.stringContaining(`private/${repository.targetsKey.canonicalId}.key`) as string,
    });
  });
});

describe('when a signer gets other keys', () => {
  test('the old ones leave role, releases and the list of keys', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => draft.addSigner('alice', [alice.publicKey]));
    await repository.change([], (draft) => draft.setSignerKeys('alice', [bob.publicKey]));
    expect(repository.keyIds('targets/alice')).toEqual([bob.publicKey.tufId]);
    expect(repository.keyIds('targets/releases')).toEqual([bob.publicKey.tufId]);
    expect([...(repository.verified().targets.signed.delegations.keys?.keys() ?? [])]).toEqual([bob.publicKey.tufId]);
  });

  test('releases keeps a key that another signer has as well', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('deputy', [alice.publicKey]);
    });
    await repository.change([], (draft) => draft.setSignerKeys('alice', [bob.publicKey]));
    expect(repository.keyIds('targets/releases')).toEqual([alice.publicKey.tufId, bob.publicKey.tufId]);
  });

  test('a key that is given twice stands there once, and another one can come beside it', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => draft.addSigner('alice', [alice.publicKey, alice.publicKey]));
    expect(repository.keyIds('targets/alice')).toEqual([alice.publicKey.tufId]);
    await repository.change([], (draft) => draft.setSignerKeys('alice', [alice.publicKey, bob.publicKey]));
    expect(repository.keyIds('targets/alice')).toEqual([alice.publicKey.tufId, bob.publicKey.tufId]);
  });

  test('the same keys in another order publish nothing', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => draft.setSignerKeys('alice', [alice.publicKey, bob.publicKey]));
    const same = await repository.change([], (draft) => draft.setSignerKeys('alice', [bob.publicKey, alice.publicKey]));
    expect(same.publication).toBeUndefined();
  });
});

describe('when a signer is removed', () => {
  test('every form of the keys leaves releases, which stays with null as Go writes it', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => draft.addSigner('alice', [alice.publicKey, certified(alice)]));
    await repository.change([], (draft) => draft.removeSigner('alice'));
    const { delegations } = repository.verified().targets.signed;
    expect(delegations.roles).toEqual([{ name: 'targets/releases', keyids: null, paths: [''], threshold: 1 }]);
    expect(delegations.keys?.size).toBe(0);
  });

  test('a form that another signer has stays', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([], (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('deputy', [certified(alice)]);
    });
    const [kept] = repository.keyIds('targets/deputy') ?? [];
    await repository.change([], (draft) => draft.removeSigner('alice'));
    expect(repository.keyIds('targets/releases')).toEqual([kept]);
  });

  test('one that is not there publishes nothing', async () => {
    const repository = await RepositoryInMemory.create();
    expect((await repository.change([], (draft) => draft.removeSigner('alice'))).publication).toBeUndefined();
  });

  test('tags left without a valid signature are named where that is allowed', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('bob', [bob.publicKey]);
      await draft.signTag('alice', 'v1', { sha256: 'a'.repeat(64), length: 1 });
    });
    const { notes } = await repository.change([], (draft) => {
      draft.setSignerKeys('alice', [certified(alice)], { allowUnsigning: true });
      return draft.unsigned();
    });
    expect(notes.map(({ code, message }) => [code, /left of (.*):/.exec(message)?.[1]])).toEqual([
      ['unsigned_tags', `targets/alice of ${gun}, and so of v1 (signed by alice)`],
      ['unsigned_tags', `targets/releases of ${gun}, and so of v1 (signed by alice)`],
    ]);
  });

  test('nothing is left so where another signer comes in the same publish, whose key is at hand', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', { sha256: 'a'.repeat(64), length: 1 });
    });
    const { notes } = await repository.change([bob], (draft) => {
      draft.removeSigner('alice', { allowUnsigning: true });
      draft.addSigner('bob', [bob.publicKey]);
      return draft.unsigned();
    });
    expect(notes).toEqual([]);
  });

  test('tags that nobody else signed are named', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice, bob], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('bob', [bob.publicKey]);
      await draft.signTag('alice', 'v1', { sha256: 'a'.repeat(64), length: 1 });
    });
    const { notes } = await repository.change([bob], (draft) => draft.removeSigner('alice'));
    expect(notes).toEqual([
      { code: 'orphaned_tags', message: expect.stringContaining('only signer of tag v1') as string },
    ]);
  });
});

test('an operation on a fork leaves the draft as it was', async () => {
  const repository = await RepositoryInMemory.create();
  const draft = repository.draft([]);
  draft.fork().addSigner('alice', [alice.publicKey]);
  await expect(draft.finish()).resolves.toBeUndefined();
});
