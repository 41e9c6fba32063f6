import type { ContractBench } from './bench';
import { makeKey, makeRootKey, sha256 } from './handmade';
import { serverKey } from './repository';

/** Roots, and snapshots that are the client’s. */
export function rootsContract(at: ContractBench): void {
  describe('when the snapshot is the client’s', () => {
    test('root, targets and snapshot go together, and a publish without one is refused', async () => {
      const repository = await at.prepare(at.fresh(), true);
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
      const repository = await at.create();
      const [one, two] = [(await repository.get('root.json')).body, repository.root(2)];
      expect((await repository.publish({ root: two })).status).toBe(200);
      expect((await repository.get('1.root.json')).body).toBe(one);
      expect((await repository.get('2.root.json')).body).toBe(two);
      expect((await repository.get('root.json')).body).toBe(two);
    });

    test('a version that skips is refused', async () => {
      const repository = await at.create();
      const reply = await repository.publish({ root: repository.root(3) });
      expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadRoot']]);
    });

    test('a new root key wants the signatures of the old one and its own', async () => {
      const repository = await at.create();
      const next = await makeRootKey(repository.gun);
      const rotated = repository.with({ rootKey: next });
      for (const keys of [[next], [repository.rootKey]]) {
        const reply = await repository.publish({ root: rotated.root(2, { keys }) });
        expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadRoot']]);
      }
      const root = rotated.root(2, { keys: [repository.rootKey, next] });
      expect((await repository.publish({ root })).status).toBe(200);
      expect((await repository.publish({ root: rotated.root(3) })).status).toBe(200);
    });

    test('a new targets key is taken also alone; then only targets that it signed are', async () => {
      const repository = await at.create();
      const rotated = repository.with({ targetsKey: makeKey() });
      const stale = await repository.publish({ root: rotated.root(2), targets: repository.targets(2) });
      expect([stale.status, stale.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadTargets']]);
      // and leaves a repository that no client can read
      expect((await repository.publish({ root: rotated.root(2) })).status).toBe(200);
      const old = await repository.publish({ targets: repository.targets(2) });
      expect([old.status, old.error]).toEqual([400, ['INVALID_UPDATE', 'ErrBadTargets']]);
      expect((await repository.publish({ targets: rotated.targets(2) })).status).toBe(200);
    });

    test('a rotated server key is in force once a root names it', async () => {
      const repository = await at.create();
      const old = await serverKey(at.server, repository.gun, 'snapshot');
      const next = await serverKey(at.server, repository.gun, 'snapshot', 'POST');
      expect(next).not.toEqual(old);
      expect(await serverKey(at.server, repository.gun, 'snapshot')).toEqual(old);
      expect((await repository.publish({ root: repository.root(2, {}, { snapshot: next }) })).status).toBe(200);
      expect((await repository.publish({ targets: repository.targets(2) })).status).toBe(200);
    });
  });
}
