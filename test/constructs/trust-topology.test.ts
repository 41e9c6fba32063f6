import { Testing } from 'cdktf';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { CentralTrust, ClusterTrust, TrustTopology, type Topology } from '../../src/constructs';
import { dependencies, inAppFolder, newApp, newStack, only, synthesize } from './app';
import { people } from './people';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

let topology: Topology;
let pem: Awaited<ReturnType<typeof people>>;
const digest = `sha256:${'ab'.repeat(32)}`;
beforeAll(async () => {
  pem = await people();
  topology = {
    registry: { hostAddress: 'dtr.example.com', caBundle: pem.ca },
    clusters: {
      cluster2: {
        clientBundlePath: 'bundles/cluster2',
        signers: { cluster2admin: [pem.alice.certificate] },
        enforce: { requireSignatureFrom: ['docker-datacenter/release'] },
      },
      cluster3: {
        clientBundlePath: 'bundles/cluster3',
        signers: { cluster3admin: { publicKeys: [pem.bob.certificate], privateKeyPath: 'bundles/cluster3/key.pem' } },
      },
    },
    repositories: {
      'admin/trustdemo': {
        signers: ['cluster2/cluster2admin', 'cluster3/cluster3admin'],
        tags: { 1: { digest, signedBy: ['cluster2/cluster2admin', 'cluster3/cluster3admin'] } },
      },
      'admin/other': { signers: ['cluster3/cluster3admin'], onDestroy: 'delete' },
    },
    trustStore: { directory: 'trust', createRootKey: true },
  };
});

beforeEach(() => {
  mkdirSync('bundles/cluster3', { recursive: true });
  writeFileSync('bundles/cluster3/key.pem', '');
});

describe('when a topology is one stack', () => {
  it('registers, delegates, signs and enforces in that order', () => {
    const stack = newStack();
    new TrustTopology(stack, 'trust', topology);
    const repository = 'dct_repository admin/trustdemo';
    expect(Object.entries(dependencies(synthesize(stack))).map(([name, on]) => `${name} <- ${on.join(', ')}`)).toEqual([
      'dct_enforcement cluster2 <- dct_signed_tag 1, dct_signer_delegation cluster2admin, dct_trusted_registry cluster2',
      'dct_repository admin/other <- ',
      `${repository} <- `,
      expect.stringMatching('dct_signed_tag 1 <- dct_repository admin/trustdemo, dct_signer_delegation cluster'),
      `dct_signer_delegation cluster3admin <- ${repository}, dct_trusted_registry cluster3`,
      `dct_signer_delegation cluster2admin <- ${repository}, dct_trusted_registry cluster2`,
      'dct_trusted_registry cluster2 <- ',
      'dct_trusted_registry cluster3 <- ',
    ]);
  });

  it('gives access to every piece', () => {
    const trust = new TrustTopology(newStack(), 'trust', topology);
    expect(trust.registry.hostAddress).toBe('dtr.example.com');
    expect(Object.keys(trust.clusters)).toEqual(['cluster2', 'cluster3']);
    expect(trust.repositories['admin/other']!.resource!.onDestroyInput).toBe('delete');
    expect(Object.keys(trust.signers)).toEqual(['cluster2/cluster2admin', 'cluster3/cluster3admin']);
  });

  it('configures one provider, without a secret', () => {
    const stack = newStack();
    new TrustTopology(stack, 'trust', topology);
    expect(synthesize(stack).provider.dct).toEqual([
      {
        registry: { host_address: 'dtr.example.com', ca_bundle: pem.ca },
        clusters: {
          cluster2: { client_bundle_path: '${path.module}/../../../bundles/cluster2' },
          cluster3: { client_bundle_path: '${path.module}/../../../bundles/cluster3' },
        },
        signing_keys: {
          'cluster3/cluster3admin': { private_key: '${file("${path.module}/../../../bundles/cluster3/key.pem")}' },
        },
        trust_store: { directory: '${path.module}/../../../trust', create_root_key: true },
      },
    ]);
  });

  it('is what Terraform takes for valid JSON configuration without any other provider', () => {
    const stack = newStack();
    new TrustTopology(stack, 'trust', topology);
    expect(Object.keys(synthesize(stack).terraform.required_providers)).toEqual(['dct']);
    expect(Testing.synth(stack)).not.toContain(process.cwd());
  });
});

