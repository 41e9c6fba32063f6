import type { ContractBench } from './bench';
import { canonical, inDays, makeKey, makeRootKey } from './handmade';
import { type HandmadeRepository, serverKey } from './repository';

/** How trust data begins, ends and does not even begin. */
export function beginningContract(at: ContractBench): void {
  describe('when the repository has no trust data', () => {
    test.each(['root.json', 'timestamp.json', 'targets/alice.json', `snapshot.${'0'.repeat(64)}.json`, '1.root.json'])(
      'GET %s is 404 METADATA_NOT_FOUND',
      async (path) => {
        const repository = await at.prepare();
        const reply = await repository.get(path);
        expect([reply.status, reply.error?.[0]]).toEqual([404, 'METADATA_NOT_FOUND']);
      },
    );

    test('GET timestamp.key makes a key; once a root names it, it is that one', async () => {
      const repository = await at.prepare();
      await repository.publish({ root: repository.root(1), targets: repository.targets(1) });
      for (const role of ['timestamp', 'snapshot'] as const) {
        expect(repository.root(1)).toContain(canonical(await serverKey(at.server, repository.gun, role)));
      }
    });

    test('a key is written with "public" before "private"', async () => {
      const repository = await at.prepare();
      const { body } = await repository.get('timestamp.key');
      expect(body).toMatch(/^\{"keytype":"(ecdsa|ed25519)","keyval":\{"public":"[^"]+","private":null\}\}$/);
    });

    test('root and targets make a repository; the reply is empty', async () => {
      const repository = await at.prepare();
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
      const repository = await at.prepare();
      const reply = await repository.publish(documents(repository));
      expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', errorName]]);
      expect((await repository.get('root.json')).status).toBe(404);
    });

    test('a root certificate for another GUN is refused', async () => {
      const repository = await at.prepare();
      const other = await makeRootKey(`${repository.gun}-other`);
      const misnamed = repository.with({ rootKey: other });
      const reply = await misnamed.publish({ root: misnamed.root(1), targets: misnamed.targets(1) });
      expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadRoot']]);
    });

    test('of three inits at once one wins and the others are refused', async () => {
      const gunName = at.fresh();
      const rivals: HandmadeRepository[] = [];
      while (rivals.length < 3) rivals.push(await at.prepare(gunName));
      const replies = await Promise.all(rivals.map((r) => r.publish({ root: r.root(1), targets: r.targets(1) })));
      const refused = replies.filter((reply) => reply.status !== 200);
      expect(refused).toHaveLength(2);
      for (const reply of refused) expect(['INVALID_UPDATE', 'VERSION', 'UPDATING']).toContain(reply.error?.[0]);
    });
  });

  describe('when the upload is malformed', () => {
    test('not multipart', async () => {
      const repository = await at.create();
      const reply = await repository.send('POST', '', { type: 'application/json', content: '{}' });
      expect([reply.status, reply.error?.[0]]).toEqual([400, 'MALFORMED_UPLOAD']);
    });

    test('not JSON', async () => {
      const repository = await at.create();
      const reply = await repository.publish({ targets: 'not json' });
      expect([reply.status, reply.error?.[0]]).toEqual([400, 'MALFORMED_JSON']);
    });

    test('a file name with .json is the role without it', async () => {
      const repository = await at.create();
      expect((await repository.publish({ 'targets.json': repository.targets(2) })).status).toBe(200);
      expect(await repository.version('targets')).toBe(2);
    });
  });

  describe('when something else than GET is asked of a file', () => {
    test.each(['HEAD', 'PUT'])('%s is no request it knows', async (method) => {
      const repository = await at.create();
      const reply = await repository.send(method, 'root.json');
      // with tokens: no token for a repository will do for what is nothing of a repository
      expect(reply.status).toBe(at.server.authorization === undefined ? 404 : 401);
    });
  });

  describe('when trust data is deleted', () => {
    test('it is gone, deleting again is 200, and the repository can be made anew', async () => {
      const repository = await at.create();
      expect((await repository.send('DELETE', '')).status).toBe(200);
      expect((await repository.get('root.json')).status).toBe(404);
      expect((await repository.get('timestamp.json')).status).toBe(404);
      expect((await repository.send('DELETE', '')).status).toBe(200);
      const name = repository.gun.slice(at.server.hostAddress.length + 1);
      await expect(at.create(name)).resolves.toBeDefined();
    });
  });
}
