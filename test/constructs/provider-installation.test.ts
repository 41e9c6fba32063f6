import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DctProvider } from '../../src/constructs';
import { contentOf, inAppFolder, newApp, newStack, synthesizeToDisk } from './app';
import { existing, OtherProvider } from './other-providers';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

const LOCK = '.terraform.lock.hcl';

describe('when a stack with the provider is synthesized', () => {
  it('lays the provider for every platform where Terraform looks', () => {
    const stack = newStack();
    DctProvider.of(stack);
    const folder = synthesizeToDisk(stack);
    for (const platform of ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64']) {
      const laid = join(folder, 'terraform.d/plugins/terraform.local/cdktf-dct/dct/0.0.1-fake', platform);
      expect(statSync(join(laid, 'terraform-provider-dct')).isFile()).toBe(true);
    }
  });

  it('writes the lock entry that keeps the cdktf command from asking a registry', () => {
    const stack = newStack();
    DctProvider.of(stack);
    expect(contentOf(synthesizeToDisk(stack), LOCK)).toContain(
      'provider "terraform.local/cdktf-dct/dct" {\n  version     = "0.0.1-fake"\n  constraints = "0.0.1-fake"\n' +
        '  hashes = [\n    "h1:ZmFrZQ==",\n  ]\n}\n',
    );
  });

  it('does so once for a stack with aliases', () => {
    const stack = newStack();
    new DctProvider(stack, 'a', { alias: 'a' });
    new DctProvider(stack, 'b', { alias: 'b' });
    expect(contentOf(synthesizeToDisk(stack), LOCK).match(/^provider /gm)).toHaveLength(1);
  });

  it('leaves stacks without the provider alone', () => {
    expect(existsSync(join(synthesizeToDisk(newStack()), LOCK))).toBe(false);
  });

  it('does it in a whole app, where the cdktf command reads', () => {
    const app = newApp();
    DctProvider.of(newStack('one', app));
    DctProvider.of(newStack('two', app));
    app.synth();
    for (const stack of ['one', 'two']) expect(contentOf('cdktf.out/stacks', stack, LOCK)).toContain('0.0.1-fake');
  });
});

describe('when other providers are in the stack', () => {
  it('gives those with an exact version an entry without hashes', () => {
    const stack = newStack();
    DctProvider.of(stack);
    new NullProvider(stack, 'null');
    const folder = synthesizeToDisk(stack);
    expect(contentOf(folder, LOCK)).toMatch(
      /provider "registry.terraform.io\/hashicorp\/null" \{\n {2}version {5}= "\d+\.\d+\.\d+"\n {2}constraints = "[\d.]+"\n\}/,
    );
    expect(warnings(folder)).toEqual([]);
  });

  it.each([
    ['acme/cloud', '~> 5.0', 'registry.terraform.io/acme/cloud', '~> 5.0'],
    ['registry.acme.example/acme/cloud', undefined, 'registry.acme.example/acme/cloud', 'any'],
    [undefined, '>= 1.0.0', 'registry.terraform.io/hashicorp/cloud', '>= 1.0.0'],
  ])('warns of %s %s, naming CDKTF_SKIP_PROVIDER_LOCK', (source, constraint, address, shown) => {
    const stack = newStack();
    DctProvider.of(stack);
    new OtherProvider(stack, 'cloud', source, constraint);
    const folder = synthesizeToDisk(stack);
    expect(contentOf(folder, LOCK)).not.toContain(address);
    expect(warnings(folder)).toEqual([
      expect.stringMatching(
        new RegExp(`^The provider ${address} has no exact version \\(${shown}\\).*CDKTF_SKIP_PROVIDER_LOCK=true`),
      ),
    ]);
  });

  it('does not warn once Terraform has locked it', () => {
    const app = newApp();
    const stack = newStack('stack', app);
    DctProvider.of(stack);
    new OtherProvider(stack, 'cloud', 'acme/cloud', '~> 5.0');
    mkdirSync('cdktf.out/stacks/stack', { recursive: true });
    writeFileSync(join('cdktf.out/stacks/stack', LOCK), existing('registry.terraform.io/acme/cloud', '5.1.0'));
    app.synth();
    expect(contentOf('cdktf.out/stacks/stack', LOCK)).toContain(existing('registry.terraform.io/acme/cloud', '5.1.0'));
    expect(warnings('cdktf.out/stacks/stack')).toEqual([]);
  });
});

/** Annotations of the stack as the cdktf command prints them. */
function warnings(stackFolder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(stackFolder, '../../manifest.json'), 'utf8')) as {
    stacks: Record<string, { annotations: { level: string; message: string }[] }>;
  };
  return Object.values(manifest.stacks).flatMap(({ annotations }) =>
    annotations.filter(({ level }) => level === '@cdktf/warn').map(({ message }) => message),
  );
}
