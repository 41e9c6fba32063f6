import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { Resource as NullResource } from '@cdktf/provider-null/lib/resource';
import { Construct } from 'constructs';
import { CentralRegistry, RemoteCluster, TrustGate } from '../../src/constructs';
import { inAppFolder, newStack, synthesize } from './app';
import { people } from './people';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

let pem: Awaited<ReturnType<typeof people>>;
beforeAll(async () => (pem = await people()));

function trust() {
  const stack = newStack();
  const registry = new CentralRegistry(stack, 'registry', { hostAddress: 'dtr.example.com' });
  const cluster = new RemoteCluster(stack, 'cluster2', { endpoint: 'https://ucp.example.com' });
  return { stack, registry, cluster };
}

describe('when a gate watches trust', () => {
  it('has a trigger for each resource, also those that come later, that changes with it', () => {
    const { stack, registry, cluster } = trust();
    new TrustGate(stack, 'gate', { watch: [registry, cluster] });
    cluster.trust(registry);
    const alice = cluster.signer('alice', pem.alice.certificate);
    registry.repository('admin/a').addSigner(alice);
    registry.repository('admin/a').signTag('1', { digest: `sha256:${'ab'.repeat(32)}`, signer: alice });
    cluster.enforce();
    const { triggers } = synthesize(stack).resource.null_resource!.gate!;
    expect(
      Object.entries(triggers as object).map(
        ([name, value]) => `${name}: ${String(value).replace(/_[0-9A-F]{8}/g, '')}`,
      ),
    ).toEqual([
      'dct_enforcement stack/cluster2/enforcement: ${jsonencode([dct_enforcement.cluster2_enforcement.id, dct_enforcement.cluster2_enforcement.require_content_trust, tolist(dct_enforcement.cluster2_enforcement.require_signature_from), tolist(dct_enforcement.cluster2_enforcement.allow_repositories)])}',
      'dct_repository stack/registry/admin--a/Default: ${jsonencode([dct_repository.registry_admin--a.gun, tolist(dct_repository.registry_admin--a.root_key_ids)])}',
      'dct_signed_tag stack/registry/admin--a/1#alice: ${jsonencode([dct_signed_tag.registry_admin--a_1alice.id, dct_signed_tag.registry_admin--a_1alice.digest, tolist(dct_signed_tag.registry_admin--a_1alice.key_ids)])}',
      'dct_signer_delegation stack/registry/admin--a/alice: ${jsonencode([dct_signer_delegation.registry_admin--a_alice.id, tolist(dct_signer_delegation.registry_admin--a_alice.key_ids)])}',
      'dct_trusted_registry stack/cluster2/registry: ${jsonencode([dct_trusted_registry.cluster2_registry.id, sha256(dct_trusted_registry.cluster2_registry.ca_bundle)])}',
    ]);
  });

  it('lets other resources wait, single ones and whole constructs', () => {
    const { stack, registry } = trust();
    const gate = new TrustGate(stack, 'gate', { watch: [registry] });
    const before = new NullResource(stack, 'before');
    const workload = new NullResource(stack, 'workload', { dependsOn: [before] });
    const app = new Construct(stack, 'app');
    new NullResource(app, 'inside');
    gate.before(workload);
    gate.before(app);
    const { null_resource } = synthesize(stack).resource;
    expect(null_resource!.workload).toEqual({ depends_on: ['null_resource.before', 'null_resource.gate'] });
    expect(Object.entries(null_resource!).find(([id]) => id.startsWith('app_inside'))![1]).toEqual({
      depends_on: ['null_resource.gate'],
    });
  });

  it('replaces them with it where that is asked for, beside what they had', () => {
    const { stack, registry } = trust();
    const gate = new TrustGate(stack, 'gate', { watch: [registry] });
    const own = new NullResource(stack, 'own');
    const workload = new NullResource(stack, 'workload', {
      lifecycle: { createBeforeDestroy: true, replaceTriggeredBy: [own] },
    });
    gate.before(workload, { replace: true });
    expect(synthesize(stack).resource.null_resource!.workload).toEqual({
      depends_on: ['null_resource.gate'],
      lifecycle: {
        create_before_destroy: true,
        replace_triggered_by: ['${null_resource.own}', 'null_resource.gate'],
      },
    });
  });

  it.each([
    ['makes the null provider', 0],
    ['takes the stack’s own null provider', 1],
  ])('%s', (_, own) => {
    const { stack, registry } = trust();
    new TrustGate(stack, 'gate', { watch: [registry] });
    if (own > 0) new NullProvider(stack, 'mine');
    const synthesized = synthesize(stack);
    expect(synthesized.provider.null).toHaveLength(1);
    expect(synthesized).toEqual(synthesize(stack));
  });
});
