import { setTimeout as pause } from 'node:timers/promises';
import { provider, resource } from './configuration';
import { complaints } from './observed';
import { World } from './world';

type Endpoint = World['sandbox']['dtr']['endpoint'];
type Apply = ReturnType<World['terraform']['start']>;

// Rule 10. What is sent has been handled, but nobody has written it down: the next apply completes it.
describe('when an apply does not come to its end', () => {
  let world: World;
  let untouched: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    untouched = world.sandbox.ucp('cluster2').config;
    await world.terraform.configure(
      [
        provider(world, { keys: { alice: await world.pem('cluster2', 'key.pem') } }),
        resource('trusted_registry', 'it', { cluster: 'cluster2' }),
        resource(
          'repository',
          'it',
          { name: 'admin/trustdemo', on_destroy: 'delete' },
          { after: ['dct_trusted_registry.it'] },
        ),
        resource('signer_delegation', 'it', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: [await world.pem('cluster2', 'cert.pem')],
        }),
        resource('signed_tag', 'it', {
          repository: '${dct_repository.it.gun}',
          tag: '1',
          signer: '${dct_signer_delegation.it.signer}',
          digest: await world.digest('1'),
        }),
        resource(
          'enforcement',
          'it',
          { cluster: 'cluster2', require_signature_from: ['docker-datacenter/release'] },
          { after: ['dct_signed_tag.it'] },
        ),
      ].join('\n'),
    );
  });
  afterAll(() => world.close());

  const registry = (): Endpoint => world.sandbox.dtr.endpoint;
  const cluster = (): Endpoint => world.sandbox.ucp('cluster2').endpoint;
  /** What is sent for each resource, one after the other. */
  const writes: [address: string, endpoint: () => Endpoint, method: string][] = [
    ['dct_trusted_registry.it', cluster, 'POST'],
    ['dct_repository.it', registry, 'POST'],
    ['dct_signer_delegation.it', registry, 'POST'],
    ['dct_signed_tag.it', registry, 'POST'],
    ['dct_enforcement.it', cluster, 'PUT'],
  ];

  /** Applies, and does something while the server has done what was asked but not answered yet; once for each write. */
  async function during(each: (apply: Apply, address: string) => Promise<unknown>): Promise<void> {
    for (const [address, endpoint, method] of writes) {
      const { faults } = endpoint();
      faults.add({ match: { method }, kind: 'delay', delayMs: 400, after: true });
      const apply = world.terraform.start('apply', '-auto-approve', '-input=false');
      const over: string[] = [];
      void apply.finished.then(() => over.push(address));
      while (faults.pending().length > 0 && over.length === 0) await pause(10);
      expect(over).toEqual([]);
      await each(apply, address);
    }
  }
  async function completed(): Promise<void> {
    await world.terraform.must(world.terraform.apply());
    expect((await world.terraform.state()).size).toBe(5);
  }

  it('is completed after one kill after the other, during the request of each resource', async () => {
    await during(async (apply) => {
      apply.kill();
      await apply.finished;
      // The server is still at it.
      await pause(500);
    });
    await completed();
    // A policy that is found as it is wanted is taken for the one before: no state knows better after a kill.
    await world.expectNothingLeft(['cluster2']);
    await world.sandbox.ucp('cluster2').setConfig(untouched);
  });

  it('finishes on ^C what is under way, of each resource, and goes on with the rest next time', async () => {
    const done: string[] = [];
    await during(async (apply, address) => {
      apply.interrupt();
      const { exitCode } = await apply.finished;
      done.push(address);
      expect(exitCode).toBe(1);
      expect([...(await world.terraform.state()).keys()].sort()).toEqual([...done].sort());
    });
    await world.terraform.expectNoChanges();
    // The same when it is destroyed: what is deleted is not in the state any more, or it would look lost.
    const { faults } = registry();
    faults.add({ match: { method: 'DELETE' }, kind: 'delay', delayMs: 400, after: true });
    const destroy = world.terraform.start('destroy', '-auto-approve', '-input=false');
    while (faults.pending().length > 0) await pause(10);
    destroy.interrupt();
    await destroy.finished;
    expect([...(await world.terraform.state()).keys()]).toEqual(['dct_trusted_registry.it']);
    await world.expectNothingLeft();
  });

  it('is completed after the connection is lost during the request of each resource', async () => {
    for (const [, endpoint, method] of writes) endpoint().faults.add({ match: { method }, kind: 'reset', after: true });
    // Whether it notices by itself that its write has arrived, or says that the reply is lost: the next one goes on.
    for (let attempt = 0; attempt < writes.length; attempt += 1) {
      const outcome = await world.terraform.apply();
      if (outcome.ok) break;
      expect(complaints(outcome)).toContain('localhost');
    }
    registry().faults.clear();
    cluster().faults.clear();
    await completed();
    await world.expectNothingLeft();
  });
});
