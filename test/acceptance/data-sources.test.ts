import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PublicKey } from '../../src/notary';
import { block, provider, type Settings } from './configuration';
import { World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

const data = (type: string, settings: Settings): string =>
  `${block(`data "dct_${type}" "it"`, settings)}output "it" {\n  value = data.dct_${type}.it\n}\n`;
/** Reads it, checks that a second plan is empty, and returns its values. */
async function read(type: string, settings: Settings): Promise<unknown> {
  const { terraform } = world;
  await terraform.configure(provider(world) + data(type, settings));
  await terraform.must(terraform.apply());
  return (await terraform.outputs())['it'];
}
/** The one error of its plan. */
async function refused(type: string, settings: Settings) {
  const { terraform } = world;
  await terraform.configure(provider(world) + data(type, settings));
  const { errors } = await terraform.plan();
  expect(errors).toHaveLength(1);
  return { summary: errors[0]?.summary, detail: errors[0]?.detail, code: errors[0]?.snippet?.code.trim() };
}

describe('dct_registry_ca', () => {
  const certificate = async () => new X509Certificate(await readFile(world.sandbox.registry.caFile));
  const fingerprint = async () => (await certificate()).fingerprint256;

  it('gives the certificate that has the fingerprint', async () => {
    const { hostAddress } = world.sandbox.registry;
    const sha256 = await fingerprint();
    const { validTo, subject } = await certificate();
    expect(await read('registry_ca', { expected_sha256: sha256 })).toEqual({
      id: hostAddress,
      host_address: hostAddress,
      expected_sha256: sha256,
      pem: await readFile(world.sandbox.registry.caFile, 'utf8'),
      sha256: sha256.replaceAll(':', '').toLowerCase(),
      subject: subject.split('\n').join(', '),
      not_after: new Date(validTo).toISOString().replace('.000', ''),
    });
  });

  it('is of another registry where that is named', async () => {
    const { hostAddress } = world.sandbox.registry;
    const other = hostAddress.replace('localhost', '127.0.0.1');
    const settings = { host_address: other, expected_sha256: await fingerprint() };
    expect(await read('registry_ca', settings)).toMatchObject({ id: other, host_address: other });
  });

  it('prints the fingerprint when none is given and nobody vouches for the server', async () => {
    const { hostAddress } = world.sandbox.registry;
    const sha256 = (await fingerprint()).replaceAll(':', '').toLowerCase();
    const name = (await certificate()).subject.split('\n').find((line) => line.startsWith('CN='));
    expect(await refused('registry_ca', {})).toEqual({
      summary: `The system's root certificates do not vouch for ${hostAddress}. Its /ca gave ${name} with SHA-256 ${sha256}`,
      detail:
        'What to do: Compare that fingerprint with one you got another way (on the DTR: openssl x509 -in ca.pem -noout ' +
        '-fingerprint -sha256), then set expected_sha256 to it.\n(registry_ca_not_pinned)',
      code: 'data "dct_registry_ca" "it" {',
    });
  });

  it.each([
    [
      'another fingerprint',
      '00'.repeat(32),
      /not the certificate with SHA-256 0{64}$/,
      'registry_ca_other_fingerprint',
    ],
    ['what is none', 'sha1', /^"sha1" is not a SHA-256 fingerprint/, 'invalid_fingerprint'],
  ])('refuses %s', async (_, expected_sha256, summary, code) => {
    expect(await refused('registry_ca', { expected_sha256 })).toEqual({
      summary: expect.stringMatching(summary) as string,
      detail: expect.stringContaining(`(${code})`) as string,
      code: `expected_sha256 = "${expected_sha256}"`,
    });
  });
});

describe('dct_team', () => {
  it('has its ID, its active members and the IDs of their keys', async () => {
    const { accounts } = world.sandbox.ucp('cluster2');
    const organization = accounts.find('docker-datacenter')!;
    const team = accounts.team(organization, 'release')!;
    const gone = accounts.add({ name: 'gone', isActive: false });
    accounts.setMember(team, gone);
    const cert = PublicKey.fromPem(await world.pem('cluster2', 'cert.pem'), { label: 'cert.pem' });
    expect(await read('team', { cluster: 'cluster2', organization: 'docker-datacenter', name: 'release' })).toEqual({
      cluster: 'cluster2',
      organization: 'docker-datacenter',
      name: 'release',
      id: team.id,
      members: [{ name: 'cluster2admin', key_ids: [cert.canonicalId] }],
    });
  });

  it.each([
    [
      'team',
      { organization: 'docker-datacenter', name: 'nobody' },
      'The organization docker-datacenter of the cluster cluster2 has no team nobody; it has qa, release',
      'What to do: Correct the name, or make the team in the UCP first.\n(no_such_team)',
      'name = "nobody"',
    ],
    [
      'organization',
      { organization: 'nobody', name: 'release' },
      'The cluster cluster2 has no organization nobody',
      'What to do: Correct the name, or make the organization and the team in the UCP first.\n(no_such_team)',
      'organization = "nobody"',
    ],
  ])('says which %s is not there', async (_, settings, summary, detail, code) => {
    expect(await refused('team', { cluster: 'cluster2', ...settings })).toEqual({ summary, detail, code });
  });
});

describe('dct_image', () => {
  it('has what the registry has under a tag', async () => {
    const manifest = await world.sandbox.dtr.images.manifest('admin/trustdemo', '1');
    expect(await read('image', { repository: world.gun, tag: '1' })).toEqual({
      repository: world.gun,
      tag: '1',
      gun: world.gun,
      id: `${world.gun}:1`,
      digest: await world.digest('1'),
      length: manifest?.bytes.length,
      media_type: 'application/vnd.docker.distribution.manifest.v2+json',
    });
  });
});

describe('dct_cluster', () => {
  it('has its product, registries and policy', async () => {
    const { endpoint } = world.sandbox.clusters[0]!;
    expect(await read('cluster', { name: 'cluster1' })).toEqual({
      name: 'cluster1',
      id: 'cluster1',
      endpoint,
      product: 'ucp',
      version: '3.2.8',
      instance_id: expect.any(String) as string,
      registries: [
        {
          host_address: world.sandbox.registry.hostAddress,
          service_id: expect.stringMatching(/./) as string,
          ca_bundle: expect.stringContaining('BEGIN CERTIFICATE') as string,
        },
      ],
      require_content_trust: false,
      require_signature_from: [],
      allow_repositories: [],
    });
  });
});
