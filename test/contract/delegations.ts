import type { ContractBench } from './bench';
import { type Json, makeKey, sha256 } from './handmade';
import { delegation, delegations, type HandmadeRepository } from './repository';

/** Delegations and their files. */
export function delegationsContract(at: ContractBench): void {
  describe('when delegations are published', () => {
    const alice = makeKey();
    const file = (repository: HandmadeRepository, version: number, target: Json = {}): string =>
      repository.targets(version, { keys: [alice], change: { targets: target } });

    test('a declared one is taken and named by the snapshot', async () => {
      const repository = await at.create();
      await repository.publish({
        targets: repository.targets(2, { change: { delegations: delegations({ alice }) } }),
      });
      expect((await repository.get('targets/alice.json')).status).toBe(at.server.walksFromTimestamp ? 500 : 404);
      const content = file(repository, 1);
      expect((await repository.publish({ 'targets/alice': content })).status).toBe(200);
      expect(await repository.hashInForce('targets/alice')).toBe(sha256(content));
      expect((await repository.get(`targets/alice.${sha256(content)}.json`)).body).toBe(content);
    });

    test('one that is not declared is refused', async () => {
      const repository = await at.create();
      const reply = await repository.publish({ 'targets/alice': file(repository, 1) });
      expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadTargets']]);
    });

    test('it may be declared in the same publish', async () => {
      const repository = await at.create();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      expect((await repository.publish({ targets, 'targets/alice': file(repository, 1) })).status).toBe(200);
    });

    test('the file of one that is taken away stays, and stays in the snapshot', async () => {
      const repository = await at.create();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      const content = file(repository, 1);
      await repository.publish({ targets, 'targets/alice': content });
      expect((await repository.publish({ targets: repository.targets(3) })).status).toBe(200);
      expect(await repository.hashInForce('targets/alice')).toBe(sha256(content));
    });

    test('every version of a file stays readable by its number', async () => {
      const repository = await at.create();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      const [one, two] = [file(repository, 1), file(repository, 2)];
      expect((await repository.publish({ targets, 'targets/alice': one })).status).toBe(200);
      expect((await repository.publish({ 'targets/alice': two })).status).toBe(200);
      expect((await repository.get('2.targets.json')).body).toBe(targets);
      expect((await repository.get('1.targets/alice.json')).body).toBe(one);
      expect((await repository.get('2.targets/alice.json')).body).toBe(two);
      expect((await repository.get('3.targets/alice.json')).status).toBe(404);
    });

    test('whoever gets the keys of one after somebody else goes on from its version', async () => {
      const repository = await at.create();
      const bob = makeKey();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      await repository.publish({ targets, 'targets/alice': file(repository, 1) });
      const handedOver = repository.targets(3, { change: { delegations: delegations({ alice: bob }) } });
      expect((await repository.publish({ targets: handedOver })).status).toBe(200);
      const again = await repository.publish({ 'targets/alice': repository.targets(1, { keys: [bob] }) });
      expect([again.status, again.error?.[0]]).toEqual([400, 'VERSION']);
      const next = await repository.publish({ 'targets/alice': repository.targets(2, { keys: [bob] }) });
      expect(next.status).toBe(200);
    });

    test('one with a threshold of two wants both signatures', async () => {
      const repository = await at.create();
      const bob = makeKey();
      const { keys } = delegations({ alice, bob }) as { keys: Json };
      const both = { keys, roles: [delegation('targets/both', [alice, bob], 2)] };
      const targets = repository.targets(2, { change: { delegations: both } });
      const signed = (...by: (typeof alice)[]): string => repository.targets(1, { keys: by });
      const half = await repository.publish({ targets, 'targets/both': signed(alice) });
      expect([half.status, half.error?.[0]]).toEqual([400, 'INVALID_UPDATE']);
      expect((await repository.publish({ targets, 'targets/both': signed(alice, bob) })).status).toBe(200);
    });

    test('one below another is declared by that one’s file', async () => {
      const repository = await at.create();
      const deep = makeKey();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      const parent = repository.targets(1, {
        keys: [alice],
        change: { delegations: delegations({ 'alice/deep': deep }) },
      });
      const child = repository.targets(1, { keys: [deep] });
      const early = await repository.publish({
        targets,
        'targets/alice': file(repository, 1),
        'targets/alice/deep': child,
      });
      expect([early.status, early.error?.[0]]).toEqual([400, 'INVALID_UPDATE']);
      const all = { targets, 'targets/alice': parent, 'targets/alice/deep': child };
      expect((await repository.publish(all)).status).toBe(200);
      expect(await repository.hashInForce('targets/alice/deep')).toBe(sha256(child));
      expect((await repository.get(`targets/alice/deep.${sha256(child)}.json`)).body).toBe(child);
    });

    test('custom data of a target is kept', async () => {
      const repository = await at.create();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      const custom = { a: [1, null, 'é', true, { z: {} }], b: '' };
      const content = file(repository, 1, { v1: { custom, hashes: { sha256: '3q2+7w==' }, length: 7 } });
      expect((await repository.publish({ targets, 'targets/alice': content })).status).toBe(200);
      expect(await repository.hashInForce('targets/alice')).toBe(sha256(content));
      expect((await repository.get('targets/alice.json')).body).toBe(content);
    });

    test('a publish is all or nothing', async () => {
      const repository = await at.create();
      const targets = repository.targets(2, { change: { delegations: delegations({ alice }) } });
      const bad = repository.targets(1, { keys: [makeKey()] });
      expect((await repository.publish({ targets, 'targets/alice': bad })).status).toBe(400);
      expect(await repository.version('targets')).toBe(1);
    });

    test.each([['targets/Alice'], ['nonsense']])('the role %s is refused', async (role) => {
      const repository = await at.create();
      const reply = await repository.publish({ [role]: file(repository, 1) });
      expect(reply.status).toBe(400);
      expect(['INVALID_ROLE', 'INVALID_UPDATE']).toContain(reply.error?.[0]);
    });
  });
}
