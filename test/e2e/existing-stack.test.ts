import { parse } from '@iarna/toml';
import { writeFileSync } from 'node:fs';
import { putDemoImage, type Sandbox } from '../../src/sandbox';
import { layNullProvider } from '../support/null-provider/lay';
import { Project } from './project';

jest.setTimeout(240_000);

describe('when a stack that was there before takes trust in', () => {
  let project: Project;
  let sandbox: Sandbox;
  let before: unknown;
  const cluster2 = () => project.path('sandbox/bundles/cluster2');
  const services = () => project.docker(cluster2(), 'service', 'ls', '--format', '{{.ID}} {{.Name}}');

  beforeAll(async () => {
    project = new Project('examples/existing-stack');
    sandbox = await project.startSandbox({ directory: project.path('sandbox'), clusters: 3 });
    before = parse(sandbox.ucp('cluster2').config);
    // Where Terraform looks for providers before it asks a registry, without any setting.
    project.environment['XDG_DATA_HOME'] = project.path('data');
    await layNullProvider(project.path('data/terraform/plugins'));
  });
  afterAll(() => project.close());

  let first: string;
  it('starts the workload once trust stands, with the providers locked as the example has them', async () => {
    const output = await project.cdktf('deploy', 'existing', '--auto-approve');
    const places = [
      /dct_enforcement\S+ .*: Creation complete/,
      /null_resource\.gate .*: Creating/,
      /null_resource\.workload .*: Creating/,
    ].map((step) => output.search(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    first = await services();
    expect(first).toMatch(/^\S+ web$/);
    const lock = project.read('cdktf.out/stacks/existing/.terraform.lock.hcl');
    expect(lock).toMatch(
      /provider "registry.terraform.io\/hashicorp\/null" \{\n {2}version {5}= "3\.2\.4"[\s\S]*?"h1:/,
    );
  });

  it('leaves it alone while nothing changes', async () => {
    expect(await project.cdktf('deploy', 'existing', '--auto-approve')).toContain('No changes.');
    expect(await services()).toBe(first);
  });

  it('starts it again when what is signed changes', async () => {
    const digest = await putDemoImage(sandbox.dtr, 'admin/trustdemo', '1', 'another');
    const topology = project.read('sandbox/topology.toml');
    const tag = '[repositories."admin/trustdemo".tags."1"]\ndigest = ';
    expect(topology).toContain(tag);
    const changed = topology.replace(new RegExp(`(${tag.replace(/[[\]".]/g, '\\$&')})"[^"]+"`), `$1"${digest}"`);
    writeFileSync(project.path('sandbox/topology.toml'), changed);
    const output = await project.cdktf('deploy', 'existing', '--auto-approve');
    expect(output).toContain('replaced due to changes in replace_triggered_by');
    expect(await services()).toMatch(/^\S+ web$/);
    expect(await services()).not.toBe(first);
  });

  it('stops it before it takes trust away', async () => {
    const output = await project.cdktf('destroy', 'existing', '--auto-approve');
    const places = [
      /workload .*: Destruction complete/,
      /gate .*: Destroying/,
      /dct_enforcement\S+ .*: Destroying/,
    ].map((step) => output.search(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(await services()).toBe('');
    expect(parse(sandbox.ucp('cluster2').config)).toEqual(before);
  });
});
