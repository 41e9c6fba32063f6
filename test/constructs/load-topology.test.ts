import { mkdirSync, writeFileSync } from 'node:fs';
import { CentralTrust, ClusterTrust, loadTopology } from '../../src/constructs';
import { inAppFolder, newStack, synthesize } from './app';
import { people } from './people';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

let pem: Awaited<ReturnType<typeof people>>;
beforeAll(async () => (pem = await people()));
beforeEach(() => {
  mkdirSync('site/bundles/cluster2', { recursive: true });
  writeFileSync('site/ca.pem', pem.ca);
  writeFileSync('site/bundles/cluster2/cert.pem', pem.alice.certificate);
});

const digest = `sha256:${'ab'.repeat(32)}`;
const other = `sha256:${'cd'.repeat(32)}`;
const whole = `request_timeout_seconds = 60
max_retries = 2

[registry]
host_address = "dtr.example.com"
ca_bundle = "ca.pem"
username = "admin"
notary_url = "https://notary.example.com"

[clusters.cluster2]
client_bundle_path = "bundles/cluster2"
must_admit = ["dtr.example.com/admin/trustdemo:1"]

[clusters.cluster2.signers.cluster2admin]
public_keys = ["bundles/cluster2/cert.pem"]
private_key_path = "bundles/cluster2/key.pem"

[clusters.cluster2.enforce]
require_signature_from = ["docker-datacenter/release"]
allow_repositories = ["docker.io/mirantis/dtr-registry"]
on_destroy = "disable"

[repositories."admin/trustdemo"]
signers = ["cluster2/cluster2admin"]
on_destroy = "delete"
rotate = { targets = 1 }
snapshot_managed_by = "server"
when_lost = "recreate"
min_validity_days = 60
allow_unsigning = true

[repositories."admin/trustdemo".tags."1"]
digest = "${digest}"
signed_by = ["cluster2/cluster2admin"]
replaces_digest = "${other}"
min_validity_days = 90

[trust_store]
directory = "trust"
create_root_key = true

[root_pins]
"dtr.example.com/admin" = ["${'12'.repeat(32)}"]
`;

