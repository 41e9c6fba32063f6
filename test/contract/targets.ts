import type { ContractBench } from './bench';
import { canonical, exact, inDays, type Json, makeKey, sha256, type Signed } from './handmade';
import type { HandmadeRepository } from './repository';

/** Publishing targets, in exact form and in others. */
export function targetsContract(at: ContractBench): void {
  describe('when targets are published', () => {
    test('timestamp leads to the snapshot and the snapshot to the exact bytes', async () => {
      const repository = await at.create();
      const targets = repository.targets(2);
      expect((await repository.publish({ targets })).status).toBe(200);
      expect(await repository.hashInForce('targets')).toBe(sha256(targets));
      expect((await repository.get(`targets.${sha256(targets)}.json`)).body).toBe(targets);
      expect((await repository.get('targets.json')).body).toBe(targets);
    });

    test('snapshot and timestamp go up by one, also when nothing was sent', async () => {
      const repository = await at.create();
      expect([await repository.version('snapshot'), await repository.version('timestamp')]).toEqual([1, 1]);
      expect((await repository.publish({})).status).toBe(200);
      expect([await repository.version('snapshot'), await repository.version('timestamp')]).toEqual([2, 2]);
    });

    test('the old file stays under its hash', async () => {
      const repository = await at.create();
      const old = (await repository.get('targets.json')).body;
      await repository.publish({ targets: repository.targets(2) });
      expect((await repository.get(`targets.${sha256(old)}.json`)).body).toBe(old);
    });

    test.each([
      ['the same version', 2],
      ['a lower version', 1],
    ])('%s is 400 VERSION', async (_case, version) => {
      const repository = await at.create();
      await repository.publish({ targets: repository.targets(2) });
      const reply = await repository.publish({ targets: repository.targets(version) });
      expect([reply.status, reply.error?.[0]]).toEqual([400, 'VERSION']);
    });

    test('a version that skips is taken', async () => {
      const repository = await at.create();
      expect((await repository.publish({ targets: repository.targets(5) })).status).toBe(200);
    });

    test('of six writers of one version exactly one wins', async () => {
      const repository = await at.create();
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
      const repository = await at.create();
      const reply = await repository.publish({ targets: targets(repository) });
      expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadTargets']]);
      expect(await repository.version('targets')).toBe(1);
    });

    test('a posted timestamp is ignored', async () => {
      const repository = await at.create();
      const { body: timestamp } = await repository.get('timestamp.json');
      expect((await repository.publish({ targets: repository.targets(2), timestamp })).status).toBe(200);
    });

    test('a stale snapshot is refused', async () => {
      const repository = await at.create();
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
      const repository = await at.create();
      const reply = await repository.publish({ targets: repository.targets(2, variation) });
      expect([reply.status, reply.body]).toEqual([200, '']);
      const inForce = await repository.hashInForce('targets');
      // by its version it can be had as it was sent; by its name only where the files are in memory
      const sent = await repository.get('2.targets.json');
      expect(sent.status).toBe(200);
      expect(inForce).not.toBe(sha256(sent.body));
      const byName = await repository.get('targets.json');
      expect(byName.status === 200 ? byName.body : byName.status).toBe(at.server.walksFromTimestamp ? 404 : sent.body);
      expect((await repository.get(`targets.${inForce ?? ''}.json`)).status).toBe(404);
    });

    test('a next version in exact form heals it', async () => {
      const repository = await at.create();
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
      const repository = await at.create();
      const targets = repository.targets(2, { change });
      expect((await repository.publish({ targets })).status).toBe(200);
      expect(await repository.hashInForce('targets')).toBe(sha256(targets));
    });
  });
}
