import { TerraformVariable, type TerraformStack } from 'cdktf';
import { mkdirSync, writeFileSync } from 'node:fs';
import { CentralRegistry, RemoteCluster, Signer } from '../../src/constructs';
import { dependencies, inAppFolder, newApp, newStack, only, resources, synthesize } from './app';
import { people } from './people';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

let pem: Awaited<ReturnType<typeof people>>;
beforeAll(async () => (pem = await people()));

const digest = `sha256:${'ab'.repeat(32)}`;
const ucp = { endpoint: 'https://ucp.example.com' };
const dtr = { hostAddress: 'dtr.example.com' };

describe('when a repository is made', () => {
  it('is found again by name and by GUN', () => {
    const registry = new CentralRegistry(newStack(), 'registry', dtr);
    const repository = registry.repository('admin/trustdemo', { onDestroy: 'delete' });
    expect(registry.repository('dtr.example.com/admin/trustdemo')).toBe(repository);
    expect(registry.existingRepository('admin/trustdemo')).toBe(repository);
  });

  it('is a resource of the stack, unless another stack has it', () => {
    const stack = newStack();
    const registry = new CentralRegistry(stack, 'registry', dtr);
    registry.repository('admin/trustdemo', { onDestroy: 'delete' });
    registry.existingRepository('admin/elsewhere');
    expect(only(synthesize(stack), 'dct_repository')).toEqual({
      name: 'admin/trustdemo',
      on_destroy: 'delete',
      provider: 'dct',
    });
  });

  it('has keys rotated, and its snapshot handed to the server, where that is asked for', () => {
    const stack = newStack();
    const registry = new CentralRegistry(stack, 'registry', dtr);
    registry.repository('admin/trustdemo', { rotate: { root: 1, timestamp: 2 }, snapshotManagedBy: 'server' });
    expect(only(synthesize(stack), 'dct_repository')).toMatchObject({
      rotate: { root: 1, timestamp: 2 },
      snapshot_managed_by: 'server',
    });
  });
});

describe('when somebody is to sign', () => {
  const signing = (stack: TerraformStack) => {
    const registry = new CentralRegistry(stack, 'registry', dtr);
    const cluster = new RemoteCluster(stack, 'cluster2', { clientBundlePath: 'bundles/cluster2' });
    return { registry, cluster, repository: registry.repository('admin/trustdemo') };
  };

  it('gets a delegation with certificate and public key as they were given', () => {
    const stack = newStack();
    const { cluster, repository } = signing(stack);
    repository.addSigner(cluster.signer('alice', [pem.alice.certificate, pem.bob.publicKey]), { allowUnsigning: true });
    expect(only(synthesize(stack), 'dct_signer_delegation')).toMatchObject({
      repository: 'admin/trustdemo',
      signer: 'alice',
      public_keys: [pem.alice.certificate, pem.bob.publicKey],
      allow_unsigning: true,
    });
  });

  it('has a private key read by Terraform, never by synth', () => {
    const stack = newStack();
    const { cluster, repository } = signing(stack);
    const passphrase = new TerraformVariable(stack, 'passphrase', { sensitive: true }).stringValue;
    mkdirSync('keys/"a"', { recursive: true });
    writeFileSync('keys/"a"/key.pem', '');
    const alice = cluster.signer('alice', pem.alice.certificate, { privateKeyPath: 'keys/"a"/key.pem', passphrase });
    repository.addSigner(alice);
    repository.signTag('1', { digest, signer: alice });
    const synthesized = synthesize(stack);
    expect(synthesized.provider.dct![0]!.signing_keys).toEqual({
      'cluster2/alice': {
        private_key: '${file("${path.module}/../../../keys/\\"a\\"/key.pem")}',
        passphrase: '${var.passphrase}',
      },
    });
    expect(only(synthesized, 'dct_signed_tag')).toMatchObject({ tag: '1', signer: 'alice', digest });
  });

  it('has to have the private key that is named', () => {
    const { cluster, repository } = signing(newStack());
    const alice = cluster.signer('alice', pem.alice.certificate, { privateKeyPath: 'keys/missing.pem' });
    expect(() => {
      repository.addSigner(alice);
      repository.signTag('1', { digest, signer: alice });
    }).toThrow(
      `[stack/cluster2] the private key of signer alice is not there: ${process.cwd()}/keys/missing.pem; correct privateKeyPath`,
    );
    const elsewhere = cluster.signer('bob', pem.bob.certificate, { privateKeyPath: '${var.key}' });
    expect(() => repository.addSigner(elsewhere)).not.toThrow();
  });

  it('may be nobody of a cluster', () => {
    const stack = newStack();
    const { registry, repository } = signing(stack);
    writeFileSync('ci.pem', '');
    repository.addSigner(new Signer(registry, 'ci', { publicKeys: [pem.bob.publicKey], privateKeyPath: 'ci.pem' }));
    expect(synthesize(stack).provider.dct![0]!.signing_keys).toHaveProperty('ci');
  });

  it('is added once, and refused beside a namesake of another cluster', () => {
    const stack = newStack();
    const { cluster, repository } = signing(stack);
    const alice = cluster.signer('alice', pem.alice.certificate);
    expect(repository.addSigner(alice)).toBe(repository.addSigner(alice));
    const namesake = new RemoteCluster(stack, 'cluster3', ucp).signer('alice', pem.bob.certificate);
    expect(() => repository.addSigner(namesake)).toThrow(
      '[stack/registry/admin--trustdemo] it has two signers called alice (cluster2/alice, cluster3/alice)',
    );
  });
});

