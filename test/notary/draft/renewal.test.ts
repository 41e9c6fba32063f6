import { instantOf, parseDocument, type RoleName } from '../../../src/notary/documents';
import { type Renewable, TrustDraft } from '../../../src/notary/draft';
import { PrivateKey } from '../../../src/notary/keys';
import { verifyRoot } from '../../../src/notary/verification';
import { gun, handful, RepositoryInMemory, start } from './in-memory';

const alice = PrivateKey.generate();
const image = { sha256: '1'.repeat(64), length: 100 };
const day = 86_400_000;
const days = (count: number): Date => new Date(start.getTime() + count * day);

/** Alice signed v1. The snapshot's key is a client's, if one is given. */
async function signed(snapshotKey?: PrivateKey): Promise<RepositoryInMemory> {
  const repository = await RepositoryInMemory.create(snapshotKey);
  await repository.change([alice, ...(snapshotKey ? [snapshotKey] : [])], async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    await draft.signTag('alice', 'v1', image);
  });
  return repository;
}

const read = (repository: RepositoryInMemory, role: RoleName) => parseDocument(repository.files.get(role)!, role);

describe('when something is about to end', () => {
  const cases: [Renewable, RoleName, (r: RepositoryInMemory) => PrivateKey[], number][] = [
    ['root', 'root', (r) => [r.rootKey], 3650],
    ['targets', 'targets', () => [], 1095],
    ['targets/alice', 'targets/alice', () => [alice], 1095],
    ['targets/releases', 'targets/releases', () => [alice], 1095],
  ];
  test.each(cases)('%s is signed again with the same content and a new expiry', async (what, role, keys, life) => {
    const repository = await signed();
    const before = read(repository, role).signed;
    repository.now = days(life - 20);
    const { publication } = await repository.change(keys(repository), (draft) => draft.renew([what], days(life + 10)));
    expect([...(publication?.files.keys() ?? [])]).toEqual([role]);
    const { expires, version, ...rest } = read(repository, role).signed;
    const { expires: oldExpires, version: oldVersion, ...oldRest } = before;
    expect(rest).toEqual(oldRest);
    expect(version).toBe(oldVersion + 1);
    expect(instantOf(expires)).toEqual(days(life - 20 + life));
    expect(instantOf(oldExpires)).toEqual(days(life));
  });

  test.each(cases)('%s is left alone while it is good for longer', async (what, _role, keys, life) => {
    const repository = await signed();
    const { publication } = await repository.change(keys(repository), (draft) => draft.renew([what], days(life - 1)));
    expect(publication).toBeUndefined();
  });

  test.each(cases)('%s cannot be signed without its key', async (what, _role, _keys, life) => {
    const repository = await signed();
    repository.now = days(life - 20);
    // nobody's keys at all
    const draft = TrustDraft.over(gun, repository.view(), { keys: handful([]), now: repository.now });
    const renewed = draft.renew([what], days(life + 10)).then(() => draft.finish());
    await expect(renewed).rejects.toMatchObject({ code: 'key_not_at_hand' });
  });

  test('a snapshot that a client signs is signed again on its own', async () => {
    const snapshotKey = PrivateKey.generate();
    const repository = await signed(snapshotKey);
    repository.now = days(1080);
    const { publication } = await repository.change([snapshotKey], (draft) => draft.renew(['snapshot'], days(1110)));
    expect([...(publication?.files.keys() ?? [])]).toEqual(['snapshot']);
    expect(repository.verified().snapshot.signed.version).toBe(3);
  });

  test('what has expired already is signed again, too', async () => {
    const repository = await signed();
    repository.now = days(1200);
    await repository.change([alice], (draft) =>
      draft.renew(['targets', 'targets/alice', 'targets/releases'], days(1230)),
    );
    expect([repository.tags('targets/alice'), repository.tags('targets/releases')]).toEqual([['v1'], ['v1']]);
  });
});

describe('when the root certificate is about to end', () => {
  test('a new one over the same key takes its place, and the root is signed for both', async () => {
    const repository = await signed();
    const old = repository.files.get('root')!;
    const [before] = repository.verified().rootKeys;
    repository.now = days(3640);
    // what else has run out by then is renewed with it
    const everything: Renewable[] = ['root_certificate', 'targets', 'targets/alice', 'targets/releases'];
    await repository.change([repository.rootKey, alice], (draft) => draft.renew(everything, days(3670)));
    const [after] = repository.verified().rootKeys;
    expect(after?.tufId).not.toBe(before?.tufId);
    expect(after?.canonicalId).toBe(before?.canonicalId);
    expect(after?.certificate).toMatchObject({ commonName: gun, notAfter: days(7290) });
    const expectations = { gun, now: repository.now, rootPins: [before!.tufId] };
    const root = verifyRoot([old, repository.files.get('root')!], expectations);
    expect(root.signatures.map(({ keyid }) => keyid)).toEqual([before?.tufId, after?.tufId]);
    expect(root.validKeyIds).toEqual([after?.tufId]);
  });

  test('the certificates of renewals before the last do not pile up', async () => {
    const repository = await signed();
    for (const at of [3640, 7280, 10920]) {
      repository.now = days(at);
      await repository.change([repository.rootKey, alice], (draft) =>
        draft.renew(['root_certificate', 'targets', 'targets/alice', 'targets/releases'], days(at + 30)),
      );
    }
    const { root } = repository.verified();
    expect([root.signed.version, root.signed.keys.size]).toEqual([4, 5]);
  });
});

describe('when nobody vouches for the content', () => {
  test('a file without enough valid signatures is not signed again', async () => {
    const repository = await signed();
    const bob = PrivateKey.generate();
    // allowed to be unsigned: bob's key never signed the file
    await repository.change([], (draft) => draft.setSignerKeys('alice', [bob.publicKey], { allowUnsigning: true }));
    repository.now = days(1080);
    const { publication } = await repository.change([bob], (draft) => draft.renew(['targets/alice'], days(1110)));
    expect(publication).toBeUndefined();
  });
});

describe('when a tag is signed in a file that has expired', () => {
  test('the same digest is signed again, for it no longer counts', async () => {
    const repository = await signed();
    repository.now = days(1100);
    await repository.change([alice], async (draft) => {
      await draft.renew(['targets'], days(1101));
      await draft.signTag('alice', 'v1', image);
    });
    expect([repository.tags('targets/alice'), repository.tags('targets/releases')]).toEqual([['v1'], ['v1']]);
  });
});
