import fc from 'fast-check';
import type { Delegations } from '../../../src/notary/documents';
import { DctError } from '../../../src/error';
import { meetsThreshold } from '../../../src/notary/draft';
import { PrivateKey, rootCertificate } from '../../../src/notary/keys';
import { RepositoryInMemory, start } from './in-memory';

// Rule 5: never unsign by accident (reference: changing keys, what breaks).

const [alice, bob, carol] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
const image = { sha256: '1'.repeat(64), length: 100 };

/** bob and carol signed v1, then alice v2: releases carries the signature of alice alone. */
async function signedLastByAlice(): Promise<RepositoryInMemory> {
  const repository = await RepositoryInMemory.create();
  await repository.change([], (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    draft.addSigner('bob', [bob.publicKey]);
    draft.addSigner('carol', [carol.publicKey]);
  });
  await repository.change([bob], (draft) => draft.signTag('bob', 'v1', image));
  await repository.change([carol], (draft) => draft.signTag('carol', 'v1', image));
  await repository.change([alice], (draft) => draft.signTag('alice', 'v2', image));
  return repository;
}

describe('when keys change and a file that lists nothing is signed by nobody of today', () => {
  async function leftByAlice(): Promise<RepositoryInMemory> {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    await repository.change([alice], (draft) => draft.revokeTag('alice', 'v1'));
    await repository.change([], (draft) => draft.removeSigner('alice'));
    return repository;
  }

  test('whoever comes and is at hand signs it: docker could not go on from it', async () => {
    const repository = await leftByAlice();
    const { publication } = await repository.change([bob], (draft) => draft.addSigner('bob', [bob.publicKey]));
    expect([...(publication?.files.keys() ?? [])].sort()).toEqual(['targets', 'targets/releases']);
    expect(repository.tags('targets/releases')).toEqual([]);
    const { publication: next } = await repository.change([bob], (draft) =>
      draft.addSigner('carol', [carol.publicKey]),
    );
    expect([...(next?.files.keys() ?? [])]).toEqual(['targets']);
  });

  test('where no key of today is at hand it stays, and nothing is refused', async () => {
    const repository = await leftByAlice();
    const { publication } = await repository.change([], (draft) => draft.addSigner('bob', [bob.publicKey]));
    expect([...(publication?.files.keys() ?? [])]).toEqual(['targets']);
    expect(await repository.draft([bob]).finish()).toBeUndefined();
  });
});

describe('when the only signature of releases would go with its signer', () => {
  test('a key that stays and is at hand signs it again in the same publish', async () => {
    const repository = await signedLastByAlice();
    const { publication } = await repository.change([bob], (draft) => draft.removeSigner('alice'));
    expect([...(publication?.files.keys() ?? [])].sort()).toEqual(['targets', 'targets/releases']);
    expect(repository.tags('targets/releases')).toEqual(['v1', 'v2']);
  });

  test('the key that goes does not count', async () => {
    const repository = await signedLastByAlice();
    const remove = repository.change([alice], (draft) => draft.removeSigner('alice'));
    await expect(remove).rejects.toMatchObject({
      code: 'would_unsign',
      message: expect.stringContaining('targets/releases: v1 (signed by bob, carol), v2 (signed by alice)') as string,
      cure: expect.stringContaining([bob.canonicalId, carol.canonicalId].sort().join(', ')) as string,
    });
  });

  test('allow_unsigning lets it go', async () => {
    const repository = await signedLastByAlice();
    await repository.change([], (draft) => draft.removeSigner('alice', { allowUnsigning: true }));
    expect(repository.tags('targets/releases')).toBeUndefined();
  });

  test.each([
    [
      'first',
      [
        ['alice', true],
        ['bob', false],
        ['carol', true],
      ],
    ],
    [
      'last',
      [
        ['bob', false],
        ['carol', true],
        ['alice', true],
      ],
    ],
  ] as const)('what one signer allows is not allowed for another, whoever goes %s', async (_, removals) => {
    const repository = await signedLastByAlice();
    const remove = (allowAll: boolean) =>
      repository.change([bob], async (draft) => {
        await draft.revokeTag('bob', 'v1');
        for (const [signer, allowUnsigning] of removals)
          draft.removeSigner(signer, { allowUnsigning: allowUnsigning || allowAll });
      });
    await expect(remove(false)).rejects.toMatchObject({
      code: 'would_unsign',
      cure: expect.stringContaining('or revoke these tags first') as string,
    });
    await expect(remove(true)).resolves.toBeDefined();
  });

  test('one that could not have kept it needs no permission', async () => {
    const repository = await signedLastByAlice();
    await repository.change([], (draft) => {
      draft.removeSigner('alice', { allowUnsigning: true });
      draft.setSignerKeys('bob', [PrivateKey.generate().publicKey], { allowUnsigning: true });
      draft.setSignerKeys('carol', [carol.publicKey, PrivateKey.generate().publicKey]);
    });
    expect(repository.tags('targets/releases')).toBeUndefined();
  });

  test('revoking its tags first needs no permission', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    await repository.change([alice], (draft) => draft.revokeTag('alice', 'v1'));
    await expect(repository.change([], (draft) => draft.removeSigner('alice'))).resolves.toBeDefined();
  });

  test('revoking and removing in one publish is the same', async () => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      draft.addSigner('bob', [bob.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    await repository.change([alice, bob], async (draft) => {
      await draft.revokeTag('alice', 'v1');
      draft.removeSigner('alice');
    });
    expect(repository.tags('targets/releases')).toEqual([]);
  });

  test('an expired file is no reason to refuse', async () => {
    const repository = await signedLastByAlice();
    repository.now = new Date('2029-06-01T00:00:00Z');
    await expect(repository.change([], (draft) => draft.removeSigner('alice'))).resolves.toBeDefined();
  });
});