describe('when pieces are put together in any order', () => {
  it('registers, delegates, signs and enforces one after the other', () => {
    const stack = newStack();
    const registry = new CentralRegistry(stack, 'registry', dtr);
    const cluster = new RemoteCluster(stack, 'cluster2', { clientBundlePath: 'bundles/cluster2' });
    const other = new RemoteCluster(stack, 'cluster3', { clientBundlePath: 'bundles/cluster3' });
    const gate = registry.repository('admin/gate');
    cluster.enforce({ requireSignatureFrom: ['docker-datacenter/release'], after: [gate] });
    const repository = registry.repository('admin/trustdemo');
    const alice = cluster.signer('alice', pem.alice.certificate);
    repository.signTag('1', { digest, signer: alice });
    repository.addSigner(alice);
    repository.addSigner(other.signer('bob', pem.bob.certificate));
    other.trust(registry);
    cluster.trust(registry);

    const synthesized = synthesize(stack);
    expect(dependencies(synthesized)).toEqual({
      'dct_repository admin/gate': [],
      'dct_repository admin/trustdemo': [],
      'dct_trusted_registry cluster2': [],
      'dct_trusted_registry cluster3': [],
      'dct_signer_delegation alice': ['dct_repository admin/trustdemo', 'dct_trusted_registry cluster2'],
      'dct_signer_delegation bob': ['dct_repository admin/trustdemo', 'dct_trusted_registry cluster3'],
      'dct_signed_tag 1': ['dct_repository admin/trustdemo', 'dct_signer_delegation alice'],
      'dct_enforcement cluster2': [
        'dct_repository admin/gate',
        'dct_signed_tag 1',
        'dct_signer_delegation alice',
        'dct_trusted_registry cluster2',
      ],
    });
    expect(synthesize(stack)).toEqual(synthesized);
  });

  it('lets a whole stack wait where the dependency is in another one', () => {
    const app = newApp();
    const central = newStack('central', app);
    const remote = newStack('remote', app);
    const repository = new CentralRegistry(central, 'registry', dtr).repository('admin/trustdemo');
    new RemoteCluster(remote, 'cluster2', ucp).enforce({ after: [repository] });
    expect(dependencies(synthesize(remote))).toEqual({ 'dct_enforcement cluster2': [] });
    expect(remote.dependencies).toEqual([central]);
  });

  it('registers a registry once, and leaves its CA to the provider', () => {
    const stack = newStack();
    writeFileSync('ca.pem', pem.ca);
    const registry = new CentralRegistry(stack, 'registry', { ...dtr, caBundlePath: 'ca.pem' });
    const cluster = new RemoteCluster(stack, 'cluster2', ucp);
    expect(cluster.trust(registry)).toBe(cluster.trust(registry));
    const synthesized = synthesize(stack);
    expect(synthesized.provider.dct![0]!.registry).toEqual({ host_address: 'dtr.example.com', ca_bundle: pem.ca });
    expect(resources(synthesized, 'dct_trusted_registry')).toEqual([
      { cluster: 'cluster2', host_address: 'dtr.example.com', provider: 'dct' },
    ]);
  });
});

