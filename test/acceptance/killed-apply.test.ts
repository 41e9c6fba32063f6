import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { makeCertificate } from '../notary/certificates';
import { testAuthority } from '../support/certificates';
import { type AllKinds, allKinds } from './all-kinds';
import { provider } from './configuration';
import { complaints } from './observed';
import { World } from './world';

type Endpoint = World['sandbox']['dtr']['endpoint'];
type Apply = ReturnType<World['terraform']['start']>;

// Rule 10. What is sent has been handled, but nobody has written it down: the next apply completes it.
describe('when an apply does not come to its end', () => {
  let world: World;
  let untouched: string;
  /** With it every resource is updated, and every update sends something. */
  let changed: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    untouched = world.sandbox.ucp('cluster2').config;
    const certificate = await world.pem('cluster2', 'cert.pem');
    const head = provider(world, { keys: { alice: await world.pem('cluster2', 'key.pem') } });
    const all = (digest: string, settings: NonNullable<AllKinds['settings']>): string =>
      head + allKinds({ alice: { certificate }, digest, settings, inTurn: true });
    const ca = readFileSync(world.sandbox.registry.caFile, 'utf8');
    const [release, qa] = ['docker-datacenter/release', 'docker-datacenter/qa'];
    changed = all(await world.digest('2'), {
      registration: { ca_bundle: ca + (await testAuthority('Another CA')).certificate },
      repository: { rotate: { targets: 1 } },
      signer: { public_keys: [certificate, (await makeCertificate()).certificate] },
      enforcement: { require_signature_from: [release, qa] },
    });
    await world.terraform.configure(
      all(await world.digest('1'), { enforcement: { require_signature_from: [release] } }),
    );
  });
  afterAll(() => world.close());

  const registry = (): Endpoint => world.sandbox.dtr.endpoint;
  const cluster = (): Endpoint => world.sandbox.ucp('cluster2').endpoint;
  type Write = readonly [address: string, endpoint: () => Endpoint, method: string];
  /** What is sent for each resource, one after the other. */
  const creations: readonly Write[] = [
    ['dct_trusted_registry.it', cluster, 'POST'],
    ['dct_repository.it', registry, 'POST'],
    ['dct_signer_delegation.it', registry, 'POST'],
    ['dct_signed_tag.it', registry, 'POST'],
    ['dct_enforcement.it', cluster, 'PUT'],
  ];
  const updates = creations.map(([address, endpoint, method]): Write => [
    address,
    endpoint,
    endpoint === cluster ? 'PUT' : method,
  ]);
  const deletions = updates
    .map(([address, endpoint, method]): Write => [
      address,
      endpoint,
      address === 'dct_repository.it' ? 'DELETE' : method,
    ])
    .reverse();

  /** Applies, and does something while the server has done what was asked but not answered yet; once for each write. */
  async function during(
    writes: readonly Write[],
    each: (apply: Apply, address: string) => Promise<unknown>,
    command = 'apply',
  ): Promise<void> {
    for (const [address, endpoint, method] of writes) {
      const { faults } = endpoint();
      faults.add({ match: { method }, kind: 'delay', delayMs: 400, after: true });
      const apply = world.terraform.start(command, '-auto-approve', '-input=false');
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
    await during(creations, async (apply) => {
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
    const { terraform } = world;
    const interrupted = async (apply: Apply): Promise<void> => {
      apply.interrupt();
      expect((await apply.finished).exitCode).toBe(1);
    };
    const done: string[] = [];
    await during(creations, async (apply, address) => {
      await interrupted(apply);
      done.push(address);
      expect([...(await terraform.state()).keys()].sort()).toEqual([...done].sort());
    });
    await terraform.expectNoChanges();

    await terraform.configure(changed);
    let before = await terraform.state();
    await during(updates, async (apply, address) => {
      await interrupted(apply);
      const after = await terraform.state();
      expect([...after.keys()].filter((each) => !isDeepStrictEqual(after.get(each), before.get(each)))).toEqual([
        address,
      ]);
      before = after;
    });
    await terraform.expectNoChanges();

    // What is deleted is not in the state any more, or it would look lost.
    await during(
      deletions,
      async (destroy, address) => {
        await interrupted(destroy);
        done.splice(done.indexOf(address), 1);
        expect([...(await terraform.state()).keys()].sort()).toEqual([...done].sort());
      },
      'destroy',
    );
    await world.expectNothingLeft();
  }, 120_000);

  it('is completed after the connection is lost during the request of each resource', async () => {
    for (const [, endpoint, method] of creations)
      endpoint().faults.add({ match: { method }, kind: 'reset', after: true });
    // Whether it notices by itself that its write has arrived, or says that the reply is lost: the next one goes on.
    for (let attempt = 0; attempt < creations.length; attempt += 1) {
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
