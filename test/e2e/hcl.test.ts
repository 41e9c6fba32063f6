import { cpSync } from 'node:fs';
import { putDemoImage, type Sandbox } from '../../src/sandbox';
import { Project } from './project';

jest.setTimeout(240_000);

describe('when the provider is used from plain HCL through a filesystem mirror', () => {
  let project: Project;
  let sandbox: Sandbox;
  const terraform = (...args: string[]) => project.run('terraform', [...args, '-no-color']);

  beforeAll(async () => {
    project = new Project('examples/hcl');
    sandbox = await project.startSandbox({ directory: project.path('sandbox'), clusters: 2 });
    cpSync(sandbox.registry.caFile, project.path('ca.pem'));
    cpSync(project.path('sandbox/bundles'), project.path('bundles'), { recursive: true });
    project.environment['TF_VAR_registry'] = sandbox.registry.hostAddress;
    project.environment['TF_VAR_digest'] = await putDemoImage(sandbox.dtr, 'admin/trustdemo', '1');
    project.environment['TF_CLI_CONFIG_FILE'] = project.path('terraform.rc');
    await project.run('npx', ['tsx', 'mirror.ts']);
  });
  afterAll(() => project.close());

  it('is found, applied, stable and destroyed', async () => {
    await terraform('init');
    const output = await terraform('apply', '-auto-approve');
    expect(output).toMatch(/signed_by = toset\(\[\n {2}"[0-9a-f]{64}",\n\]\)/);
    await terraform('plan', '-detailed-exitcode');
    const image = `${sandbox.registry.hostAddress}/admin/trustdemo:1`;
    await expect(
      project.docker(project.path('bundles/cluster2'), 'service', 'create', '--detach', image),
    ).resolves.toBeTruthy();
    await terraform('destroy', '-auto-approve');
  });
});
