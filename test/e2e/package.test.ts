import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { putDemoImage, type Sandbox } from '../../src/sandbox';
import { Project } from './project';

jest.setTimeout(240_000);
const root = resolve(__dirname, '../..');
const PACKAGE = 'node_modules/cdktf-dct';

/** What `npm pack` makes is installed into a project elsewhere, as the README says, and nothing but that is used. */
describe('when the packed package is installed', () => {
  let project: Project;
  let sandbox: Sandbox;
  const ours = (command: string, ...args: string[]) => project.run(join(root, 'node_modules/.bin', command), args);

  beforeAll(async () => {
    project = new Project('examples/hcl', tmpdir());
    // `npm test` has built it; `prepack` would build it again, under the other tests' feet.
    await project.run('npm', ['pack', '--ignore-scripts', '--pack-destination', project.folder], root);
    const [, commands = ''] = /^```\n(npm install \.\/cdktf-dct[\s\S]*?)^```$/m.exec(readme()) ?? [];
    const [install = '', , ...settings] = commands.trim().split('\n');
    await project.run('sh', ['-c', `${install} --no-audit --no-fund --prefer-offline`]);
    await project.run('sh', ['-ec', settings.join('\n')]);
    sandbox = await project.startSandbox({ directory: project.path('sandbox'), clusters: 2 });
    cpSync(sandbox.registry.caFile, project.path('ca.pem'));
    cpSync(project.path('sandbox/bundles'), project.path('bundles'), { recursive: true });
  });
  afterAll(() => project.close());

  it('has what its pages link to', () => {
    const pages = readdirSync(project.path(PACKAGE), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.md') && !file.includes('node_modules'),
    );
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/interop.md', 'examples/hcl/README.md']));
    const dead = pages.flatMap((page) =>
      [...project.read(PACKAGE, page).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)]
        .map(([, link = '']) => join(dirname(page), link))
        // The tests that a page vouches by are in the repository only.
        .filter((file) => !file.startsWith('test/'))
        .filter((file) => !existsSync(project.path(PACKAGE, file)))
        .map((file) => `${page}: ${file}`),
    );
    expect(dead).toEqual([]);
  });

  it('compiles and synthesizes the example of the README, as CommonJS and as an ES module', async () => {
    const [, code = ''] = /^```ts\n(import [\s\S]*?app\.synth\(\);\n)```$/m.exec(readme()) ?? [];
    const stack = 'cdktf.out/stacks/trust';
    writeFileSync(project.path('main.ts'), code);
    writeFileSync(project.path('main.mts'), code);
    // The README has them installed as well; they are the same here.
    const types = relative(project.folder, join(root, 'node_modules/@types'));
    await ours('tsc', '--types', 'node', '--typeRoots', types);
    await ours('tsx', 'main.ts');
    const synthesized = project.read(stack, 'cdk.tf.json');
    rmSync(project.path('cdktf.out'), { recursive: true });
    await ours('tsx', 'main.mts');
    expect(project.read(stack, 'cdk.tf.json')).toBe(synthesized);
    await project.run('terraform', ['init', '-no-color'], project.path(stack));
    expect(await project.run('terraform', ['validate', '-no-color'], project.path(stack))).toContain('Success!');
  });

  it('has its command', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await project.run('npx', ['--no-install', 'dct', '--version'])).toContain(version);
  });

  it('has a provider that plain HCL finds through a filesystem mirror, applies, and destroys', async () => {
    const terraform = (...args: string[]) => project.run('terraform', [...args, '-no-color']);
    project.environment['TF_VAR_registry'] = sandbox.registry.hostAddress;
    project.environment['TF_VAR_digest'] = await putDemoImage(sandbox.dtr, 'admin/trustdemo', '1');
    project.environment['TF_CLI_CONFIG_FILE'] = project.path('terraform.rc');
    await ours('tsx', 'mirror.ts');
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

  it('has stacks to start from', async () => {
    cpSync(project.path(PACKAGE, 'stacks'), project.path('stacks'), { recursive: true });
    project.environment['DCT_TOPOLOGY'] = 'sandbox/topology.toml';
    await ours('tsx', 'stacks/main.ts');
    expect(readdirSync(project.path('cdktf.out/stacks'))).toEqual(
      expect.arrayContaining(['central', 'remote-cluster2']),
    );
  });
});

function readme(): string {
  return readFileSync(join(root, 'README.md'), 'utf8');
}
