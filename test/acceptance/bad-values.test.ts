import { generateKeyPairSync } from 'node:crypto';
import { makeCertificate } from '../notary/certificates';
import { type Changes, provider, resource, type Settings } from './configuration';
import { complaints, forget, writes } from './observed';
import { World } from './world';

const MALFORMED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const DIGEST = `sha256:${'ab'.repeat(32)}`;

// Everything here is refused at plan: nothing can have been changed.
describe('when a value is wrong', () => {
  let world: World;
  const certificates = new Map<string, string>();
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    const made = {
      good: makeCertificate(),
      'RSA-1024': makeCertificate({ kind: 'RSA-1024' }),
      Ed25519: makeCertificate({ kind: 'Ed25519' }),
      'signed with SHA-1': makeCertificate({ kind: 'RSA-2048', hash: 'SHA-1' }),
      ca: makeCertificate({ ca: true, name: 'CN=the CA' }),
    };
    for (const [name, { certificate }] of await settled(made)) certificates.set(name, certificate);
    certificates.set('several', `${certificates.get('ca') ?? ''}${certificates.get('good') ?? ''}`);
    certificates.set('private', (await made.good).privateKey);
    certificates.set('malformed', MALFORMED);
  });
  afterAll(() => world.close());
  beforeEach(() => {
    forget(world);
  });
  afterEach(() => {
    expect(writes(world)).toEqual([]);
  });

  const plan = async (text: string) => {
    await world.terraform.configure(text);
    const outcome = await world.terraform.plan();
    expect(outcome.ok).toBe(false);
    return outcome;
  };
  const signer = (settings: Settings): string =>
    resource('signer_delegation', 'it', {
      repository: 'admin/trustdemo',
      signer: 'alice',
      public_keys: [certificates.get('good') ?? ''],
      ...settings,
    });
  const tag = (settings: Settings): string =>
    resource('signed_tag', 'it', {
      repository: 'admin/trustdemo',
      tag: '1',
      signer: 'alice',
      digest: DIGEST,
      ...settings,
    });
  const registry = (settings: Settings): string =>
    resource('trusted_registry', 'it', { cluster: 'cluster2', ...settings });

  const resources: [string, () => string, string, RegExp][] = [
    [
      'a signer’s name that Notary does not take',
      () => signer({ signer: 'John.Doe' }),
      'signer',
      /"John\.Doe" is not allowed.*use for example "john-doe"/is,
    ],
    ['a signer called releases', () => signer({ signer: 'releases' }), 'signer', /cannot be called "releases"/],
    [
      'a repository in capitals',
      () => resource('repository', 'it', { name: 'Admin/TrustDemo' }),
      'name',
      /capitals.*write "admin\/trustdemo"/is,
    ],
    ['a repository with a tag', () => signer({ repository: 'admin/trustdemo:1' }), 'repository', /has a tag/],
    [
      'a repository with a scheme',
      () => tag({ repository: 'https://dtr.example.com/admin/trustdemo' }),
      'repository',
      /has a scheme/,
    ],
    ['a tag that is none', () => tag({ tag: 'no/tag' }), 'tag', /"no\/tag" is not a tag/],
    ['a digest that is none', () => tag({ digest: 'sha256:AB' }), 'digest', /64 hex digits/],
    [
      'a host address with a scheme',
      () => registry({ host_address: 'https://dtr.example.com' }),
      'host_address',
      /has a scheme.*write only host and port: "dtr\.example\.com"/is,
    ],
    [
      'a host address with a slash',
      () => registry({ host_address: 'dtr.example.com/admin' }),
      'host_address',
      /has a slash/,
    ],
    [
      'a CA that is no PEM',
      () => registry({ ca_bundle: 'ca.pem' }),
      'ca_bundle',
      /a path where the PEM text itself belongs/,
    ],
    [
      'a CA that cannot be read',
      () => registry({ ca_bundle: MALFORMED }),
      'ca_bundle',
      /not a certificate that can be read/,
    ],
    ['an on_destroy that there is none of', () => tag({ on_destroy: 'delete' }), 'on_destroy', /"revoke", "keep"/],
    [
      'a cluster that the provider does not know',
      () => registry({ cluster: 'cluster9' }),
      'cluster',
      /has no cluster "cluster9"; it has "cluster1", "cluster2"/,
    ],
    [
      'a policy for a cluster that the provider does not know',
      () => resource('enforcement', 'it', { cluster: 'cluster9' }),
      'cluster',
      /has no cluster "cluster9"/,
    ],
    [
      'an adoption of nobody knows what',
      () => resource('repository', 'it', { name: 'admin/trustdemo', adopt_existing: true }),
      'resource',
      /is to be adopted, but nothing says which root key it should have/,
    ],
    ['no public key at all', () => signer({ public_keys: [] }), 'public_keys', /at least one key/],
  ];
  it.each(resources)('refuses %s', async (_, text, attribute, why) => {
    const outcome = await plan(provider(world) + text());
    expect(complaints(outcome)).toMatch(why);
    expect(outcome.errors.map(({ snippet }) => snippet?.code.trim().split(' ')[0])).toEqual([attribute]);
  });

  const keys: [string, RegExp][] = [
    ['RSA-1024', /RSA key of 1024 bits; Notary takes 2048 and more/],
    ['Ed25519', /of type ed25519; Notary takes ECDSA and RSA/],
    ['signed with SHA-1', /SHA-1/i],
    ['several', /holds 2 PEM blocks.*The first is a CA: docker would silently make the CA the signer/s],
    ['private', /holds a private key.*treat the private key as exposed/is],
    ['malformed', /certificate that cannot be read/],
  ];
  it.each(keys)('refuses a public key: %s', async (name, why) => {
    const outcome = await plan(
      provider(world) + signer({ public_keys: [certificates.get('good') ?? '', certificates.get(name) ?? ''] }),
    );
    expect(complaints(outcome)).toMatch(why);
    expect(complaints(outcome)).toContain('public_keys cannot be used: ');
    expect(outcome.errors[0]?.snippet?.code).toContain('public_keys');
    expect(complaints(outcome)).not.toContain((certificates.get('private') ?? '').split('\n')[1]);
  });

  const good = (): string => resource('repository', 'it', { name: 'admin/trustdemo' });
  const configurations: [string, Changes, RegExp][] = [
    [
      'a registry with a scheme',
      { registry: { host_address: 'https://dtr.example.com' } },
      /registry\.host_address.*scheme/s,
    ],
    [
      'a registry’s CA that cannot be read',
      { registry: { ca_bundle: MALFORMED } },
      /registry\.ca_bundle.*not a certificate/s,
    ],
    [
      'what is no fingerprint of a registry’s CA',
      { registry: { ca_bundle: undefined, ca_sha256: 'ab:cd' } },
      /registry\.ca_sha256.*not a SHA-256 fingerprint/s,
    ],
    [
      'a cluster’s CA that cannot be read',
      { clusters: { cluster2: { ca_bundle: MALFORMED } } },
      /ca_bundle.*not a certificate/s,
    ],
    [
      'clusters that would share a login',
      { clusters: { 'cluster-2': {}, cluster_2: {} } },
      /"cluster-2" and "cluster_2".*DCT_CLUSTER_CLUSTER_2_USERNAME/s,
    ],
    ['a fingerprint that is none', { registry: { ca_bundle: undefined, ca_sha256: 'ab' } }, /ca_sha256.*64 hex/s],
    [
      'a Notary without TLS',
      { registry: { notary_url: 'http://dtr.example.com' } },
      /notary_url.*only https is spoken/s,
    ],
    ['a cluster’s address without a scheme', { clusters: { cluster2: { endpoint: 'ucp:443' } } }, /endpoint.*https/s],
    ['an image to admit that is none', { mustAdmit: ['dtr/A:1'] }, /must_admit.*"dtr\/A:1".*as docker takes it/s],
    ['a root key that is no ID', { trustStore: { root_key_id: 'mine' } }, /root_key_id must be a key ID/],
    [
      'a pin that is no ID',
      { more: { root_pins: { 'dtr.example.com': ['mine'] } } },
      /root_pins must hold root key IDs/,
    ],
    ['an RSA signing key of 1024 bits', { keys: { weak: rsa(1024, 'pkcs8') } }, /private_key.*RSA key of 1024 bits/s],
    ['an ed25519 signing key', { keys: { ed: ed25519() } }, /private_key.*of type ed25519/s],
    [
      'a signing key that cannot be read',
      { keys: { bad: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' } },
      /private_key.*PRIVATE KEY that cannot be read/s,
    ],
    [
      'a signing key on a curve Notary does not know',
      { keys: { k1: ec('secp256k1') } },
      /on the curve secp256k1; Notary takes P-256/,
    ],
  ];
  it.each(configurations)('refuses in the provider block %s', async (_, changes, why) => {
    const outcome = await plan(provider(world, changes) + good());
    expect(complaints(outcome)).toMatch(why);
  });

  const taken: [string, string][] = [
    ['PKCS#8 RSA', rsa(2048, 'pkcs8')],
    ['PKCS#1 RSA', rsa(2048, 'pkcs1')],
    ['SEC1 EC', ec('prime256v1', 'sec1')],
    ['PKCS#8 EC on P-384', ec('secp384r1')],
  ];
  it('takes signing keys in PKCS#1, SEC1 and PKCS#8', async () => {
    await world.terraform.configure(provider(world, { keys: Object.fromEntries(taken) }) + good());
    await world.terraform.must(world.terraform.plan());
  });

  const ids: [string, string, RegExp][] = [
    ['dct_trusted_registry', 'cluster2', /"cluster2" is not of the form <cluster>\/<host_address>/],
    ['dct_repository', 'Admin/TrustDemo', /capitals/],
    ['dct_repository', 'elsewhere.example.com/admin/trustdemo', /belongs to the registry elsewhere\.example\.com/],
    ['dct_signer_delegation', 'admin/trustdemo', /not of the form <gun>#<signer>/],
    ['dct_signed_tag', 'admin/trustdemo#alice', /not of the form <gun>:<tag>#<signer>/],
    ['dct_enforcement', 'cluster2/policy', /not of the form <cluster>/],
    ['dct_enforcement', 'cluster9', /no cluster\s+"cluster9"/],
  ];
  it.each(ids)('refuses to import %s by %s', async (type, id, why) => {
    const all = [good(), signer({}), tag({}), registry({}), resource('enforcement', 'it', { cluster: 'cluster2' })];
    await world.terraform.configure(provider(world) + all.join('\n'));
    const { exitCode, stderr } = await world.terraform.import(`${type}.it`, id);
    expect(exitCode).toBe(1);
    expect(stderr.replace(/\s*│ /g, ' ')).toMatch(why);
  });
});

async function settled<T>(promises: Readonly<Record<string, Promise<T>>>): Promise<[string, T][]> {
  return Promise.all(
    Object.entries(promises).map(async ([name, promise]): Promise<[string, T]> => [name, await promise]),
  );
}

function rsa(modulusLength: number, type: 'pkcs1' | 'pkcs8'): string {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type, format: 'pem' }).toString();
}

function ec(namedCurve: string, type: 'sec1' | 'pkcs8' = 'pkcs8'): string {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type, format: 'pem' }).toString();
}

function ed25519(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
