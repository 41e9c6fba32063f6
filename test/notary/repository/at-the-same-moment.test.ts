import { PrivateKey, type TrustRepository } from '../../../src/notary';
import { rejecting } from '../failing';
import { bodyOf, memoryStore, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

const [mallory, bob, carol] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
const image = { sha256: '1'.repeat(64), length: 100 };
const isPublish = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/');

/** mallory, bob and carol are signers. `admin`: has the targets key and those given; `as`: has those given. */
async function begin(): Promise<{
  readonly admin: (...keys: PrivateKey[]) => TrustRepository;
  readonly as: (...keys: PrivateKey[]) => TrustRepository;
}> {
  const name = `admin/moment${made++}`;
  const store = memoryStore();
  await wire.repository(name, []).initialise(store);
  const as = (...keys: PrivateKey[]) => wire.repository(name, keys);
  const admin = (...keys: PrivateKey[]) => as(...store.kept, ...keys);
  await admin().change((draft) => {
    for (const [signer, key] of Object.entries({ mallory, bob, carol })) draft.addSigner(signer, [key.publicKey]);
  });
  return { admin, as };
}

/** Lets something happen after the next publish was made and before it arrives. */
function meanwhile(happens: () => Promise<unknown>): void {
  let left = 1;
  wire.tap = async (request, send) => {
    if (isPublish(request) && left-- > 0) await happens();
    return send(request);
  };
}

describe('when a signer signs at the moment at which the signer is taken away', () => {
  test('with a key of one who stays, releases stay signed, and hold what was signed in between', async () => {
    const { admin, as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    meanwhile(() => as(mallory).change((draft) => draft.signTag('mallory', 'v2', image)));
    const data = await admin(bob).change((draft) => draft.removeSigner('mallory'));
    expect(data.signers.map(({ name }) => name)).toEqual(['bob', 'carol']);
    expect([...data.releasedTargets.keys()]).toEqual(['v1', 'v2']);
    expect(data.signature('v1', 'bob')).toMatchObject({ isReleased: true });
  });

  test('also where there were no releases before', async () => {
    const { admin, as } = await begin();
    meanwhile(() => as(mallory).change((draft) => draft.signTag('mallory', 'v2', image)));
    const data = await admin(bob).change((draft) => draft.removeSigner('mallory'));
    expect([...data.releasedTargets.keys()]).toEqual(['v2']);
  });

  test('also where only one of two keys goes: the signer’s own file', async () => {
    const { admin, as } = await begin();
    const next = PrivateKey.generate();
    await admin().change((draft) => draft.addSigner('mallory', [next.publicKey]));
    await as(next).change((draft) => draft.signTag('mallory', 'v1', image));
    meanwhile(() => as(mallory).change((draft) => draft.signTag('mallory', 'v2', image)));
    const data = await admin(next).change((draft) => draft.setSignerKeys('mallory', [next.publicKey]));
    expect(data.signature('v1', 'mallory')).toMatchObject({ isReleased: true, keyIds: [next.canonicalId] });
    expect(data.signature('v2', 'mallory')).toMatchObject({ isReleased: true, keyIds: [next.canonicalId] });
  });

  test('without a key of those who stay it is an error that names what is lost', async () => {
    const { admin, as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    meanwhile(() => as(mallory).change((draft) => draft.signTag('mallory', 'v2', image)));
    const error = await rejecting(admin().change((draft) => draft.removeSigner('mallory')));
    const left = [bob.canonicalId, carol.canonicalId].sort().join(', ');
    expect(error).toMatchObject({
      code: 'unsigned_meanwhile',
      message: expect.stringContaining('targets/releases: v1 (signed by bob), v2') as string,
      cure: expect.stringContaining(left) as string,
    });
  });

  test('with allow_unsigning it is none', async () => {
    const { admin, as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    meanwhile(() => as(mallory).change((draft) => draft.signTag('mallory', 'v2', image)));
    const data = await admin().change((draft) => draft.removeSigner('mallory', { allowUnsigning: true }));
    expect([data.signers.length, data.releasedTargets.size]).toEqual([2, 0]);
  });
});

describe('when two signers change the same tag at the same moment', () => {
  test('one signs what the other takes back: it stays released', async () => {
    const { as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    meanwhile(() => as(carol).change((draft) => draft.signTag('carol', 'v1', image)));
    const data = await as(bob).change((draft) => draft.revokeTag('bob', 'v1'));
    expect(data.signatures('v1')).toMatchObject([{ signer: 'carol', isReleased: true }]);
  });

  test('one signs, as docker does, the own file only: what the other takes back stays released', async () => {
    const { as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    // docker leaves releases alone where they have the tag
    const likeDocker = async () => {
      const draft = await as(carol).open();
      await draft.signTag('carol', 'v1', image);
      const file = (await draft.finish())?.files.get('targets/carol');
      const body = [{ name: 'files', filename: 'targets/carol', contentType: 'x', bytes: file?.bytes ?? Buffer.of() }];
      await wire.send({ method: 'POST', path: `/v2/${draft.gun}/_trust/tuf/`, body });
    };
    meanwhile(likeDocker);
    const data = await as(bob).change((draft) => draft.revokeTag('bob', 'v1'));
    expect(data.signatures('v1')).toMatchObject([{ signer: 'carol', isReleased: true }]);
    const both = await as(carol).change((draft) => draft.revokeTag('carol', 'v1'));
    expect([both.signatures('v1'), both.releasedTarget('v1')]).toEqual([[], undefined]);
  });

  test('one takes back what the other signs: it is released again', async () => {
    const { as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    meanwhile(() => as(bob).change((draft) => draft.revokeTag('bob', 'v1')));
    const data = await as(carol).change((draft) => draft.signTag('carol', 'v1', image));
    expect(data.signatures('v1')).toMatchObject([{ signer: 'carol', isReleased: true }]);
  });

  test('both take it back: it is released no more', async () => {
    const { as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    await as(carol).change((draft) => draft.signTag('carol', 'v1', image));
    meanwhile(() => as(carol).change((draft) => draft.revokeTag('carol', 'v1')));
    const data = await as(bob).change((draft) => draft.revokeTag('bob', 'v1'));
    expect([data.signatures('v1'), data.releasedTarget('v1')]).toEqual([[], undefined]);
  });

  test('a signature that changes nothing publishes nothing', async () => {
    const { as } = await begin();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    wire.forget();
    await as(bob).change((draft) => draft.signTag('bob', 'v1', image));
    expect(wire.requests.filter(isPublish).map(bodyOf)).toEqual([]);
  });
});