describe('when a topology is a stack for the registry and one per cluster', () => {
  it('has repositories in the central one, and all of a cluster in its own', () => {
    const app = newApp();
    const central = newStack('central', app);
    new CentralTrust(central, 'trust', topology);
    const remote = newStack('remote-cluster2', app);
    new ClusterTrust(remote, 'trust', { topology, cluster: 'cluster2' });
    expect(Object.keys(dependencies(synthesize(central)))).toEqual([
      'dct_repository admin/other',
      'dct_repository admin/trustdemo',
    ]);
    const synthesized = synthesize(remote);
    expect(dependencies(synthesized)).toEqual({
      'dct_trusted_registry cluster2': [],
      'dct_signer_delegation cluster2admin': ['dct_trusted_registry cluster2'],
      'dct_signed_tag 1': ['dct_signer_delegation cluster2admin'],
      'dct_enforcement cluster2': [
        'dct_signed_tag 1',
        'dct_signer_delegation cluster2admin',
        'dct_trusted_registry cluster2',
      ],
    });
    expect(only(synthesized, 'dct_signer_delegation').repository).toBe('admin/trustdemo');
    expect(Object.keys(synthesized.provider.dct![0]!.clusters as object)).toEqual(['cluster2']);
    expect(JSON.stringify(synthesized)).not.toContain('terraform_remote_state');
  });

  it('has keys at hand of others who sign the same repository, where they are there', () => {
    rmSync('bundles/cluster3/key.pem');
    const keys = () => {
      const stack = newStack();
      new ClusterTrust(stack, 'trust', { topology, cluster: 'cluster2' });
      return synthesize(stack).provider.dct![0]!.signing_keys;
    };
    expect(keys()).toBeUndefined();
    writeFileSync('bundles/cluster3/key.pem', '');
    expect(keys()).toEqual({
      'cluster3/cluster3admin': { private_key: '${file("${path.module}/../../../bundles/cluster3/key.pem")}' },
    });
  });

  it('refuses a cluster that the topology does not have', () => {
    expect(() => new ClusterTrust(newStack(), 'trust', { topology, cluster: 'cluster9' })).toThrow(
      '[stack/trust] the topology has no cluster cluster9; it has cluster2, cluster3',
    );
  });
});