describe('when a piece breaks a rule', () => {
  const registry = () => new CentralRegistry(newStack(), 'registry', dtr);
  const cluster = () => new RemoteCluster(newStack(), 'cluster2', ucp);
  it.each<[string, () => unknown, string]>([
    [
      'a scheme in the registry address',
      () => new CentralRegistry(newStack(), 'registry', { hostAddress: 'https://dtr.example.com/' }),
      '[stack/registry] the registry address "https://dtr.example.com/" has a scheme; write only host and port: "dtr.example.com"',
    ],
    [
      'a repository in capitals',
      () => registry().repository('Admin/TrustDemo'),
      '[stack/registry/Admin--TrustDemo] the repository "Admin/TrustDemo" has capitals, which docker does not allow; write "admin/trustdemo"',
    ],
    [
      'a user name as signer name',
      () => cluster().signer('John.Doe', pem.alice.certificate),
      `[stack/cluster2] the signer name "John.Doe" is not allowed: Notary takes lower-case letters, digits, "_" and "-", beginning with a letter or digit; it need not be the user's name in UCP, only the key has to be the user's: use for example "john-doe"`,
    ],
    [
      'a cluster nowhere',
      () => new RemoteCluster(newStack(), 'cluster2', {}),
      '[stack/cluster2] nothing says where the cluster is; give clientBundlePath, or endpoint',
    ],
    ['no key', () => cluster().signer('alice', []), '[stack/cluster2] the signer alice has no public key'],
    [
      'a private key as public key',
      () => cluster().signer('alice', pem.alice.privateKey),
      '[stack/cluster2] the public key of signer alice holds a private key, which would be in the synthesized stack for everyone to read; give the certificate alone',
    ],
    [
      'a path as public key',
      () => cluster().signer('alice', 'cert.pem'),
      '[stack/cluster2] the public key of signer alice is neither a PEM certificate nor a PEM public key',
    ],
    [
      'a CA that is none',
      () => new CentralRegistry(newStack(), 'registry', { ...dtr, caBundle: pem.alice.publicKey }),
      '[stack/registry] the CA bundle holds no readable PEM certificate',
    ],
    [
      'two ways to the CA',
      () => new CentralRegistry(newStack(), 'registry', { ...dtr, caBundle: pem.ca, caSha256: 'ab' }),
      '[stack/registry] there is more than one of caBundle, caBundlePath and caSha256; give one of them',
    ],
    [
      'a tag that is a digest',
      () =>
        registry()
          .repository('a/b')
          .signTag('1', { digest: '1', signer: cluster().signer('a', pem.bob.certificate) }),
      '[stack/registry/a--b] "1" is not a digest',
    ],
    [
      'two policies',
      () => {
        const once = cluster();
        once.enforce();
        once.enforce();
      },
      '[stack/cluster2] the cluster cluster2 has its signing policy already; call enforce() once',
    ],
  ])('refuses %s, naming construct and rule', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('names the resolved path of a file that is not there', () => {
    expect(() => new CentralRegistry(newStack(), 'registry', { ...dtr, caBundlePath: 'certs/ca.pem' })).toThrow(
      `cannot read ${process.cwd()}/certs/ca.pem (ENOENT)`,
    );
  });
});
