import { parse } from '@iarna/toml';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Sandbox } from '../../src/sandbox';
import { Project } from './project';
import { secretsOf, writtenFiles } from './secrets';

const root = resolve(__dirname, '../..');
jest.setTimeout(240_000);

describe('when the stacks of a topology file are deployed with the cdktf command', () => {
  let project: Project;
  let sandbox: Sandbox;
  const configs = () => ['cluster1', 'cluster2', 'cluster3'].map((name) => parse(sandbox.ucp(name).config));
  let before: ReturnType<typeof configs>;

  beforeAll(async () => {
    project = new Project();
    sandbox = await project.startSandbox({ directory: project.path('sandbox'), clusters: 3 });
    const config = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8')) as object;
    const app = `node --import tsx ${relative(project.folder, join(root, 'stacks/main.ts'))}`;
    writeFileSync(project.path('cdktf.json'), JSON.stringify({ ...config, app }));
    project.environment['DCT_TOPOLOGY'] = 'sandbox/topology.toml';
    before = configs();
  });
  afterAll(() => project.close());

  it('can be planned before anything is there, each by itself', async () => {
    const output = await project.cdktf('diff', 'remote-cluster2');
    expect(output).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  });

  it('deploys all of them at once, and then has nothing left to change', async () => {
    const output = await project.cdktf('deploy', '*', '--auto-approve', '--parallelism', '3');
    expect(output).not.toContain('Error');
    // The demo asks all three.
    await project.expectNoChanges('remote-cluster3');
    for (const name of ['cluster2', 'cluster3']) {
      expect(parse(sandbox.ucp(name).config)).toMatchObject({
        registries: [{ host_address: sandbox.registry.hostAddress }],
        trust_configuration: { require_content_trust: true, require_signature_from: ['docker-datacenter/release'] },
      });
    }
  });

  it('leaves no secret and no absolute path in what it writes', () => {
    const files = writtenFiles(project);
    expect(Object.keys(files).length).toBeGreaterThanOrEqual(9);
    for (const [file, text] of Object.entries(files)) {
      for (const secret of secretsOf(project, sandbox))
        expect({ file, has: text.includes(secret) }).toEqual({ file, has: false });
    }
    const stack = JSON.parse(project.read('cdktf.out/stacks/remote-cluster2/cdk.tf.json')) as Record<string, unknown>;
    expect(JSON.stringify([stack['provider'], stack['resource']])).not.toContain(project.folder);
  });

  it('needs no other provider', () => {
    const lock = project.read('cdktf.out/stacks/remote-cluster2/.terraform.lock.hcl');
    expect(lock.match(/^provider "[^"]+"/gm)).toEqual(['provider "terraform.local/cdktf-dct/dct"']);
  });

  it('lets the docker command run what is signed, and nothing else', async () => {
    const { hostAddress } = sandbox.registry;
    const [, { clientBundle: cluster2 }, { clientBundle: cluster3 }] = sandbox.clusters as [
      unknown,
      { clientBundle: string },
      { clientBundle: string },
    ];
    const create = (bundle: string, image: string) =>
      project.docker(bundle, 'service', 'create', '--detach', `${hostAddress}/admin/${image}`);
    await expect(create(cluster2, 'trustdemo:1')).resolves.toBeTruthy();
    await expect(create(cluster3, 'trustdemo:1')).resolves.toBeTruthy();
    await expect(create(cluster3, 'trustdemo:2')).rejects.toThrow('image did not meet required signing policy');
    await expect(create(cluster3, 'unsigned:1')).rejects.toThrow('image or trust data does not exist for');
  });

  it('destroys them in the other order, and leaves the clusters as they were', async () => {
    await project.cdktf('destroy', '*', '--auto-approve');
    expect(configs()).toEqual(before);
  });
});

describe('when there is no topology file', () => {
  it('says which file is missing and what to do', async () => {
    const project = new Project();
    try {
      const app = `node --import tsx ${relative(project.folder, join(root, 'stacks/main.ts'))}`;
      writeFileSync(project.path('cdktf.json'), JSON.stringify({ language: 'typescript', app }));
      project.environment['DCT_TOPOLOGY'] = 'nowhere.toml';
      await expect(project.cdktf('synth')).rejects.toThrow(
        `there is no topology file ${project.path('nowhere.toml')}; name one in the environment variable DCT_TOPOLOGY`,
      );
    } finally {
      await project.close();
    }
  });
});
