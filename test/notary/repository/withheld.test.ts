import { type DraftNote, type Intent, PrivateKey, type TrustRepository } from '../../../src/notary';
import type { DelegationName } from '../../../src/notary/documents';
import { answer, memoryStore, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

const image = { sha256: '1'.repeat(64), length: 100 };
const [alice, bob] = [PrivateKey.generate(), PrivateKey.generate()];

/** alice and bob signed v1, bob also v2 and v3; all keys are at hand. */
async function begin(): Promise<() => TrustRepository> {
  const name = `admin/withheld${made++}`;
  const store = memoryStore();
  await wire.repository(name, []).initialise(store);
  const keys = [...store.kept, alice, bob];
  const client = () => wire.repository(name, keys, { sleep: () => Promise.resolve() });
  await client().change(async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    draft.addSigner('bob', [bob.publicKey]);
    await draft.signTag('bob', 'v1', image);
  });
  await client().change((draft) => draft.signTag('alice', 'v0', image));
  await client().change(async (draft) => {
    await draft.revokeTag('alice', 'v0');
    await draft.signTag('alice', 'v1', image);
  });
  for (const tag of ['v2', 'v3']) await client().change((draft) => draft.signTag('bob', tag, image));
  return client;
}

/** Somebody without any key, in between: says that there is no such file, or gives the first version of it. */
function withhold(role: DelegationName, instead: 'nothing' | 'an old one'): void {
  wire.forget();
  wire.tap = async (request, send) => {
    const file = request.path.replace(/^.*\/_trust\/tuf\//, '');
    if (file === `${role}.json` && instead === 'an old one') {
      return send({ ...request, path: request.path.replace(role, `1.${role}`) });
    }
    const isIt = file.replace(/^\d+\./, '').replace(/\.[0-9a-f]{64}\.json$/, '.json') === `${role}.json`;
    if (!isIt) return send(request);
    return answer(await send({ method: 'GET', path: '/' }), 404, { code: 'METADATA_NOT_FOUND' });
  };
}

describe.each(['nothing', 'an old one'] as const)('when %s comes in place of a file that is listed', (instead) => {
  const changes: [what: string, role: DelegationName, change: Intent][] = [
    ['releases: nobody signs a tag', 'targets/releases', (draft) => draft.signTag('alice', 'v4', image)],
    ['releases: nobody takes one back', 'targets/releases', (draft) => draft.revokeTag('bob', 'v2')],
    ['releases: no key leaves them', 'targets/releases', (draft) => draft.removeSigner('alice')],
    ['a signer’s: the signer signs nothing', 'targets/alice', (draft) => draft.signTag('alice', 'v4', image)],
    ['a signer’s: the signer takes nothing back', 'targets/alice', (draft) => draft.revokeTag('alice', 'v1')],
    ['a signer’s: nobody else does', 'targets/alice', (draft) => draft.revokeTag('bob', 'v1')],
  ];
  test.each(changes)('%s, and what stands in it stays', async (_, role, change) => {
    const client = await begin();
    withhold(role, instead);
    let notes: DraftNote[] = [];
    const attempt = client().change(async (draft) => {
      notes = await draft.heal();
      await change(draft);
    });
    await expect(attempt).rejects.toMatchObject({
      code: 'withheld_metadata',
      message: expect.stringContaining(`lists a file of ${role} that the server does not give out`) as string,
    });
    expect(notes).toMatchObject([{ code: 'damaged', message: expect.stringContaining(role) as string }]);
    expect(wire.count('POST')).toBe(0);
    wire.tap = (request, send) => send(request);
    const data = await client().read();
    expect([...(data?.releasedTargets.keys() ?? [])]).toEqual(['v1', 'v2', 'v3']);
    expect(data?.signatures('v1').map(({ signer }) => signer)).toEqual(['alice', 'bob']);
  });

  test('a signer whose file it is can go, and so can one who may leave releases unsigned', async () => {
    const client = await begin();
    withhold('targets/alice', instead);
    const data = await client().change((draft) => draft.removeSigner('alice'));
    expect(data.signers.map(({ name }) => name)).toEqual(['bob']);
    withhold('targets/releases', instead);
    await client().change((draft) => draft.removeSigner('bob', { allowUnsigning: true }));
    expect((await client().read())?.signers).toEqual([]);
  });
});
