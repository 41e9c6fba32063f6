import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { putDemoImage, type Sandbox } from '../../src/sandbox';
import { Project } from './project';

jest.setTimeout(240_000);

describe('when the example of the README is deployed', () => {
  let project: Project;
  let sandbox: Sandbox;

  beforeAll(async () => {
    project = new Project('examples/single-stack');
    sandbox = await project.startSandbox({ directory: project.path('sandbox'), clusters: 2 });
    cpSync(sandbox.registry.caFile, project.path('ca.pem'));
    cpSync(project.path('sandbox/bundles'), project.path('bundles'), { recursive: true });
    const digest = await putDemoImage(sandbox.dtr, 'admin/trustdemo', '1');
    const code = project.read('main.ts');
    expect(code).toContain('dtr.example.com');
    writeFileSync(
      project.path('main.ts'),
      code.replace('dtr.example.com', sandbox.registry.hostAddress).replace(/sha256:0+/, digest),
    );
  });
  afterAll(() => project.close());

  it('is word for word what the README shows', () => {
    const root = resolve(__dirname, '../..');
    const example = readFileSync(resolve(root, 'examples/single-stack/main.ts'), 'utf8');
    expect(readFileSync(resolve(root, 'README.md'), 'utf8')).toContain(example);
  });

  it('lets the cluster run the image, has nothing left to change, and goes again', async () => {
    await project.cdktf('deploy', 'trust', '--auto-approve');
    await project.expectNoChanges('trust');
    const image = `${sandbox.registry.hostAddress}/admin/trustdemo:1`;
    await expect(
      project.docker(project.path('bundles/cluster2'), 'service', 'create', '--detach', image),
    ).resolves.toBeTruthy();
    await project.cdktf('destroy', 'trust', '--auto-approve');
  });
});
