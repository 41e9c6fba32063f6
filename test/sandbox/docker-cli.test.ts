import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../src/sandbox';
import { describeInterop } from '../interop/programs';

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describeInterop('when the docker CLI comes with a client bundle', () => {
  let sandbox: Sandbox;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sandbox-docker-'));
    sandbox = await startSandbox({ directory, clusters: 4 });
  });

  afterAll(async () => {
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** As a person does it: `eval "$(<env.sh)"` in the bundle's folder, then docker. */
  function docker(cluster: string, ...args: string[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      const script = 'eval "$(<env.sh)" && exec docker "$@"';
      const child = spawn('bash', ['-c', script, 'docker', ...args], {
        cwd: join(directory, 'bundles', cluster),
        env: { PATH: process.env['PATH'] ?? '', HOME: directory },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.on('error', reject);
      child.on('close', (code) => {
        resolve({ code, out, err });
      });
    });
  }

  test('it sees a UCP and negotiates its API', async () => {
    const { code, out } = await docker('cluster2', 'version', '--format', '{{.Server.Version}} {{.Client.APIVersion}}');
    expect([code, out]).toEqual([0, 'ucp/3.2.8 1.40\n']);
    const info = await docker('cluster2', 'info', '--format', '{{.Swarm.LocalNodeState}} {{.Swarm.Cluster.ID}}');
    expect(info.out).toBe(`active ${sandbox.ucp('cluster2').instanceId}\n`);
  });

  test('a service lives through create, list, tasks, scale, inspect and remove', async () => {
    const created = await docker('cluster2', 'service', 'create', '--detach', '--name', 'web', 'httpd:2.4');
    expect(created.code).toBe(0);
    expect((await docker('cluster2', 'service', 'scale', '--detach', 'web=2')).code).toBe(0);
    const listed = await docker('cluster2', 'service', 'ls', '--format', '{{.Name}} {{.Replicas}} {{.Image}}');
    expect(listed.out).toBe('web 2/2 httpd:2.4\n');
    const tasks = await docker('cluster2', 'service', 'ps', 'web', '--format', '{{.Name}} {{.DesiredState}}');
    expect(tasks.out.trim().split('\n').sort()).toEqual(['web.1 Running', 'web.2 Running']);
    const inspected = await docker('cluster2', 'service', 'inspect', 'web', '--format', '{{.ID}}');
    expect(inspected.out).toBe(created.out);
    expect((await docker('cluster2', 'service', 'rm', 'web')).out).toBe('web\n');
    expect((await docker('cluster2', 'service', 'inspect', 'web')).code).toBe(1);
  });

  test('pull, images, run and ps work too', async () => {
    expect((await docker('cluster2', 'pull', 'httpd:2.4')).out).toContain(
      'Status: Downloaded newer image for httpd:2.4',
    );
    expect((await docker('cluster2', 'images', '--format', '{{.Repository}}:{{.Tag}}')).out).toBe('httpd:2.4\n');
    const run = await docker('cluster2', 'run', '--detach', '--name', 'one', 'httpd:2.4');
    expect([run.code, run.err]).toEqual([0, '']);
    expect((await docker('cluster2', 'ps', '--format', '{{.Names}} {{.Image}}')).out).toBe('one httpd:2.4\n');
    expect((await docker('cluster2', 'rm', '--force', 'one')).code).toBe(0);
    expect((await docker('cluster2', 'ps', '--all', '--quiet')).out).toBe('');
  });

  test('a login at the registry goes through the cluster', async () => {
    const { hostAddress, username, password } = sandbox.registry;
    const login = (cluster: string, secret: string): Promise<Result> =>
      docker(cluster, 'login', '--username', username, '--password', secret, hostAddress);
    const known = sandbox.ucp('cluster2');
    await known.setConfig(
      `${known.config}\n${registration(hostAddress, await readFile(sandbox.registry.caFile, 'utf8'))}`,
    );
    expect((await login('cluster2', password)).out).toContain('Login Succeeded');
    expect((await login('cluster2', 'wrong')).err).toContain('unauthorized: incorrect username or password');
    expect((await login('cluster3', password)).err).toContain('certificate signed by unknown authority');
  });

  test('what is refused is told in UCP’s words', async () => {
    const { hostAddress } = sandbox.registry;
    const image = `${hostAddress}/admin/trustdemo:1`;
    for (const args of [
      ['service', 'create', '--detach', image],
      ['pull', image],
      ['run', '--detach', image],
    ]) {
      const { code, err } = await docker('cluster4', ...args);
      expect(code).not.toBe(0);
      expect(err).toContain(`Error response from daemon: ${hostAddress} must be a registered trusted registry`);
    }
    expect((await docker('cluster4', 'pull', 'httpd')).err.trim()).toBe(
      'Error response from daemon: image did not meet required signing policy\n' +
        'httpd:latest: image did not meet required signing policy',
    );
  });
});

function registration(hostAddress: string, caBundle: string): string {
  return `[[registries]]\n  host_address = "${hostAddress}"\n  ca_bundle = """\n${caBundle}"""\n`;
}
