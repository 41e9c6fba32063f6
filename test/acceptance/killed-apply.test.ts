import { setTimeout as pause } from 'node:timers/promises';
import { provider, resource } from './configuration';
import { complaints } from './observed';
import { World } from './world';

type Endpoint = World['sandbox']['dtr']['endpoint'];

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
  afterEach(async () => {
    registry().faults.clear();
    cluster().faults.clear();
    await world.terraform.must(world.terraform.destroy());
    const ucp = world.sandbox.ucp('cluster2');
    if (policyKnown) expect(ucp.config).toBe(untouched);
    await ucp.setConfig(untouched);
    policyKnown = true;
  });
  // A policy that is found as it is wanted is taken for the one before: no state knows better after a kill.
  let policyKnown = true;

  const registry = (): Endpoint => world.sandbox.dtr.endpoint;
  const cluster = (): Endpoint => world.sandbox.ucp('cluster2').endpoint;
  const writes: [string, () => Endpoint, string, number][] = [
    ['the registration', cluster, 'POST', 0],
    ['the first root', registry, 'POST', 0],
    ['the signer', registry, 'POST', 1],
    ['the signature', registry, 'POST', 2],
    ['the policy', cluster, 'PUT', 0],
  ];
  /** Makes the reply to one of the writes come late. */
  const slow = (endpoint: Endpoint, method: string, before: number): void => {
    if (before > 0) endpoint.faults.add({ match: { method }, kind: 'delay', delayMs: 0, count: before });
    endpoint.faults.add({ match: { method }, kind: 'delay', delayMs: 400, after: true });
  };
  const taken = async (endpoint: Endpoint): Promise<void> => {
    while (endpoint.faults.pending().length > 0) await pause(10);
  };

  it.each(writes)('is completed after a kill during %s', async (_, endpoint, method, before) => {
    const { terraform } = world;
    policyKnown = method !== 'PUT';
    slow(endpoint(), method, before);
    const apply = terraform.start('apply', '-auto-approve', '-input=false');
    await taken(endpoint());
    apply.kill();
    await apply.finished;
    await pause(500);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  it.each(writes.filter((_, index) => index % 2 === 0))(
    'is completed after the connection is lost during %s',
    async (_, endpoint, method, before) => {
      const { terraform } = world;
      if (before > 0) endpoint().faults.add({ match: { method }, kind: 'delay', delayMs: 0, count: before });
      endpoint().faults.add({ match: { method }, kind: 'reset', after: true });
      // Whether it notices by itself that its write has arrived, or says that the reply is lost: the next one goes on from there.
      const first = await terraform.apply();
      if (!first.ok) expect(complaints(first)).toContain('localhost');
      await terraform.must(terraform.apply());
      await terraform.expectNoChanges();
    },
  );

  it('finishes what is under way on ^C, and goes on with the rest next time', async () => {
    const { terraform } = world;
    slow(registry(), 'POST', 0);
    const apply = terraform.start('apply', '-auto-approve', '-input=false');
    await taken(registry());
    apply.interrupt();
    const { exitCode } = await apply.finished;
    expect(exitCode).toBe(1);
    const before = await terraform.state();
    expect(before.has('dct_trusted_registry.it')).toBe(true);
    expect(before.has('dct_enforcement.it')).toBe(false);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });
});
