import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BodyPart, HttpClient, type HttpRequest } from '../../src/http';
import { RegistryClient } from '../../src/dtr';
import { type DraftNote, keysAtHand, type NextRootOfTrust, PrivateKey, TrustRepository } from '../../src/notary';
import { describeCases } from './cases';
import { type Operator, runCommand } from './docker';
import { type OurClient, ourClient, rootOf } from './ours';
import { postgresDirectory } from './programs';
import { startTrustStack, type TrustStack } from './stack';
import { likeDtr } from './variants';

// On a database, as a DTR has one: what is not named by a timestamp is not given out without its number.

describeCases('Damaged repositories', (testCase) => {
  const about = (what: string) => ({ what, theirs: ['docker'] as const, server: likeDtr.name });
  let stack: TrustStack;
  let operator: Operator;
  let made = 0;
  beforeAll(async () => {
    stack = await startTrustStack(likeDtr.options);
    operator = await stack.operator('ops');
  });
  afterAll(() => stack.close());

  const alice = PrivateKey.generate();
  const someKey = () => [PrivateKey.generate().publicKey];

  async function begin() {
    const name = `admin/damaged${made++}`;
    const client = ourClient(stack, operator, name, { keys: [alice] });
    await client.repository.initialise(rootOf(client.store));
    await client.store.add(alice, { role: 'alice' });
    const image = await stack.push(name, 'v1');
    await client.repository.change(async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    const signed = [{ SignedTag: 'v1', Digest: image.sha256, Signers: ['alice'] }];
    const isRead = async (): Promise<void> => {
      const newcomer = await stack.operator(`newcomer${made++}`);
      for (const person of [operator, newcomer]) expect((await person.inspect(client.gun)).SignedTags).toEqual(signed);
    };
    await isRead();
    return { ...client, isRead };
  }

  /** Our client behind a proxy that adds a newline to every file it publishes. */
  function careless({ store, gun }: OurClient): { repository: TrustRepository; close: () => Promise<void> } {
    const { caBundle } = stack.authority;
    const http = new HttpClient({ url: stack.url, caBundle });
    const registry = new RegistryClient({ hostAddress: stack.hostAddress, caBundle, credentials: stack.tokens! });
    const request = (sent: HttpRequest) => {
      const parts = Array.isArray(sent.body) ? sent.body : undefined;
      const body = parts?.map((part: BodyPart) => ({ ...part, bytes: Buffer.concat([part.bytes, Buffer.from('\n')]) }));
      return http.request(body === undefined ? sent : { ...sent, body });
    };
    const transport = { host: http.host, request };
    const repository = new TrustRepository(gun, {
      http: transport,
      authorizer: registry,
      keys: keysAtHand(store, [alice]),
    });
    const close = async (): Promise<void> => {
      await Promise.all([http.close(), registry.close()]);
    };
    return { repository, close };
  }

  /** What a publish that was interrupted in a database without transactions has not stored yet. */
  async function unstore(gun: string, ...roles: string[]): Promise<void> {
    const settings = JSON.parse(await readFile(join(stack.directory, 'notary', 'server.json'), 'utf8')) as {
      storage: { db_url: string };
    };
    for (const role of roles) {
      const newest = `(SELECT max(version) FROM tuf_files WHERE gun = '${gun}' AND role = '${role}')`;
      const sql = `DELETE FROM tuf_files WHERE gun = '${gun}' AND role = '${role}' AND version = ${newest}`;
      await runCommand(join(postgresDirectory(), 'psql'), ['-q', '-c', sql, settings.storage.db_url], { env: {} });
    }
  }

  testCase(about('targets in another form than Go’s: docker reads nothing, until they are signed again'), async () => {
    const client = await begin();
    const other = careless(client);
    const change = other.repository.change((draft) => draft.addSigner('bob', someKey()));
    await expect(change).rejects.toMatchObject({ code: 'not_byte_exact' });
    await other.close();
    await expect((await stack.operator('newcomer')).inspect(client.gun)).rejects.toThrow(/no signatures or cannot/);
    await expect(client.repository.read()).rejects.toMatchObject({ code: 'missing_metadata' });

    let notes: DraftNote[] = [];
    const healed = await client.repository.change(async (draft) => {
      notes = await draft.heal();
    });
    expect(notes[0]?.message).toContain('is signed again: signer alice, bob');
    expect(healed.versions.targets).toBe(4);
    await client.isRead();
    await operator.docker(['trust', 'sign', `${client.gun}:v1`]);
    await client.close();
  });

  testCase(about('a signer’s files in another form: every tag is kept'), async () => {
    const client = await begin();
    const other = careless(client);
    const change = other.repository.change((draft) =>
      draft.signTag('alice', 'v2', { sha256: '2'.repeat(64), length: 9 }),
    );
    await expect(change).rejects.toMatchObject({ code: 'not_byte_exact' });
    await other.close();
    const healed = await client.repository.change((draft) => draft.revokeTag('alice', 'v2'));
    expect(healed.tags).toEqual(['v1']);
    await client.isRead();
    await client.close();
  });

  testCase(about('targets that an interrupted publish left in the way: they are gone past'), async () => {
    const client = await begin();
    await client.repository.change((draft) => draft.addSigner('bob', someKey()));
    await unstore(client.gun, 'timestamp', 'snapshot');
    const data = await client.repository.change((draft) => draft.addSigner('carol', someKey()));
    expect(data.signers.map(({ name }) => name)).toEqual(['alice', 'carol']);
    expect(data.versions.targets).toBe(4);
    await client.isRead();
    await client.close();
  });

  testCase(
    about('a snapshot that it left in the way: nobody can publish, and the error says which file has to go'),
    async () => {
      const client = await begin();
      await client.repository.change((draft) => draft.addSigner('bob', someKey()));
      await unstore(client.gun, 'timestamp', 'targets');
      const change = () => client.repository.change((draft) => draft.addSigner('carol', someKey()));
      const version = ((await client.repository.read())?.versions.snapshot ?? 0) + 1;
      await expect(change()).rejects.toMatchObject({
        code: 'left_behind',
        cure: expect.stringContaining(`(gun ${client.gun}, role snapshot, version ${version})`) as string,
      });
      await unstore(client.gun, 'snapshot');
      expect((await change()).signers.map(({ name }) => name)).toEqual(['alice', 'carol']);
      await client.isRead();
      await client.close();
    },
  );

  testCase(
    about('a client’s snapshot that has ended: the server makes no timestamp any more, and that is said'),
    async () => {
      const name = `admin/damaged${made++}`;
      const lasts = 1095 * 86_400_000;
      const clock = (() => {
        const then = new Date(Date.now() - lasts + 4000);
        return () => then;
      })();
      const past = ourClient(stack, operator, name, { clock });
      await past.repository.initialise(rootOf(past.store));
      const snapshot = PrivateKey.generate();
      await past.store.add(snapshot, { role: 'snapshot', gun: past.gun });
      await past.repository.change((draft) => draft.rotate({ snapshot }));
      await past.close();
      const end = new Date(clock().getTime() + lasts);
      await new Promise((resolve) => setTimeout(resolve, end.getTime() + 1000 - Date.now()));
      const client = ourClient(stack, operator, name);
      await expect(client.repository.read()).rejects.toMatchObject({
        code: 'ended_trust_data',
        message: expect.stringMatching(
          `its snapshot, which whoever has the key ${snapshot.canonicalId} signs, expired on`,
        ) as string,
      });
      await expect(operator.inspect(client.gun)).rejects.toThrow('no signatures or cannot access');
      await client.repository.deleteTrustData();
      await client.repository.initialise(rootOf(client.store));
      await client.close();
    },
  );

  testCase(
    about('a snapshot that it left in the way: who has the root key goes past it, and gives it back to the server'),
    async () => {
      const client = await begin();
      await client.repository.change((draft) => draft.addSigner('bob', someKey()));
      await unstore(client.gun, 'timestamp', 'targets');
      const store: NextRootOfTrust = { ...rootOf(client.store), nextRootKey: never, makeRootKey: never };
      const keys = await client.repository.prepareRotation(store, ['snapshot']);
      const rotate = () => client.repository.change((draft) => draft.rotate(keys));
      await expect(rotate()).rejects.toMatchObject({ code: 'left_behind' });
      expect((await client.repository.takeOverSnapshot(client.store)).snapshotManagedBy).toBe('client');
      await client.isRead();
      expect((await rotate()).snapshotManagedBy).toBe('server');
      await client.isRead();
      await client.repository.change((draft) => draft.addSigner('carol', someKey()));
      await operator.docker(['trust', 'sign', `${client.gun}:v1`]);
      await client.isRead();
      await client.close();
    },
  );
});

function never(): never {
  throw new Error('no root key is rotated here');
}
