import type { BodyPart } from '../../../src/http';
import { type DraftNote, type Intent, PrivateKey, type TrustData, type TrustRepository } from '../../../src/notary';
import { type FileMeta, parseDocument, type RoleName } from '../../../src/notary/documents';
import { withStaleTargets } from '../../sandbox/notary/stale-targets';
import { answer, memoryStore, type Tap, Wire } from './wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

const alice = PrivateKey.generate();
const image = { sha256: '1'.repeat(64), length: 100 };
const isPublish = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/');

interface Begun {
  readonly gun: string;
  /** A client with the keys of the repository, but for these, and alice's. */
  readonly client: (...without: PrivateKey[]) => TrustRepository;
  readonly rootKey: PrivateKey;
  readonly targetsKey: PrivateKey;
}

/** alice signed v1 and v2. `snapshotKey`: a client keeps it. */
async function begin(snapshotKey?: PrivateKey): Promise<Begun> {
  const name = `admin/healing${made++}`;
  const store = memoryStore();
  await wire.repository(name, []).initialise(store);
  const keys = [await store.rootKey(), ...store.kept, alice, ...(snapshotKey ? [snapshotKey] : [])];
  const client = (...without: PrivateKey[]): TrustRepository =>
    wire.repository(
      name,
      keys.filter((key) => !without.includes(key)),
    );
  if (snapshotKey) await client().change((draft) => draft.rotate({ snapshot: snapshotKey.publicKey }));
  await client().change(async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    await draft.signTag('alice', 'v1', image);
    await draft.signTag('alice', 'v2', image);
  });
  return { gun: `dtr.test/${name}`, client, rootKey: keys[0]!, targetsKey: store.kept[0]! };
}

/** Somebody publishes files of these roles in another form than Go's; nobody can read them then. */
async function publishReformatted(client: TrustRepository, roles: readonly RoleName[], intent: Intent): Promise<void> {
  let left = 1;
  wire.tap = (request, send) => {
    if (!isPublish(request) || left-- === 0 || !Array.isArray(request.body)) return send(request);
    const body = request.body.map((part: BodyPart) =>
      roles.some((role) => role === part.filename) ? { ...part, bytes: Buffer.concat([part.bytes, newline]) } : part,
    );
    return send({ ...request, body });
  };
  await expect(client.change(intent)).rejects.toMatchObject({ code: 'not_byte_exact' });
  wire.tap = (request, send) => send(request);
}
const newline = Buffer.from('\n');

/** Like notary-server with a database: a file without a number is what its timestamp leads to, or none. */
const walking: Tap = async (request, send) => {
  const [, role] = /tuf\/((?:root|targets|snapshot)[a-z/]*)\.json$/.exec(request.path) ?? [];
  const response = await send(request);
  if (role === undefined || response.status !== 200) return response;
  const file = async (path: string) => send({ method: 'GET', path: request.path.replace(/tuf\/.*$/, `tuf/${path}`) });
  const hex = (meta: FileMeta | undefined): string =>
    Buffer.from(meta?.hashes?.get('sha256') ?? '', 'base64').toString('hex');
  const timestamp = parseDocument((await file('timestamp.json')).bytes, 'timestamp');
  const snapshot = await file(`snapshot.${hex(timestamp.signed.meta.get('snapshot'))}.json`);
  if (role === 'snapshot' || snapshot.status !== 200) return snapshot;
  const { meta } = parseDocument(snapshot.bytes, 'snapshot').signed;
  const found = await file(`${role}.${hex(meta.get(role))}.json`);
  return found.status === 200 ? found : answer(response, 404, { code: 'METADATA_NOT_FOUND' });
};
const direct: Tap = (request, send) => send(request);

async function heal(client: TrustRepository): Promise<{ data: TrustData; notes: DraftNote[] }> {
  let notes: DraftNote[] = [];
  const data = await client.change(async (draft) => {
    notes = await draft.heal();
  });
  return { data, notes };
}

