import { canonical, exact, inDays, type Json, makeKey, makeRootKey, sha256, type Signed } from './handmade';
import { delegations, HandmadeRepository, serverKey } from './repository';
import type { NotaryUnderTest } from './wire';

/**
 * What a Notary server does, as the real notary-server 0.7 does it. The same suite runs on the real one and on the sandbox's,
 * so that the sandbox cannot drift from the truth. `start` gives a server without any trust data under its host address.
 */
export function notaryServerContract(name: string, start: () => Promise<NotaryUnderTest>): void {
  describe(`Notary server contract: ${name}`, () => {
    let server: NotaryUnderTest;
    let made = 0;
    const fresh = (): string => `contract/repository${made++}`;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(async () => {
      await server.close();
    });

    describe('when the repository has no trust data', () => {
      test.each([
        'root.json',
        'timestamp.json',
        'targets/alice.json',
        `snapshot.${'0'.repeat(64)}.json`,
        '1.root.json',
      ])('GET %s is 404 METADATA_NOT_FOUND', async (path) => {
        const repository = await HandmadeRepository.prepare(server, fresh());
        const reply = await repository.get(path);
        expect([reply.status, reply.error?.[0]]).toEqual([404, 'METADATA_NOT_FOUND']);
      });

      test('GET timestamp.key makes a key; once a root names it, it is that one', async () => {
        const repository = await HandmadeRepository.prepare(server, fresh());
        await repository.publish({ root: repository.root(1), targets: repository.targets(1) });
        for (const role of ['timestamp', 'snapshot'] as const) {
          expect(repository.root(1)).toContain(canonical(await serverKey(server, repository.gun, role)));
        }
      });

      test('a key is written with "public" before "private"', async () => {
        const repository = await HandmadeRepository.prepare(server, fresh());
        const { body } = await repository.get('timestamp.key');
        expect(body).toMatch(/^\{"keytype":"(ecdsa|ed25519)","keyval":\{"public":"[^"]+","private":null\}\}$/);
      });

      test('root and targets make a repository; the reply is empty', async () => {
        const repository = await HandmadeRepository.prepare(server, fresh());
        const root = repository.root(1);
        const reply = await repository.publish({ root, targets: repository.targets(1) });
        expect([reply.status, reply.body]).toEqual([200, '']);
        expect((await repository.get('root.json')).body).toBe(root);
        expect((await repository.get('1.root.json')).body).toBe(root);
      });

      test.each<[string, (r: HandmadeRepository) => Record<string, string>, string]>([
        ['targets without a root', (r) => ({ targets: r.targets(1) }), 'ErrValidation'],
        ['a root without targets', (r) => ({ root: r.root(1) }), 'ErrValidation'],
        [
          'a root signed by another key',
          (r) => ({ root: r.root(1, { keys: [makeKey()] }), targets: r.targets(1) }),
          'ErrBadRoot',
        ],
        [
          'an expired root',
          (r) => ({ root: r.root(1, { change: { expires: inDays(-1) } }), targets: r.targets(1) }),
          'ErrBadRoot',
        ],
        [
          'targets signed by another key',
          (r) => ({ root: r.root(1), targets: r.targets(1, { keys: [makeKey()] }) }),
          'ErrBadTargets',
        ],
      ])('%s is refused', async (_case, documents, errorName) => {
        const repository = await HandmadeRepository.prepare(server, fresh());
        const reply = await repository.publish(documents(repository));
        expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', errorName]]);
        expect((await repository.get('root.json')).status).toBe(404);
      });

      test('a root certificate for another GUN is refused', async () => {
        const repository = await HandmadeRepository.prepare(server, fresh());
        const other = await makeRootKey(`${repository.gun}-other`);
        Object.assign(repository, { rootKey: other });
        const reply = await repository.publish({ root: repository.root(1), targets: repository.targets(1) });
        expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadRoot']]);
      });

      test('of three inits at once one wins and the others are refused', async () => {
        const gunName = fresh();
        const rivals: HandmadeRepository[] = [];
        while (rivals.length < 3) rivals.push(await HandmadeRepository.prepare(server, gunName));
        const replies = await Promise.all(rivals.map((r) => r.publish({ root: r.root(1), targets: r.targets(1) })));
        const refused = replies.filter((reply) => reply.status !== 200);
        expect(refused).toHaveLength(2);
        for (const reply of refused) expect(['INVALID_UPDATE', 'VERSION', 'UPDATING']).toContain(reply.error?.[0]);
      });
    });

    describe('when targets are published', () => {
      test('timestamp leads to the snapshot and the snapshot to the exact bytes', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const targets = repository.targets(2);
        expect((await repository.publish({ targets })).status).toBe(200);
        expect(await repository.hashInForce('targets')).toBe(sha256(targets));
        expect((await repository.get(`targets.${sha256(targets)}.json`)).body).toBe(targets);
        expect((await repository.get('targets.json')).body).toBe(targets);
      });

      test('snapshot and timestamp go up by one, also when nothing was sent', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        expect([await repository.version('snapshot'), await repository.version('timestamp')]).toEqual([1, 1]);
        expect((await repository.publish({})).status).toBe(200);
        expect([await repository.version('snapshot'), await repository.version('timestamp')]).toEqual([2, 2]);
      });

      test('the old file stays under its hash', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const old = (await repository.get('targets.json')).body;
        await repository.publish({ targets: repository.targets(2) });
        expect((await repository.get(`targets.${sha256(old)}.json`)).body).toBe(old);
      });

      test.each([
        ['the same version', 2],
        ['a lower version', 1],
      ])('%s is 400 VERSION', async (_case, version) => {
        const repository = await HandmadeRepository.create(server, fresh());
        await repository.publish({ targets: repository.targets(2) });
        const reply = await repository.publish({ targets: repository.targets(version) });
        expect([reply.status, reply.error?.[0]]).toEqual([400, 'VERSION']);
      });

      test('a version that skips is taken', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        expect((await repository.publish({ targets: repository.targets(5) })).status).toBe(200);
      });

      test('of six writers of one version exactly one wins', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const replies = await Promise.all(
          [1, 2, 3, 4, 5, 6].map((n) =>
            repository.publish({ targets: repository.targets(2, { change: { expires: inDays(n) } }) }),
          ),
        );
        expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
        for (const reply of replies.filter((r) => r.status !== 200)) {
          expect(['VERSION', 'UPDATING']).toContain(reply.error?.[0]);
        }
      });

      test.each<[string, (r: HandmadeRepository) => string]>([
        ['a signature of another key', (r) => r.targets(2, { keys: [makeKey()] })],
        ['no signature', (r) => r.targets(2, { keys: [] })],
        ['an expired file', (r) => r.targets(2, { change: { expires: inDays(-1) } })],
        ['another _type', (r) => r.targets(2, { change: { _type: 'Root' } })],
      ])('%s is 400 INVALID_UPDATE', async (_case, targets) => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.publish({ targets: targets(repository) });
        expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadTargets']]);
        expect(await repository.version('targets')).toBe(1);
      });

      test('a posted timestamp is ignored', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const { body: timestamp } = await repository.get('timestamp.json');
        expect((await repository.publish({ targets: repository.targets(2), timestamp })).status).toBe(200);
      });

      test('a stale snapshot is refused', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const { body: snapshot } = await repository.get('snapshot.json');
        const reply = await repository.publish({ targets: repository.targets(2), snapshot });
        expect(reply.status).toBe(400);
        expect(await repository.version('targets')).toBe(1);
      });
    });

    describe('when the bytes are not those Go writes', () => {
      const padded = inDays(100).replace(/(\.\d+)?Z$/, '.120Z');
      const withKey = (keyval: Signed): Json => ({
        keys: { ['0'.repeat(64)]: { keytype: 'ecdsa', keyval } },
        roles: [],
      });
      const publicPart = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE';
      const wrong: [string, Parameters<HandmadeRepository['targets']>[1]][] = [
        ['a fraction with a trailing zero', { change: { expires: padded } }],
        ['+00:00 for Z', { change: { expires: padded.replace('.120Z', '+00:00') } }],
        ['a trailing newline', { write: (signed, signatures) => `${exact(signed, signatures)}\n` }],
        ['pretty print', { write: (signed, signatures) => JSON.stringify({ signed, signatures }, null, 2) }],
        [
          'signatures first',
          {
            write: (signed, signatures) => `{"signatures":${JSON.stringify(signatures)},"signed":${canonical(signed)}}`,
          },
        ],
        ['an unknown field', { change: { note: 'x' } }],
        ['no delegations', { leaveOut: 'delegations' }],
        ['a key without "private"', { change: { delegations: withKey({ public: publicPart }) } }],
      ];

      test.each(wrong)('%s: 200, but the hash in force is another and the file is gone', async (_case, variation) => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.publish({ targets: repository.targets(2, variation) });
        expect([reply.status, reply.body]).toEqual([200, '']);
        const inForce = await repository.hashInForce('targets');
        // by its version it can be had as it was sent; by its name only where the files are in memory
        const sent = await repository.get('2.targets.json');
        expect(sent.status).toBe(200);
        expect(inForce).not.toBe(sha256(sent.body));
        const byName = await repository.get('targets.json');
        expect(byName.status === 200 ? byName.body : byName.status).toBe(server.walksFromTimestamp ? 404 : sent.body);
        expect((await repository.get(`targets.${inForce ?? ''}.json`)).status).toBe(404);
      });

      test('a next version in exact form heals it', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        await repository.publish({ targets: repository.targets(2, { change: { expires: padded } }) });
        const targets = repository.targets(3);
        expect((await repository.publish({ targets })).status).toBe(200);
        expect((await repository.get(`targets.${(await repository.hashInForce('targets')) ?? ''}.json`)).body).toBe(
          targets,
        );
      });

      test.each<[string, Signed]>([
        ['a fraction without trailing zeros', { expires: padded.replace('.120Z', '.12Z') }],
        ['null for no roles', { delegations: { keys: {}, roles: null } }],
        [
          'null for no key IDs',
          { delegations: { keys: {}, roles: [{ keyids: null, name: 'targets/releases', paths: [''], threshold: 1 }] } },
        ],
      ])('%s is exact', async (_case, change) => {
        const repository = await HandmadeRepository.create(server, fresh());
        const targets = repository.targets(2, { change });
        expect((await repository.publish({ targets })).status).toBe(200);
        expect(await repository.hashInForce('targets')).toBe(sha256(targets));
      });
    });

    describe('when delegations are published', () => {
      const alice = makeKey();
      const file = (repository: HandmadeRepository, version: number, target: Json = {}): string =>
        repository.targets(version, { keys: [alice], change: { targets: target } });

      test('a declared one is taken and named by the snapshot', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        await repository.publish({
          targets: repository.targets(2, { change: { delegations: delegations({ alice }) } }),
        });
        expect((await repository.get('targets/alice.json')).status).toBe(server.walksFromTimestamp ? 500 : 404);
        const content = file(repository, 1);
        expect((await repository.publish({ 'targets/alice': content })).status).toBe(200);
        expect(await repository.hashInForce('targets/alice')).toBe(sha256(content));
        expect((await repository.get(`targets/alice.${sha256(content)}.json`)).body).toBe(content);
      });

      test('one that is not declared is refused', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.publish({ 'targets/alice': file(repository, 1) });
        expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadTargets']]);
      });

      test('it may be declared in the same publish', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
        expect((await repository.publish({ targets, 'targets/alice': file(repository, 1) })).status).toBe(200);
      });

      test('the file of one that is taken away stays, and stays in the snapshot', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
        const content = file(repository, 1);
        await repository.publish({ targets, 'targets/alice': content });
        expect((await repository.publish({ targets: repository.targets(3) })).status).toBe(200);
        expect(await repository.hashInForce('targets/alice')).toBe(sha256(content));
      });

      test('a publish is all or nothing', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
        const bad = repository.targets(1, { keys: [makeKey()] });
        expect((await repository.publish({ targets, 'targets/alice': bad })).status).toBe(400);
        expect(await repository.version('targets')).toBe(1);
      });

      test.each([['targets/Alice'], ['nonsense']])('the role %s is refused', async (role) => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.publish({ [role]: file(repository, 1) });
        expect(reply.status).toBe(400);
        expect(['INVALID_ROLE', 'INVALID_UPDATE']).toContain(reply.error?.[0]);
      });
    });

    describe('when the snapshot is the client’s', () => {
      test('root, targets and snapshot go together, and a publish without one is refused', async () => {
        const repository = await HandmadeRepository.prepare(server, fresh(), true);
        const root = repository.root(1);
        const first = repository.targets(1);
        const snapshot = repository.snapshot(1, { root, targets: first });
        expect((await repository.publish({ root, targets: first, snapshot })).status).toBe(200);
        expect((await repository.get('snapshot.json')).body).toBe(snapshot);
        const targets = repository.targets(2);
        const refused = await repository.publish({ targets });
        expect([refused.status, refused.error?.[0]]).toEqual([400, 'INVALID_UPDATE']);
        const next = repository.snapshot(2, { root, targets });
        expect((await repository.publish({ targets, snapshot: next })).status).toBe(200);
        expect(await repository.hashInForce('targets')).toBe(sha256(targets));
      });
    });

    describe('when the root changes', () => {
      test('each version stays readable', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const [one, two] = [(await repository.get('root.json')).body, repository.root(2)];
        expect((await repository.publish({ root: two })).status).toBe(200);
        expect((await repository.get('1.root.json')).body).toBe(one);
        expect((await repository.get('2.root.json')).body).toBe(two);
        expect((await repository.get('root.json')).body).toBe(two);
      });

      test('a version that skips is refused', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.publish({ root: repository.root(3) });
        expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadRoot']]);
      });

      test('a rotated server key is in force once a root names it', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const old = await serverKey(server, repository.gun, 'snapshot');
        const next = await serverKey(server, repository.gun, 'snapshot', 'POST');
        expect(next).not.toEqual(old);
        expect(await serverKey(server, repository.gun, 'snapshot')).toEqual(old);
        expect((await repository.publish({ root: repository.root(2, {}, { snapshot: next }) })).status).toBe(200);
        expect((await repository.publish({ targets: repository.targets(2) })).status).toBe(200);
      });
    });

    describe('when the upload is malformed', () => {
      test('not multipart', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.send('POST', '', { type: 'application/json', content: '{}' });
        expect([reply.status, reply.error?.[0]]).toEqual([400, 'MALFORMED_UPLOAD']);
      });

      test('not JSON', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        const reply = await repository.publish({ targets: 'not json' });
        expect([reply.status, reply.error?.[0]]).toEqual([400, 'MALFORMED_JSON']);
      });

      test('a file name with .json is the role without it', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        expect((await repository.publish({ 'targets.json': repository.targets(2) })).status).toBe(200);
        expect(await repository.version('targets')).toBe(2);
      });
    });

    describe('when trust data is deleted', () => {
      test('it is gone, deleting again is 200, and the repository can be made anew', async () => {
        const repository = await HandmadeRepository.create(server, fresh());
        expect((await repository.send('DELETE', '')).status).toBe(200);
        expect((await repository.get('root.json')).status).toBe(404);
        expect((await repository.get('timestamp.json')).status).toBe(404);
        expect((await repository.send('DELETE', '')).status).toBe(200);
        const name = repository.gun.slice(server.hostAddress.length + 1);
        await expect(HandmadeRepository.create(server, name)).resolves.toBeDefined();
      });
    });
  });
}