describe('when a topology is not sound', () => {
  const refused = (change: Partial<Topology>) => {
    try {
      new TrustTopology(newStack(), 'trust', { ...topology, ...change });
    } catch (error) {
      return String(error)
        .replace(/^DctError: /, '')
        .split('\n');
    }
    throw new Error('nothing was refused');
  };

  it('says everything that is wrong, each with construct and place', () => {
    expect(
      refused({
        repositories: {
          'Admin/TrustDemo': {},
          'admin/a': { signers: ['cluster2/cluster2amin', 'nobody'] },
          'admin/b': { tags: { '1.0': { digest: 'latest', signedBy: ['cluster3/cluster3admin'] } } },
        },
      }),
    ).toEqual([
      '[stack/trust/central] repositories."Admin/TrustDemo": the repository "Admin/TrustDemo" has capitals, which docker does not allow; write "admin/trustdemo"',
      '[stack/trust/central] repositories."admin/a".signers[0]: there is no signer "cluster2/cluster2amin" in clusters; did you mean "cluster2/cluster2admin"?',
      '[stack/trust/central] repositories."admin/a".signers[1]: there is no signer "nobody" in clusters; a signer is referred to as "<cluster>/<signer>"',
      '[stack/trust/central] repositories."admin/b".tags."1.0".digest: "latest" is not a digest; write sha256: and 64 hex digits in small letters; the data source dct_image finds the digest of a tag',
      '[stack/trust/central] repositories."admin/b".tags."1.0".signedBy[0]: cluster3/cluster3admin is not a signer of this repository; add it to the repository’s signers',
    ]);
  });

  it('says so of signers that would be one delegation', () => {
    const clusters = {
      a: { endpoint: 'https://a', signers: { admin: pem.alice.certificate } },
      b: { endpoint: 'https://b', signers: { admin: pem.bob.certificate } },
    };
    expect(refused({ clusters, repositories: { 'x/y': { signers: ['a/admin', 'b/admin'] } } })).toEqual([
      '[stack/trust/central] repositories."x/y".signers[0]: a/admin and b/admin would be one delegation, targets/admin; give one of the two signers another name',
      '[stack/trust/central] repositories."x/y".signers[1]: b/admin and a/admin would be one delegation, targets/admin; give one of the two signers another name',
    ]);
  });

  it('says so of addresses, cluster and signer names', () => {
    const clusters = { 'prod east': { endpoint: 'https://a', signers: { 'John.Doe': pem.alice.certificate } } };
    expect(refused({ registry: { hostAddress: 'https://dtr' }, clusters, repositories: {} })).toEqual([
      expect.stringContaining('registry.hostAddress: the registry address "https://dtr" has a scheme'),
      expect.stringContaining('clusters."prod east": "prod east" cannot be the name of a cluster'),
      expect.stringContaining('clusters."prod east".signers."John.Doe": the signer name "John.Doe" is not allowed'),
    ]);
  });

  it('says so of what cannot be connected to, of images and key IDs', () => {
    const clusters = { cluster2: { endpoint: 'ucp.example.com', mustAdmit: ['dtr/A:1'] } };
    const registry = { hostAddress: 'dtr.example.com', caSha256: 'ab', notaryUrl: 'http://dtr.example.com' };
    expect(
      refused({
        registry,
        clusters,
        repositories: { 'x/y': { adoptExisting: true, expectedRootKeyIds: ['12'] } },
        trustStore: { rootKeyId: '34' },
        rootPins: { 'dtr.example.com/x': ['56'] },
      }).map((line) => line.replace('[stack/trust/central] ', '').replace(/;.*$/, '')),
    ).toEqual([
      'registry.caSha256: "ab" is not a SHA-256 fingerprint, which has 64 hex digits',
      'registry.notaryUrl: the address "http://dtr.example.com" is not one of https',
      'clusters.cluster2.endpoint: the address "ucp.example.com" is not a URL',
      'clusters.cluster2.mustAdmit[0]: "dtr/A:1" is not an image',
      'repositories."x/y".expectedRootKeyIds[0]: "12" is not a key ID',
      'trustStore.rootKeyId: "34" is not a key ID',
      'rootPins."dtr.example.com/x"[0]: "56" is not a key ID',
    ]);
  });

  it('refuses a property that nothing knows, anywhere, with what may have been meant', () => {
    const misspelled: object = {
      registry: { hostAddress: 'dtr.example.com', caSha: 'ab' },
      clusters: {
        cluster2: {
          endpoint: 'https://a',
          mustAdmitt: ['a/b:1'],
          signers: { alice: { publicKeys: [pem.alice.certificate], privateKeyFile: 'key.pem' } },
          enforce: { requireSignaturesFrom: ['docker-datacenter/release'] },
        },
      },
      repositories: {
        'a/b': {
          expectedRootKeys: ['ab'],
          rotate: { target: 1 },
          tags: { 1: { digest, signedBy: [], replaceDigest: digest } },
        },
      },
      trustStore: { dir: 'trust' },
      rootPin: {},
    };
    expect(refused(misspelled).map((line) => line.replace('[stack/trust/central] ', ''))).toEqual([
      'the topology: unknown property "rootPin"; did you mean "rootPins"?',
      'registry: unknown property "caSha"; did you mean "caSha256"?',
      'clusters.cluster2: unknown property "mustAdmitt"; did you mean "mustAdmit"?',
      'clusters.cluster2.enforce: unknown property "requireSignaturesFrom"; did you mean "requireSignatureFrom"?',
      'clusters.cluster2.signers.alice: unknown property "privateKeyFile"; did you mean "privateKeyPath"?',
      'repositories."a/b": unknown property "expectedRootKeys"; did you mean "expectedRootKeyIds"?',
      'repositories."a/b".rotate: unknown property "target"; did you mean "targets"?',
      'repositories."a/b".tags.1: unknown property "replaceDigest"; did you mean "replacesDigest"?',
      'trustStore: unknown property "dir"; did you mean "directory"?',
    ]);
  });
});
