import { GUN, forge, type Pair, pair, plan, rootDocument, rootPair, sign } from '../forge';
import { type Answer, HostileServer } from './hostile-server';

let server: HostileServer;
beforeAll(async () => {
  server = await HostileServer.start();
});
afterAll(() => server.close());

const base = plan();
const [pinned, second, third, evil] = [rootPair(), rootPair(), rootPair(), rootPair()];
const file = (version: number, keys: readonly Pair[], by: readonly Pair[]): Buffer =>
  sign(rootDocument({ ...base, root: keys, version }), by);
const one = file(1, [pinned], [pinned]);
const two = file(2, [second], [pinned, second]);
const three = file(3, [third], [second, third]);

/** A repository under this root, as sound as the root allows, with older ones by number. */
function serve(root: Buffer, older: Record<string, Answer>): void {
  const numbered = Object.fromEntries(Object.entries(older).map(([n, answer]) => [`${n}.root.json`, answer]));
  server.serve(forge(base, { root }), numbered);
}
const read = () => server.with((repository) => repository.read({ expectedRootKeyIds: [pinned.open.canonicalId] }));

describe('when a server gives out roots', () => {
  test('a chain from the pinned key is followed back', async () => {
    serve(three, { 2: two, 1: one });
    await expect(read()).resolves.toMatchObject({ gun: GUN });
    expect(server.asked.filter((path) => path.endsWith('.root.json'))).toEqual(['2.root.json', '1.root.json']);
  });

  test.each<[string, string, Buffer, Record<string, Answer>]>([
    ['a link is missing', 'unpinned_root', three, { 1: one }],
    ['the first is missing', 'unpinned_root', three, { 2: two }],
    ['the old key did not sign', 'broken_root_chain', file(2, [evil], [evil]), { 1: one }],
    ['a link is signed by another key', 'broken_root_chain', three, { 2: file(2, [evil], [evil]), 1: one }],
    ['the new key did not sign its own root', 'broken_root_chain', three, { 2: file(2, [second], [pinned]), 1: one }],
    ['a version is left out', 'broken_root_chain', three, { 2: one }],
    ['a newer one stands for an older', 'version_rollback', two, { 1: three }],
    ['one root comes again and again', 'broken_root_chain', three, { 2: three, 1: three }],
    ['the pinned key is listed but signed nothing', 'broken_root_chain', file(2, [evil, pinned], [evil]), { 1: one }],
    ['the pinned key is listed in a first root', 'unpinned_root', file(1, [evil, pinned], [evil]), {}],
    ['the pinned key is a targets key only', 'unpinned_root', targetsPinned(), {}],
    ['an older root is a web page', 'not_a_notary_server', three, { 2: '<html>', 1: one }],
    ['an older root is no JSON', 'malformed_document', three, { 2: '{', 1: one }],
  ])('%s: %s', async (_what, code, root, older) => {
    serve(root, older);
    await expect(read()).rejects.toMatchObject({ code });
    const change = server.with((repository) =>
      repository.change((draft) => draft.removeSigner('x'), { expectedRootKeyIds: [pinned.open.canonicalId] }),
    );
    await expect(change).rejects.toMatchObject({ code });
    expect(server.publishes).toBe(0);
  });

  test('a chain without end is given up', async () => {
    const [key, version] = [evil, 100_000];
    serve(file(version, [key], [key]), {});
    // every root asked for is made on the spot and follows from the one before it
    const made = (n: number): Answer => file(n, [key], [key]);
    server.answers = new Proxy(server.answers, {
      has: (target, path) => path in target || /^\d+\.root\.json$/.test(String(path)),
      get: (target, path: string) => target[path] ?? made(Number(path.split('.')[0])),
    });
    await expect(read()).rejects.toMatchObject({ code: 'broken_root_chain' });
    expect(server.asked.length).toBeLessThan(300);
  });

  test('a chain without end whose links do not hold is given up at the first', async () => {
    serve(file(100_000, [evil], [evil]), { 99999: file(99_999, [third], [third]) });
    await expect(read()).rejects.toMatchObject({ code: 'broken_root_chain' });
    expect(server.asked.filter((path) => path.endsWith('.root.json'))).toHaveLength(1);
  });
});

function targetsPinned(): Buffer {
  return sign(rootDocument({ ...base, root: [evil], targets: [pinned, pair()], version: 1 }), [evil, pinned]);
}