describe.each([
  ['in memory', direct],
  ['with a database', walking],
])('when somebody published what nobody can read, on a server %s', (_, server) => {
  test('targets: whoever has its key signs it again, everything in it listed', async () => {
    const { client, gun } = await begin();
    const bob = PrivateKey.generate().publicKey;
    await publishReformatted(client(), ['targets'], (draft) => draft.addSigner('bob', [bob]));
    wire.tap = server;
    await expect(client().read()).rejects.toMatchObject({ code: 'missing_metadata' });
    const seen = await client().read({ allowDamaged: true });
    expect(seen?.trust.damaged).toEqual(['targets']);
    const { data, notes } = await heal(client());
    expect(notes).toEqual([
      {
        code: 'healed',
        message: `targets of ${gun} could not be read by docker; its content verifies and is signed again: signer alice, bob`,
      },
    ]);
    expect(data.versions.targets).toBe(4);
    expect((await client().read())?.signers.map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  test('targets: any change of it heals it', async () => {
    const { client } = await begin();
    const [bob, carol] = [PrivateKey.generate().publicKey, PrivateKey.generate().publicKey];
    await publishReformatted(client(), ['targets'], (draft) => draft.addSigner('bob', [bob]));
    wire.tap = server;
    await client().change((draft) => draft.addSigner('carol', [carol]));
    expect((await client().read())?.signers.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol']);
  });

  test('targets: whoever reads while it is healed reads what is there then', async () => {
    const { client } = await begin();
    await publishReformatted(client(), ['targets'], (draft) =>
      draft.addSigner('bob', [PrivateKey.generate().publicKey]),
    );
    const carol = PrivateKey.generate().publicKey;
    const reader = client();
    let comesBetween = true;
    wire.tap = async (request, send) => {
      if (comesBetween && request.path.endsWith('/targets.json')) {
        comesBetween = false;
        await client().change((draft) => draft.addSigner('carol', [carol]));
      }
      return server(request, send);
    };
    const seen = await reader.read({ allowDamaged: true });
    expect([comesBetween, seen?.trust.damaged]).toEqual([false, []]);
    expect(seen?.signers.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol']);
  });

  test('targets without its key: what can be done is done, and the rest told', async () => {
    const { client, gun, targetsKey } = await begin();
    const bob = PrivateKey.generate().publicKey;
    await publishReformatted(client(), ['targets'], (draft) => draft.addSigner('bob', [bob]));
    wire.tap = server;
    const poor = client(targetsKey);
    expect((await (await poor.open()).heal()).map(({ message }) => message)).toEqual([
      `targets of ${gun} cannot be read by docker, and no key is at hand to sign it again; whoever has ${targetsKey.canonicalId} can`,
    ]);
    // nothing counts until then
    expect(await (await poor.open()).outlook()).toEqual(new Map());
  });

  test('a signer’s file: every tag in it is kept, and listed', async () => {
    const { client, gun } = await begin();
    const roles: RoleName[] = ['targets/alice', 'targets/releases'];
    await publishReformatted(client(), roles, (draft) => draft.signTag('alice', 'v3', image));
    wire.tap = server;
    const { data, notes } = await heal(client());
    expect(notes.map(({ message }) => message).sort()).toEqual(
      roles.map(
        (role) =>
          `${role} of ${gun} could not be read by docker; its content verifies and is signed again: tag v1, v2, v3`,
      ),
    );
    expect(data.tags).toEqual(['v1', 'v2', 'v3']);
    expect(data.signature('v3', 'alice')).toMatchObject({ isReleased: true });
    expect(data.versions['targets/alice']).toBe(3);
  });

  test('a signer’s file: signing one tag keeps the others, and says so', async () => {
    const { client, gun } = await begin();
    await publishReformatted(client(), ['targets/alice'], (draft) => draft.revokeTag('alice', 'v2'));
    wire.tap = server;
    let notes: DraftNote[] = [];
    const data = await client().change(async (draft) => {
      notes = await draft.signTag('alice', 'v3', image);
    });
    expect(notes.map(({ message }) => message)).toEqual([
      `targets/alice of ${gun} could not be read by docker; its content verifies and is signed again: tag v1`,
    ]);
    expect(data.signatures('v1')).toMatchObject([{ signer: 'alice', isReleased: true }]);
    expect(data.signatures('v2')).toEqual([]);
  });

  test('a signer’s file: signing a tag again that stands in it is enough', async () => {
    const { client } = await begin();
    await publishReformatted(client(), ['targets/alice'], (draft) => draft.signTag('alice', 'v3', image));
    wire.tap = server;
    const data = await client().change((draft) => draft.signTag('alice', 'v3', image));
    expect(data.signature('v1', 'alice')).toMatchObject({ isReleased: true });
  });

  test('a signer’s file that nobody of the role signed is not believed', async () => {
    const { client } = await begin();
    await publishReformatted(client(), ['targets/alice'], (draft) => draft.signTag('alice', 'v3', image));
    const next = PrivateKey.generate();
    await client().change((draft) => draft.setSignerKeys('alice', [next.publicKey], { allowUnsigning: true }));
    wire.tap = server;
    const { notes } = await heal(client());
    expect(notes).toEqual([]);
  });

  test('a snapshot that a client signs', async () => {
    const { client } = await begin(PrivateKey.generate());
    const bob = PrivateKey.generate().publicKey;
    await publishReformatted(client(), ['snapshot'], (draft) => draft.addSigner('bob', [bob]));
    wire.tap = server;
    await expect(client().read()).rejects.toMatchObject({ code: 'missing_metadata' });
    await heal(client());
    expect((await client().read())?.signers.map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  test('targets older than remembered stay an error', async () => {
    const { client } = await begin();
    const bob = PrivateKey.generate().publicKey;
    await publishReformatted(client(), ['targets'], (draft) => draft.addSigner('bob', [bob]));
    wire.tap = server;
    const read = client().read({ allowDamaged: true, rememberedVersions: { targets: 4 } });
    await expect(read).rejects.toMatchObject({ code: 'version_rollback' });
  });
});

describe.each([
  ['in memory', direct],
  ['with a database', walking],
])('when a publish of signatures meets one of targets, on a server %s', (_, server) => {
  const [bob, carol] = [PrivateKey.generate().publicKey, PrivateKey.generate().publicKey];

  /** Somebody adds bob while our next publish is under way, and the server goes on from the targets before. */
  function meetNext(other: TrustRepository): void {
    let isMet = false;
    wire.tap = async (request, send) => {
      if (isMet || !isPublish(request)) return server(request, send);
      isMet = true;
      await other.change((draft) => draft.addSigner('bob', [bob]));
      return withStaleTargets(2, () => send(request));
    };
  }
  async function sign(client: TrustRepository): Promise<{ data: TrustData; notes: DraftNote[] }> {
    let notes: DraftNote[] = [];
    const data = await client.change(async (draft) => {
      notes = [...(await draft.heal()), ...(await draft.signTag('alice', 'v3', image))];
    });
    return { data, notes };
  }
  const signersOf = (data: TrustData | undefined) => data?.signers.map(({ name }) => name);

  test('whoever signed, and has its key, signs the targets again', async () => {
    const { client, gun } = await begin();
    meetNext(client());
    const { data, notes } = await sign(client());
    expect(notes).toEqual([
      {
        code: 'healed',
        message: `version 3 of targets of ${gun} went out of force when somebody else published signatures at the same moment; its content verifies and is signed again: signer alice, bob`,
      },
    ]);
    expect([signersOf(data), data.versions.targets]).toEqual([['alice', 'bob'], 4]);
    expect(data.signature('v3', 'alice')).toMatchObject({ isReleased: true });
  });

  test('whoever published the targets, and sees that they are out of force already, signs them again', async () => {
    const { client } = await begin();
    let isMet = false;
    wire.tap = async (request, send) => {
      const response = await server(request, send);
      if (isMet || !isPublish(request)) return response;
      isMet = true;
      await withStaleTargets(2, () => client().change((draft) => draft.signTag('alice', 'v3', image)));
      return response;
    };
    const data = await client().change(async (draft) => {
      await draft.heal();
      draft.addSigner('bob', [bob]);
    });
    expect([signersOf(data), data.versions.targets]).toEqual([['alice', 'bob'], 4]);
    expect(data.signature('v3', 'alice')).toMatchObject({ isReleased: true });
  });

  test('without its key it is told, and whoever has it signs them again with the next change', async () => {
    const { client, gun, targetsKey } = await begin();
    meetNext(client());
    const { data, notes } = await sign(client(targetsKey));
    expect(notes).toEqual([
      {
        code: 'damaged',
        message: `version 3 of targets of ${gun} went out of force when somebody else published signatures at the same moment, and no key is at hand to sign it again; whoever has ${targetsKey.canonicalId} can, by any change`,
      },
    ]);
    expect([signersOf(data), data.versions.targets]).toEqual([['alice'], 2]);
    expect(data.signature('v3', 'alice')).toMatchObject({ isReleased: true });
    const later = await client().change(async (draft) => {
      await draft.heal();
      draft.addSigner('carol', [carol]);
    });
    expect([signersOf(later), later.versions.targets]).toEqual([['alice', 'bob', 'carol'], 4]);
  });

  test('a reader who looks behind is told of the version', async () => {
    const { client, targetsKey } = await begin();
    meetNext(client());
    await sign(client(targetsKey));
    expect((await client().read())?.overtakenTargets).toBeUndefined();
    expect((await client().read({ lookBehind: true }))?.overtakenTargets).toBe(3);
  });

  test('what others publish one after the other is nothing to look at twice', async () => {
    const { client } = await begin();
    let isMet = false;
    wire.tap = async (request, send) => {
      if (!isMet && isPublish(request)) {
        isMet = true;
        await client().change((draft) => draft.addSigner('bob', [bob]));
      }
      return server(request, send);
    };
    const { data, notes } = await sign(client());
    expect(notes).toEqual([]);
    expect([signersOf(data), data.versions.targets]).toEqual([['alice', 'bob'], 3]);
  });
});

test('a root that nobody can read is signed again with the root key', async () => {
  const { client, rootKey } = await begin();
  const targets = PrivateKey.generate();
  const withNext = wire.repository(client().gun.slice('dtr.test/'.length), [rootKey, targets, alice]);
  await publishReformatted(withNext, ['root'], (draft) => draft.rotate({ targets }));
  await expect(withNext.read()).rejects.toMatchObject({ code: 'length_mismatch' });
  const { data, notes } = await heal(withNext);
  expect(notes.map(({ code }) => code)).toEqual(['healed']);
  expect([data.versions.root, data.targetsKeyId]).toEqual([3, targets.canonicalId]);
  await withNext.read();
});

describe('when an interrupted publish left files behind that nobody reads', () => {
  /** What a database without transactions does then: it refuses these versions for good. */
  const leftBehind =
    (...versions: [RoleName, number][]): Tap =>
    async (request, send) => {
      const found = versions.find(([role, version]) => request.path.endsWith(`/${version}.${role}.json`));
      if (found !== undefined)
        return send({ ...request, path: request.path.replace(/\d+\.(targets|snapshot)/, '1.$1') });
      const parts = isPublish(request) && Array.isArray(request.body) ? request.body : [];
      const taken = parts.some(({ filename, bytes }: BodyPart) =>
        versions.some(
          ([role, version]) =>
            // the snapshot is the server's own, in every publish
            role === 'snapshot' ||
            (filename === role && parseDocument(Buffer.from(bytes), role).signed.version === version),
        ),
      );
      return taken ? answer(await send({ method: 'GET', path: '/' }), 400, { code: 'VERSION' }) : send(request);
    };
  const bob = PrivateKey.generate().publicKey;

  test('the next change goes past them', async () => {
    const { client } = await begin();
    wire.tap = leftBehind(['targets', 3], ['targets', 4]);
    const data = await client().change((draft) => draft.addSigner('bob', [bob]));
    expect(data.versions.targets).toBe(5);
  });

  test('whoever is just slow in writing is not taken for one', async () => {
    const { client } = await begin();
    wire.forget();
    let refusals = 2;
    const slow = leftBehind(['targets', 3]);
    wire.tap = (request, send) => (isPublish(request) && refusals-- <= 0 ? send(request) : slow(request, send));
    const data = await client().change((draft) => draft.addSigner('bob', [bob]));
    expect(data.versions.targets).toBe(3);
  });

  test('a version that the server itself chooses cannot be gone past: says what remains', async () => {
    const { client, gun } = await begin();
    wire.tap = leftBehind(['snapshot', 3]);
    await expect(client().change((draft) => draft.addSigner('bob', [bob]))).rejects.toMatchObject({
      code: 'left_behind',
      message: expect.stringContaining(`takes no change of ${gun} any more`) as string,
      cure: expect.stringContaining(`(gun ${gun}, role snapshot, version 3)`) as string,
    });
  });
});
