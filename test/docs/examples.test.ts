import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byHand } from '../acceptance/by-hand';
import { World } from '../acceptance/world';

const examples = join(__dirname, '../../examples');
const IMPORT = /^terraform import (\S+) '?([^'\n]+)'?\n$/;

let world: World;
beforeAll(async () => {
  world = await World.start();
  const { registry, directory } = world.sandbox;
  cpSync(join(directory, 'bundles'), join(world.terraform.directory, 'bundles'), { recursive: true });
  cpSync(registry.caFile, join(world.terraform.directory, 'ca.pem'));
});
// A policy that was imported is what its destroy restores.
afterAll(() => world.close(['cluster2']));
afterEach(async () => {
  await world.terraform.must(world.terraform.destroy());
  await byHand(world, async (repository) => {
    if ((await repository.read()) !== undefined) await repository.deleteTrustData();
  });
});

/** An example, of the sandbox instead of example.com. */
async function textOf(...path: string[]): Promise<string> {
  const { hostAddress, caFile } = world.sandbox.registry;
  const { fingerprint256 } = new X509Certificate(readFileSync(caFile));
  return (
    readFileSync(join(examples, ...path), 'utf8')
      // The provider runs in this process, which is in another folder than Terraform.
      .replaceAll('${path.module}', world.terraform.directory)
      .replaceAll('dtr.example.com', hostAddress)
      .replaceAll(`sha256:${'0'.repeat(64)}`, await world.digest('1'))
      .replaceAll('0'.repeat(64), fingerprint256)
  );
}

async function apply(text: string): Promise<void> {
  const { terraform } = world;
  await terraform.configure(text);
  const { warnings } = await terraform.must(terraform.apply());
  expect(warnings).toEqual([]);
}

describe('when the example of a resource is applied', () => {
  it.each(readdirSync(join(examples, 'resources')))('%s goes, and its import command gives the same', async (type) => {
    await apply(world.provider() + (await textOf('resources', type, 'resource.tf')));
    const { terraform } = world;
    const [, address = '', id = ''] = IMPORT.exec(await textOf('resources', type, 'import.sh')) ?? [];
    const made = (await terraform.state()).get(address);
    expect(made).toBeDefined();
    await terraform.run('state', 'rm', address);
    expect(await terraform.import(address, id)).toMatchObject({ ok: true });
    expect(await terraform.must(terraform.plan())).toMatchObject({ empty: true });
    // Terraform's import leaves out what the resource depends on; the next apply of any kind adds it.
    await terraform.must(terraform.refresh());
    await terraform.expectNoChanges();
    expect((await terraform.state()).get(address)?.values).toEqual(made?.values);
  });
});

describe('when the example of a data source is applied', () => {
  it.each(readdirSync(join(examples, 'data-sources')))('%s goes', async (type) => {
    await apply(world.provider() + (await textOf('data-sources', type, 'data-source.tf')));
    expect(await world.terraform.outputs()).toBeDefined();
  });
});

describe('when the example of a function is applied', () => {
  it.each(readdirSync(join(examples, 'functions')))('%s goes', async (name) => {
    await apply(world.provider() + (await textOf('functions', name, 'function.tf')));
    expect((await world.terraform.outputs())[name]).toMatch(name === 'gun' ? /\/admin\/trustdemo$/ : /^[0-9a-f]{64}$/);
  });
});

describe('when the example of the provider is used', () => {
  it('connects', async () => {
    await apply(
      `${await textOf('provider', 'provider.tf')}\ndata "dct_cluster" "cluster2" {\n  name = "cluster2"\n}\n`,
    );
    expect(existsSync(join(world.terraform.directory, 'trust'))).toBe(false);
  });
});
