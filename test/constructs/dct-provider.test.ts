import { TerraformVariable, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { CentralRegistry, DctProvider, RemoteCluster } from '../../src/constructs';
import { inAppFolder, newApp, newStack, synthesize } from './app';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

describe('when the provider of a stack is asked for', () => {
  it('is one, wherever below the stack it is asked from', () => {
    const stack = newStack();
    const somewhere = new Construct(new Construct(stack, 'a'), 'b');
    expect(DctProvider.of(somewhere)).toBe(DctProvider.of(stack));
    expect(DctProvider.of(newStack('other'))).not.toBe(DctProvider.of(stack));
  });

  it('is the one that the stack made itself', () => {
    const stack = newStack();
    const own = new DctProvider(stack, 'own', { maxRetries: 1 });
    expect(DctProvider.of(stack)).toBe(own);
  });

  it('is not one with an alias', () => {
    const stack = newStack();
    const other = new DctProvider(stack, 'other', { alias: 'other' });
    expect(DctProvider.of(stack)).not.toBe(other);
  });

  it('refuses a second one without an alias, naming the first', () => {
    const stack = newStack();
    DctProvider.of(stack);
    expect(() => new DctProvider(stack, 'second')).toThrow(
      '[stack/second] the stack has the provider stack/dct already',
    );
  });
});

describe('when it is synthesized', () => {
  it('asks for exactly the version that is laid beside the stack', () => {
    const stack = newStack();
    DctProvider.of(stack);
    expect(synthesize(stack).terraform.required_providers.dct).toEqual({
      source: 'terraform.local/cdktf-dct/dct',
      version: '0.0.1-fake',
    });
  });

  it('keeps names that are the user’s as they are', () => {
    const stack = newStack();
    new DctProvider(stack, 'dct', {
      clusters: { 'Prod-East': { endpoint: 'https://a' }, prodWest: { endpoint: 'https://b' } },
      rootPins: { 'dtr.example.com/admin': ['ab'.repeat(32)] },
      trustStore: { passphrases: { ['cd'.repeat(32)]: new TerraformVariable(stack, 'p', {}).stringValue } },
    });
    const [configuration] = synthesize(stack).provider.dct!;
    expect(Object.keys(configuration!.clusters as object)).toEqual(['Prod-East', 'prodWest']);
    expect(configuration!.root_pins).toEqual({ 'dtr.example.com/admin': ['ab'.repeat(32)] });
    expect(configuration!.trust_store).toEqual({ passphrases: { ['cd'.repeat(32)]: '${var.p}' } });
  });

  it('holds registry and clusters that added themselves later, from anywhere', () => {
    const stack = newStack();
    DctProvider.of(stack);
    new CentralRegistry(stack, 'registry', { hostAddress: 'dtr.example.com', caSha256: 'ab'.repeat(32) });
    new RemoteCluster(new Construct(stack, 'deep'), 'cluster2', { clientBundlePath: 'bundles/cluster2' });
    new RemoteCluster(stack, 'third', { name: 'cluster3', endpoint: 'https://ucp3.example.com', mustAdmit: ['a/b:1'] });
    expect(synthesize(stack).provider.dct).toEqual([
      {
        registry: { host_address: 'dtr.example.com', ca_sha256: 'ab'.repeat(32) },
        clusters: {
          cluster2: { client_bundle_path: '${path.module}/../../../bundles/cluster2' },
          cluster3: { endpoint: 'https://ucp3.example.com', must_admit: ['a/b:1'] },
        },
      },
    ]);
  });

  it('never holds an absolute path', () => {
    const stack = newStack();
    new DctProvider(stack, 'dct', {
      registry: { hostAddress: 'dtr.example.com', clientBundlePath: 'bundles/registry.zip' },
      clusters: { c: { clientBundlePath: `${process.cwd()}/bundles/c` } },
      trustStore: { directory: 'trust ${x}'.replace('${x}', '%{x}') },
    });
    expect(synthesize(stack).provider.dct).toEqual([
      {
        registry: {
          host_address: 'dtr.example.com',
          client_bundle_path: '${path.module}/../../../bundles/registry.zip',
        },
        clusters: { c: { client_bundle_path: '${path.module}/../../../bundles/c' } },
        trust_store: { directory: '${path.module}/../../../trust %%{x}' },
      },
    ]);
  });

  it('leaves a path alone that Terraform knows', () => {
    const stack = newStack();
    new RemoteCluster(stack, 'c', { clientBundlePath: new TerraformVariable(stack, 'bundle', {}).stringValue });
    expect(synthesize(stack).provider.dct).toEqual([{ clusters: { c: { client_bundle_path: '${var.bundle}' } } }]);
  });

  it('refuses every secret that is written out, without showing it', () => {
    const stack = newStack();
    new DctProvider(stack, 'dct', {
      registry: { hostAddress: 'dtr.example.com', password: 'hunter2' },
      clusters: { c: { privateKey: 'hunter2', password: 'hunter2' } },
      trustStore: { rootPassphrase: 'hunter2', repositoryPassphrase: 'hunter2', passphrases: { abc: 'hunter2' } },
      signingKeys: { s: { privateKey: 'hunter2', passphrase: 'hunter2' } },
    });
    const message = messageOf(() => synthesize(stack));
    for (const where of [
      'registry.password',
      'clusters.c.private_key',
      'clusters.c.password',
      'trust_store.root_passphrase',
      'trust_store.repository_passphrase',
      'trust_store.passphrases.abc',
      'signing_keys.s.private_key',
      'signing_keys.s.passphrase',
    ]) {
      expect(message).toContain(`[stack/dct] ${where} is a literal`);
    }
    expect(message).not.toContain('hunter2');
  });

  it('takes secrets from variables', () => {
    const stack = newStack();
    const password = new TerraformVariable(stack, 'password', { sensitive: true });
    password.addOverride('ephemeral', true);
    new CentralRegistry(stack, 'registry', { hostAddress: 'dtr.example.com', password: password.stringValue });
    expect(synthesize(stack).provider.dct).toEqual([
      { registry: { host_address: 'dtr.example.com', password: '${var.password}' } },
    ]);
  });

  it('is a provider of its own with an alias, which its pieces name', () => {
    const stack = newStack();
    const provider = new DctProvider(stack, 'eu', { alias: 'eu' });
    const registry = new CentralRegistry(stack, 'registry', { hostAddress: 'dtr.example.com', provider });
    new RemoteCluster(stack, 'c', { endpoint: 'https://c', provider }).trust(registry);
    const synthesized = synthesize(stack);
    expect(synthesized.provider.dct).toHaveLength(1);
    expect(Object.values(synthesized.resource.dct_trusted_registry!)[0]).toMatchObject({ provider: 'dct.eu' });
  });
});

describe('when two pieces want the same place', () => {
  it.each([
    [
      'registry',
      (stack: TerraformStack) => {
        new CentralRegistry(stack, 'a', { hostAddress: 'a.example.com' });
        new CentralRegistry(stack, 'b', { hostAddress: 'b.example.com' });
      },
      '[stack/dct] the provider has the registry a.example.com already',
    ],
    [
      'cluster name',
      (stack: TerraformStack) => {
        new RemoteCluster(stack, 'a', { name: 'c', endpoint: 'https://c' });
        new RemoteCluster(stack, 'b', { name: 'c', endpoint: 'https://c' });
      },
      '[stack/dct] clusters has "c" already',
    ],
  ])('refuses the second %s', (_, make, message) => {
    expect(() => make(newStack('stack', newApp()))).toThrow(message);
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  throw new Error('nothing was thrown');
}