describe('when a topology is read from a file', () => {
  const load = (toml: string) => {
    writeFileSync('site/topology.toml', toml);
    return loadTopology('site/topology.toml');
  };

  it('is the topology, with files that are relative to it', () => {
    const site = `${process.cwd()}/site`;
    expect(load(whole)).toEqual({
      registry: {
        hostAddress: 'dtr.example.com',
        caBundle: pem.ca,
        username: 'admin',
        notaryUrl: 'https://notary.example.com',
      },
      clusters: {
        cluster2: {
          clientBundlePath: `${site}/bundles/cluster2`,
          mustAdmit: ['dtr.example.com/admin/trustdemo:1'],
          signers: {
            cluster2admin: {
              publicKeys: [pem.alice.certificate],
              privateKeyPath: `${site}/bundles/cluster2/key.pem`,
            },
          },
          enforce: {
            requireSignatureFrom: ['docker-datacenter/release'],
            allowRepositories: ['docker.io/mirantis/dtr-registry'],
            onDestroy: 'disable',
          },
        },
      },
      repositories: {
        'admin/trustdemo': {
          signers: ['cluster2/cluster2admin'],
          onDestroy: 'delete',
          rotate: { targets: 1 },
          snapshotManagedBy: 'server',
          whenLost: 'recreate',
          minValidityDays: 60,
          allowUnsigning: true,
          tags: {
            1: { digest, signedBy: ['cluster2/cluster2admin'], replacesDigest: other, minValidityDays: 90 },
          },
        },
      },
      trustStore: { directory: `${site}/trust`, createRootKey: true },
      rootPins: { 'dtr.example.com/admin': ['12'.repeat(32)] },
      requestTimeoutSeconds: 60,
      maxRetries: 2,
    });
  });

  it('makes stacks without an absolute path, secret, or private key', () => {
    const topology = load(whole);
    writeFileSync('site/bundles/cluster2/key.pem', '');
    const stack = newStack();
    const { registry } = new CentralTrust(stack, 'trust', topology);
    new ClusterTrust(stack, 'cluster2', { topology, cluster: 'cluster2', registry });
    const { provider, resource } = synthesize(stack);
    const [configuration] = provider.dct!;
    const only = (kind: string) => Object.values(resource[kind] ?? {})[0];
    expect(only('dct_repository')).toMatchObject({ when_lost: 'recreate', min_validity_days: 60 });
    expect(only('dct_signer_delegation')).toMatchObject({ allow_unsigning: true });
    expect(only('dct_signed_tag')).toMatchObject({ replaces_digest: other, min_validity_days: 90 });
    expect(configuration).toMatchObject({
      root_pins: { 'dtr.example.com/admin': ['12'.repeat(32)] },
      request_timeout_seconds: 60,
      max_retries: 2,
      clusters: { cluster2: { client_bundle_path: '${path.module}/../../../site/bundles/cluster2' } },
      signing_keys: {
        'cluster2/cluster2admin': { private_key: '${file("${path.module}/../../../site/bundles/cluster2/key.pem")}' },
      },
      trust_store: { directory: '${path.module}/../../../site/trust' },
    });
  });

  it('needs a registry only', () => {
    expect(load('[registry]\nhost_address = "dtr.example.com"\n')).toEqual({
      registry: { hostAddress: 'dtr.example.com' },
      clusters: {},
      repositories: {},
    });
  });

  it.each([
    ['[registry]\nhost_address = dtr', ':2: '],
    ['[registry]\n\nhost_address = "a"\nhost_address = "b"', ':4: '],
  ])('says in which line the TOML is broken', (toml, line) => {
    const file = `${process.cwd()}/site/topology.toml`;
    expect(() => load(toml)).toThrow(`${file}${line}`);
    expect(() => load(toml)).toThrow(/[^:]$/);
  });

  it.each([
    ['', 'the file: "registry" is missing'],
    ['[registry]', 'registry: "host_address" is missing'],
    ['registry = 1', 'registry: has to be a table, not 1'],
    ['[registry]\nhost_address = 1', 'registry.host_address: has to be a text in quotes, not 1'],
    ['[registry]\nhost_address = ""', 'registry.host_address: must not be empty'],
    ['[registry]\nhostaddress = "a"', 'registry: unknown key "hostaddress"; did you mean "host_address"?'],
    [
      '[registry]\nhost_address = "a"\npassword = "p"',
      'registry: "password" is a secret, which does not belong in this file',
    ],
    ['[registry]\nhost_address = "a"\n[cluster.a]', 'the file: unknown key "cluster"; did you mean "clusters"?'],
    [
      '[registry]\nhost_address = "a"\n[zzz]',
      'the file: unknown key "zzz"; known are registry, clusters, repositories, trust_store',
    ],
    [
      '[registry]\nhost_address = "a"\n[clusters.a.signers.john.doe]\npublic_keys = ["a.pem"]',
      'clusters.a.signers.john: "public_keys" is missing\n  clusters.a.signers.john: unknown key "doe"; known are public_keys, private_key_path; a name with a dot is quoted: [clusters.a.signers."john.doe"]',
    ],
    [
      '[registry]\nhost_address = "a"\n[clusters.a]\nendpont = "x"',
      'clusters.a: unknown key "endpont"; did you mean "endpoint"?',
    ],
    [
      '[registry]\nhost_address = "a"\n[clusters."a b".signers.x]\npublic_keys = []',
      'clusters."a b".signers.x.public_keys: has to name at least one file',
    ],
    [
      '[registry]\nhost_address = "a"\n[clusters.a.enforce]\nrequire_signature_from = "x"',
      'clusters.a.enforce.require_signature_from: has to be an array of texts: ["…"], not "x"',
    ],
    [
      '[registry]\nhost_address = "a"\n[clusters.a.enforce]\non_destroy = "drop"',
      'clusters.a.enforce.on_destroy: has to be "restore" or "disable" or "keep", not "drop"',
    ],
    [
      '[registry]\nhost_address = "a"\n[repositories.x]\nrotate = { root = 1.5 }',
      'repositories.x.rotate.root: has to be a whole number, 0 or more, not 1.5',
    ],
    [
      '[registry]\nhost_address = "a"\n[repositories.x.tags.1]\ndigest = 5',
      'repositories.x.tags.1.digest: has to be a text in quotes, not 5',
    ],
    [
      '[registry]\nhost_address = "dtr.example.com"\n[repositories."a/b"]\nsigners = ["cluster2/x"]',
      'repositories."a/b".signers[0]: there is no signer "cluster2/x" in clusters',
    ],
    ['[registry]\nhost_address = "a"\nca_sha256 = "x"', 'registry.ca_sha256: "x" is not a SHA-256 fingerprint'],
    [
      '[registry]\nhost_address = "a"\n[clusters.mustAdmit]\nmust_admit = ["A B"]\nendpoint = "https://a"',
      'clusters.mustAdmit.must_admit[0]: "A B" is not an image',
    ],
    ['[registry]\nhost_address = "a"\n[root_pins]\na = ["x"]', 'root_pins.a[0]: "x" is not a key ID'],
    ['[registry]\nhost_address = "https://a"', 'registry.host_address: the registry address "https://a" has a scheme'],
  ])('says where it is not sound: %j', (toml, message) => {
    expect(() => load(toml)).toThrow(`site/topology.toml is not a sound topology:\n`);
    expect(() => load(toml)).toThrow(`  ${message}`);
  });

  it('says everything at once', () => {
    expect(() => load('[registry]\nca = "x"\n[repositories.a]\nsigner = []')).toThrow(
      /registry: "host_address" is missing\n {2}registry: unknown key "ca"; .*\n {2}repositories\.a: unknown key "signer"; did you mean "signers"\?/,
    );
  });

  it('names the resolved path of a file that is not there, and where it is named', () => {
    expect(() => load(whole.replace('cert.pem', 'missing.pem'))).toThrow(
      `clusters.cluster2.signers.cluster2admin.public_keys[0]: cannot read ${process.cwd()}/site/bundles/cluster2/missing.pem (ENOENT)`,
    );
    expect(() => loadTopology('nowhere.toml')).toThrow(`cannot read ${process.cwd()}/nowhere.toml (ENOENT)`);
  });
});
