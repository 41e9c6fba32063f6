import { writeFileSync } from 'node:fs';
import type { TerraformStack } from 'cdktf';
import {
  CentralRegistry,
  DctProvider,
  loadTopology,
  RemoteCluster,
  TrustTopology,
  type Topology,
} from '../../src/constructs';
import { inAppFolder, newStack, synthesize } from './app';
import { people } from './people';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

let both: string;
let secret: string;
beforeAll(async () => {
  const { alice } = await people();
  both = `${alice.certificate}${alice.privateKey}`;
  // A line of its base64, which is in no message and no certificate.
  secret = alice.privateKey.split('\n')[2]!;
});
beforeEach(() => {
  writeFileSync('both.pem', both);
});

const hostAddress = 'dtr.example.com';
const endpoint = 'https://ucp.example.com';
const of = (parts: () => Partial<Topology>) => (stack: TerraformStack) =>
  new TrustTopology(stack, 'trust', { registry: { hostAddress }, clusters: {}, ...parts() });

/** What synth says, or what it writes. */
function outcome(make: (stack: TerraformStack) => unknown): string {
  const stack = newStack();
  try {
    make(stack);
    return JSON.stringify(synthesize(stack));
  } catch (error) {
    return String(error);
  }
}

describe('when a private key stands beside a certificate', () => {
  it.each<[string, (stack: TerraformStack) => unknown, string]>([
    [
      'the CA of the registry',
      (stack) => new CentralRegistry(stack, 'registry', { hostAddress, caBundle: both }),
      '[stack/registry] the CA bundle',
    ],
    [
      'the file of that CA',
      (stack) => new CentralRegistry(stack, 'registry', { hostAddress, caBundlePath: 'both.pem' }),
      '/both.pem',
    ],
    [
      'the CA of a cluster',
      (stack) => new RemoteCluster(stack, 'c', { endpoint, caBundle: both }),
      '[stack/c] the CA bundle',
    ],
    [
      'the file of that CA',
      (stack) => new RemoteCluster(stack, 'c', { endpoint, caBundlePath: 'both.pem' }),
      '/both.pem',
    ],
    [
      'a client certificate',
      (stack) => new RemoteCluster(stack, 'c', { endpoint, certificate: both }),
      '[stack/c] the client certificate',
    ],
    [
      'a signer’s certificate',
      (stack) => new RemoteCluster(stack, 'c', { endpoint }).signer('alice', both),
      '[stack/c] the public key of signer alice',
    ],
    [
      'the CA in a topology',
      of(() => ({ registry: { hostAddress, caBundle: both } })),
      '[stack/trust/central/registry] the CA bundle',
    ],
    [
      'a client certificate in a topology',
      of(() => ({ clusters: { c: { endpoint, certificate: both } } })),
      'the client certificate',
    ],
    [
      'the provider’s own configuration',
      (stack) =>
        new DctProvider(stack, 'dct', {
          registry: { hostAddress, caBundle: both },
          clusters: { c: { endpoint, certificate: both } },
        }),
      '[stack/dct] registry.ca_bundle',
    ],
    [
      'files of a topology file',
      (stack) => new TrustTopology(stack, 'trust', loadTopology(topologyFile())),
      'both.pem',
    ],
  ])('refuses it in %s, and says where', (_, make, where) => {
    const said = outcome(make);
    expect(said).not.toContain(secret);
    expect(said).toContain(`${where} holds a private key`);
  });
});

function topologyFile(): string {
  writeFileSync('topology.toml', `[registry]\nhost_address = "${hostAddress}"\nca_bundle = "both.pem"\n`);
  return 'topology.toml';
}
