import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import TOML from '@iarna/toml';
import { type Sandbox, startSandbox } from '../../src/sandbox';

let directory: string;
const open: Sandbox[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  await rm(directory, { recursive: true, force: true });
});

async function start(clusters?: number): Promise<Sandbox> {
  const sandbox = await startSandbox({ directory, ...(clusters === undefined ? {} : { clusters }) });
  open.push(sandbox);
  return sandbox;
}

async function stop(sandbox: Sandbox): Promise<void> {
  open.splice(open.indexOf(sandbox), 1);
  await sandbox.close();
}

interface Topology {
  readonly registry: { readonly host_address: string };
  readonly clusters?: Readonly<Record<string, { readonly client_bundle_path: string; readonly signers: object }>>;
  readonly repositories: Readonly<
    Record<
      string,
      { signers: string[]; on_destroy?: string; tags: Record<string, { digest: string; signed_by: string[] }> }
    >
  >;
}

async function topologyOf(sandbox: Sandbox): Promise<Topology> {
  return TOML.parse(await readFile(sandbox.topology, 'utf8')) as unknown as Topology;
}

describe('when a sandbox is new', () => {
  test('cluster1 has the registry with single sign-on, the others know nothing of it', async () => {
    const sandbox = await start(2);
    const config = (name: string): TOML.JsonMap => TOML.parse(sandbox.ucp(name).config);
    expect(config('cluster1')['registries']).toMatchObject([
      { host_address: sandbox.registry.hostAddress, batch_scanning_data_enabled: true },
    ]);
    expect(sandbox.ucp('cluster1').config).toMatch(/service_id = "[0-9a-f-]{36}"/);
    expect(config('cluster2')).not.toHaveProperty('registries');
  });

  test('each cluster has people of its own, and the operator is in the release team', async () => {
    const sandbox = await start(2);
    const { accounts } = sandbox.ucp('cluster2');
    expect(accounts.list().map(({ name }) => name)).toEqual([
      'admin',
      'cluster2admin',
      'cluster2dev',
      'docker-datacenter',
    ]);
    const organisation = accounts.find('docker-datacenter')!;
    const members = (team: string): string[] =>
      accounts.members(accounts.team(organisation, team)!).map(({ account }) => account.name);
    expect(members('release')).toEqual(['cluster2admin']);
    expect(members('qa').sort()).toEqual(['cluster2admin', 'cluster2dev']);
  });

  test('sandbox.json says what startSandbox returns, and secrets are for the owner only', async () => {
    const { registry, clusters, topology } = await start(2);
    expect(JSON.parse(await readFile(join(directory, 'sandbox.json'), 'utf8'))).toEqual({
      registry,
      clusters,
      topology,
    });
    for (const file of ['sandbox.json', 'bundles/cluster2/key.pem', 'bundles/cluster2.zip', 'state/sandbox.json']) {
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });
});

describe('when the topology file is written', () => {
  test.each<[number, string[]]>([
    [1, []],
    [2, ['cluster2']],
    [3, ['cluster2', 'cluster3']],
    [4, ['cluster2', 'cluster3']],
  ])('of %i clusters it has %j', async (count, remote) => {
    const sandbox = await start(count);
    const topology = await topologyOf(sandbox);
    expect(topology.registry.host_address).toBe(sandbox.registry.hostAddress);
    expect(Object.keys(topology.clusters ?? {})).toEqual(remote);
    const leftOut = count === 4;
    expect(sandbox.ucp(`cluster${String(count)}`).config).toContain(`require_content_trust = ${String(leftOut)}`);
  });

  test('one image is signed for every cluster, one for the first alone, and the files it names are there', async () => {
    const sandbox = await start(3);
    const { repositories, clusters = {} } = await topologyOf(sandbox);
    const { tags, signers, on_destroy } = repositories['admin/trustdemo']!;
    expect(on_destroy).toBe('delete');
    expect(signers).toEqual(['cluster2/cluster2admin', 'cluster3/cluster3admin']);
    expect(tags['1']?.signed_by).toEqual(signers);
    expect(tags['2']?.signed_by).toEqual(['cluster2/cluster2admin']);
    const manifest = await sandbox.dtr.images.manifest('admin/trustdemo', '1');
    expect(tags['1']?.digest).toBe(manifest?.digest);
    expect(await sandbox.dtr.images.manifest('admin/unsigned', '1')).toBeDefined();
    for (const { client_bundle_path: path } of Object.values(clusters)) await stat(join(directory, path, 'cert.pem'));
  });

  test('with one remote cluster the second image is signed by a user who is not in the team', async () => {
    const { repositories, clusters = {} } = await topologyOf(await start(2));
    expect(repositories['admin/trustdemo']?.tags['2']?.signed_by).toEqual(['cluster2/cluster2dev']);
    expect(Object.keys(clusters['cluster2']?.signers ?? {})).toEqual(['cluster2admin', 'cluster2dev']);
  });
});

describe('when it is started again in its directory', () => {
  test('addresses, keys, passwords, configuration and images are as they were', async () => {
    const first = await start(2);
    await first.ucp('cluster2').setConfig(first.ucp('cluster2').config.replace('level = "INFO"', 'level = "DEBUG"'));
    const key = await readFile(join(directory, 'bundles/cluster2/key.pem'), 'utf8');
    const text = await readFile(first.topology, 'utf8');
    await stop(first);
    const second = await start(2);
    expect([second.registry, second.clusters, second.warnings]).toEqual([first.registry, first.clusters, []]);
    expect(second.ucp('cluster2').config).toContain('level = "DEBUG"');
    expect(await readFile(join(directory, 'bundles/cluster2/key.pem'), 'utf8')).toBe(key);
    expect(await readFile(second.topology, 'utf8')).toBe(text);
  });

  test('more clusters join, and an edited topology stays', async () => {
    const first = await start(2);
    await writeFile(first.topology, `${await readFile(first.topology, 'utf8')}# mine\n`);
    await stop(first);
    const second = await start(3);
    expect(second.clusters.map(({ name }) => name)).toEqual(['cluster1', 'cluster2', 'cluster3']);
    expect(await readFile(second.topology, 'utf8')).toMatch(/# mine\n$/);
  });

  test('a port that was taken meanwhile gives another one and a warning', async () => {
    const first = await start(2);
    await stop(first);
    const before = first.registry.hostAddress;
    const squatter = await listen(Number(before.split(':')[1]));
    try {
      const second = await start(2);
      expect(second.registry.hostAddress).not.toBe(before);
      expect(second.warnings).toEqual([
        `the registry is now ${second.registry.hostAddress}, since ${before} was taken: trust data stays with the old name`,
      ]);
      expect(second.ucp('cluster1').config).toContain(second.registry.hostAddress);
      expect((await topologyOf(second)).registry.host_address).toBe(second.registry.hostAddress);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  test('a second one at the same time is refused', async () => {
    await start(1);
    await expect(start(1)).rejects.toMatchObject({ code: 'sandbox_running' });
  });

  test('the mark of a process that is gone does not count', async () => {
    await stop(await start(1));
    await writeFile(join(directory, 'state/running.json'), '{"pid":2147483646}');
    await expect(start(1)).resolves.toBeDefined();
  });
});

function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