describe('when a certificate over the same key is renewed', () => {
  const [old, renewed] = [rootCertificate(alice, 'alice', start), rootCertificate(alice, 'alice', start)];
  const signed = async (): Promise<RepositoryInMemory> => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [old]);
      await draft.signTag('alice', 'v1', image);
    });
    return repository;
  };

  test('the TUF ID changes, so both files are signed again with the key at hand', async () => {
    const repository = await signed();
    await repository.change([alice], (draft) => draft.setSignerKeys('alice', [renewed]));
    expect([repository.tags('targets/alice'), repository.tags('targets/releases')]).toEqual([['v1'], ['v1']]);
    expect(repository.keyIds('targets/alice')).toEqual([renewed.tufId]);
  });

  test('without the key it is refused, and naming old and new side by side is not', async () => {
    const repository = await signed();
    const replace = repository.change([], (draft) => draft.setSignerKeys('alice', [renewed]));
    await expect(replace).rejects.toMatchObject({
      code: 'would_unsign',
      message: expect.stringMatching(/targets\/alice: v1 .*targets\/releases: v1/) as string,
    });
    await repository.change([], (draft) => draft.setSignerKeys('alice', [old, renewed]));
    expect(repository.tags('targets/alice')).toEqual(['v1']);
  });
});

test('whatever happens, a file that counted and remains still counts', async () => {
  const people = { alice, bob, carol };
  const name = fc.constantFrom('alice', 'bob', 'carol');
  const step = fc.record({
    action: fc.constantFrom('add', 'set', 'remove', 'sign', 'revoke'),
    signer: name,
    key: name,
    tag: fc.constantFrom('v1', 'v2'),
    atHand: fc.uniqueArray(name),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const repository = await RepositoryInMemory.create();
      for (const { action, signer, key, tag, atHand } of steps) {
        const before = repository.view();
        const published = await repository
          .change(
            atHand.map((person) => people[person]),
            (draft) => {
              if (action === 'add') return draft.addSigner(signer, [people[key].publicKey]);
              if (action === 'set') return draft.setSignerKeys(signer, [people[key].publicKey]);
              if (action === 'remove') return draft.removeSigner(signer);
              return action === 'sign' ? draft.signTag(signer, tag, image) : draft.revokeTag(signer, tag);
            },
          )
          .catch((error: unknown) => {
            if (!(error instanceof DctError)) throw error;
            return undefined;
          });
        if (published === undefined) continue;
        const trust = repository.verified();
        for (const [role, file] of before?.delegations ?? []) {
          const counted = meetsThreshold(file, before!.targets.signed.delegations, role) && file.signed.targets?.size;
          const after = trust.delegations.get(role);
          if (counted && after !== undefined) expect([role, after.failure?.code]).toEqual([role, undefined]);
        }
        expect(unusedKeys(trust.targets.signed.delegations)).toEqual([]);
      }
    }),
    { numRuns: 25 },
  );
});

function unusedKeys({ keys, roles }: Delegations): string[] {
  const used = new Set((roles ?? []).flatMap((role) => role.keyids ?? []));
  return [...(keys?.keys() ?? [])].filter((id) => !used.has(id));
}
