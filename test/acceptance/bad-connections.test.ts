import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateRequest, testAuthority, type TestAuthority } from '../support/certificates';
import { startTlsServer, type TlsTestServer } from '../support/tls-server';
import { type Changes, provider, resource, type Settings } from './configuration';
import { complaints, forget, writes } from './observed';
import { World } from './world';
import { hostileZip } from './zips';

const HOUR = 3_600_000;

// What only shows when servers, bundles and keys are used: the apply fails, and nothing has been changed anywhere.
describe('when a server, a bundle or a key cannot be used', () => {
  let world: World;
  let directory: string;
  let authority: TestAuthority;
  let deaf: number;
  let ca: string;
  const servers: Record<string, TlsTestServer> = {};
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    directory = await mkdtemp(join(tmpdir(), 'dct-bad-'));
    authority = await testAuthority();
    ca = await world.pem('cluster2', 'ca.pem');
    const wanted: Record<string, CertificateRequest> = {
      expired: { notBefore: new Date(Date.now() - 48 * HOUR), notAfter: new Date(Date.now() - HOUR) },
      elsewhere: { names: ['elsewhere.example.com'], addresses: [] },
      good: {},
    };
    for (const [name, request] of Object.entries(wanted)) {
      const certificate = await authority.issue(request);
      servers[name] = await startTlsServer({ certificate }, () => ({ status: 404, body: 'not a DTR' }));
    }
    deaf = await closedPort();
    await writeFile(join(directory, 'no.zip'), 'not a zip');
    await hostileZip(join(directory, 'hostile.zip'));
  });
  afterAll(async () => {
    await Promise.all(Object.values(servers).map((server) => server.close()));
    await rm(directory, { recursive: true });
    await world.close();
  });

  const refused = async (text: string, why: RegExp): Promise<void> => {
    forget(world);
    await world.terraform.configure(text);
    const outcome = await world.terraform.apply();
    expect(outcome.ok).toBe(false);
    expect(complaints(outcome)).toMatch(why);
    expect(complaints(outcome)).toContain('What to do: ');
    expect(writes(world)).toEqual([]);
    expect((await world.terraform.state()).size).toBe(0);
  };
  const repository = (): string => resource('repository', 'it', { name: 'admin/trustdemo' });
  const registration = (): string => resource('trusted_registry', 'it', { cluster: 'cluster2' });
  const host = (name: string): string => servers[name]?.host ?? '';

  const registries: [string, () => Changes['registry'], RegExp][] = [
    [
      'whose CA is another',
      () => ({ ca_bundle: authority.certificate }),
      /localhost:\d+ .*is not vouched for by.*\(tls_untrusted\)/s,
    ],
    [
      'whose certificate has expired',
      () => ({ host_address: host('expired'), ca_bundle: authority.certificate }),
      /127\.0\.0\.1:\d+ .*has expired; it is valid from .*\(tls_expired\)/s,
    ],
    [
      'whose certificate is for another host',
      () => ({ host_address: host('elsewhere'), ca_bundle: authority.certificate }),
      /is for other hosts: DNS:elsewhere\.example\.com.*\(tls_wrong_host\)/s,
    ],
    ['that nobody answers for', () => ({ host_address: `127.0.0.1:${deaf}` }), /127\.0\.0\.1:\d+.*\(unreachable\)/s],
    [
      'that refuses the login',
      () => ({ username: 'nobody', password: 'wrong password' }),
      /the login of nobody for repository:\S+ was refused with status 401/,
    ],
  ];
  it.each(registries)('says so of a registry %s', async (_, registry, why) => {
    await refused(provider(world, { registry: registry() ?? {} }) + repository(), why);
  });

  it('says so of half a login', async () => {
    const password = process.env['DCT_REGISTRY_PASSWORD'];
    delete process.env['DCT_REGISTRY_PASSWORD'];
    await refused(
      provider(world) + repository(),
      /has a username to log in with, but no password.*DCT_REGISTRY_PASSWORD/s,
    );
    process.env['DCT_REGISTRY_PASSWORD'] = password;
  });

  const clusters: [string, () => Settings, RegExp][] = [
    [
      'whose CA is another',
      () => ({ ...bundle(), ca_bundle: authority.certificate }),
      /is not vouched for by.*\(tls_untrusted\)/s,
    ],
    [
      'whose certificate has expired',
      () => ({ ...bundle(), endpoint: `https://${host('expired')}`, ca_bundle: authority.certificate }),
      /\(tls_expired\)/,
    ],
    [
      'whose certificate is for another host',
      () => ({ ...bundle(), endpoint: `https://${host('elsewhere')}`, ca_bundle: authority.certificate }),
      /\(tls_wrong_host\)/,
    ],
    ['that nobody answers for', () => ({ ...bundle(), endpoint: `https://127.0.0.1:${deaf}` }), /\(unreachable\)/],
    [
      'that refuses the login',
      () => login({ username: 'admin', password: 'wrong password' }),
      /Cluster "cluster2".*the login of admin was refused: .*Invalid username or password/s,
    ],
    [
      'that has only half a login',
      () => login({ username: 'admin' }),
      /The cluster cluster2 has a username to log in with, but no password/,
    ],
    [
      'that has a certificate without its key',
      () => login({ certificate: authority.certificate }),
      /but no private_key/,
    ],
    ['that has no login', () => login({}), /There is no login for the cluster cluster2/],
    ['that is nowhere', () => ({ username: 'admin', password: 'x' }), /It is not known where the cluster cluster2 is/],
    [
      'that is no UCP',
      () => ({ ...bundle(), endpoint: `https://${host('good')}`, ca_bundle: authority.certificate }),
      /cluster2/,
    ],
    ['whose bundle does not exist', () => ({ client_bundle_path: 'no/such/bundle' }), /no\/such\/bundle/],
    [
      'whose bundle is a hostile zip',
      () => ({ client_bundle_path: join(directory, 'hostile.zip') }),
      /hostile\.zip is refused: .*\.\.\/cert\.pem/s,
    ],
    [
      'whose bundle is no zip',
      () => ({ client_bundle_path: join(directory, 'no.zip') }),
      /no\.zip is refused: it is not a whole zip file/,
    ],
  ];
  it.each(clusters)('says so of a cluster %s', async (_, cluster2, why) => {
    await refused(provider(world, { clusters: { cluster2: cluster2() } }) + registration(), why);
  });

  it('names the resolved path of a bundle that does not exist', async () => {
    await refused(
      provider(world, { clusters: { cluster2: { client_bundle_path: 'no/such/bundle' } } }) + registration(),
      // Of the provider's process, which is this one.
      new RegExp(join(process.cwd(), 'no/such/bundle')),
    );
  });

  it('does not make a root key unless it is asked for', async () => {
    await refused(
      provider(world, { trustStore: { create_root_key: false } }) + repository(),
      /no root key in \S+.*create_root_key.*\(no_root_key\)/s,
    );
  });

  it('does not take another root key when one is named', async () => {
    await refused(
      provider(world, { trustStore: { root_key_id: 'ab'.repeat(32) } }) + repository(),
      /there is no key (?:ab){32} in/i,
    );
  });

  it.each([
    ['root_passphrase', /the passphrase does not open \S+\.key \(root key\).*DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE/is],
    [
      'repository_passphrase',
      /the passphrase does not open \S+\.key \(targets key\).*DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE/is,
    ],
  ])('says so when the %s does not open its key', async (attribute, why) => {
    const { terraform } = world;
    await terraform.configure(
      provider(world) + resource('repository', 'first', { name: 'admin/unsigned', on_destroy: 'delete' }),
    );
    await terraform.must(terraform.apply());
    const more =
      attribute === 'root_passphrase'
        ? repository()
        : resource('signer_delegation', 'it', {
            repository: 'admin/unsigned',
            signer: 'alice',
            public_keys: [(await authority.issue({ usage: 'client' })).certificate],
          });
    await terraform.configure(
      provider(world, { trustStore: { [attribute]: 'not this one' } }) +
        resource('repository', 'first', { name: 'admin/unsigned', on_destroy: 'delete' }) +
        more,
    );
    forget(world);
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toMatch(why);
    expect(complaints(outcome)).not.toContain('not this one');
    expect(writes(world)).toEqual([]);
    // A destroy plans what is not there yet, too.
    await terraform.must(terraform.destroy('-refresh=false'));
  });

  const bundle = (): Settings => ({ client_bundle_path: world.bundle('cluster2') });
  const login = (settings: Settings): Settings => ({
    endpoint: world.sandbox.clusters[1]?.endpoint ?? '',
    ca_bundle: ca,
    ...settings,
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
