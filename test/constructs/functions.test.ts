import { Fn, TerraformOutput, TerraformVariable } from 'cdktf';
import { serveForTests } from '../../src/plugin';
import { dctProvider } from '../../src/provider/provider';
import { DctProvider, dctFunctions } from '../../src/constructs';
import { Terraform } from '../acceptance/terraform';
import { testAuthority } from '../support/certificates';
import { inAppFolder, newStack, synthesize } from './app';
import { fakeProvider } from './fake-provider';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('./fake-provider'));
inAppFolder();

const outputs = (stack: ReturnType<typeof newStack>): unknown =>
  Object.values((synthesize(stack) as unknown as { output: Record<string, { value: unknown }> }).output).map(
    ({ value }) => value,
  );

describe('when a function of the provider is called from a stack', () => {
  it('is an expression with the arguments as HCL writes them', () => {
    const stack = newStack();
    DctProvider.of(stack);
    const variable = new TerraformVariable(stack, 'pem', { type: 'string' });
    const values = [
      dctFunctions.gun('dtr.example.com', 'admin/trustdemo'),
      dctFunctions.keyId(variable.stringValue),
      dctFunctions.keyId(Fn.file('cert.pem')),
      dctFunctions.keyId('a\r\n"b" \\ ${c} %{d}'),
      `${dctFunctions.gun('dtr.example.com', `${variable.stringValue}/x`)}:1`,
    ];
    values.forEach((value, index) => new TerraformOutput(stack, `o${index}`, { value }));
    expect(outputs(stack)).toEqual([
      '${provider::dct::gun("dtr.example.com", "admin/trustdemo")}',
      '${provider::dct::key_id(var.pem)}',
      '${provider::dct::key_id(file("cert.pem"))}',
      '${provider::dct::key_id("a\\r\\n\\"b\\" \\\\ $${c} %%{d}")}',
      '${provider::dct::gun("dtr.example.com", "${var.pem}/x")}:1',
    ]);
  });

  it('needs the provider in that stack', () => {
    const stack = newStack('lonely');
    new TerraformOutput(stack, 'id', { value: dctFunctions.keyId('x') });
    expect(() => synthesize(stack)).toThrow(
      'it calls the function key_id of the provider dct, which the stack lonely does not have; add DctProvider.of(stack)',
    );
  });
});

describe('when Terraform runs such a stack', () => {
  it('calls the function with just that text', async () => {
    const pem = (await (await testAuthority()).issue()).certificate;
    const stack = newStack();
    DctProvider.of(stack);
    const commented = `# "quoted", \${not} %{a template}\r\n${pem.replaceAll('\n', '\r\n')}`;
    new TerraformOutput(stack, 'plain', { value: dctFunctions.keyId(pem) });
    new TerraformOutput(stack, 'commented', { value: dctFunctions.keyId(commented) });
    new TerraformOutput(stack, 'gun', { value: dctFunctions.gun('dtr.example.com', 'admin/trustdemo') });
    const server = await serveForTests(dctProvider, fakeProvider.source);
    const terraform = await Terraform.start({ TF_REATTACH_PROVIDERS: server.reattach });
    try {
      await terraform.configure(synthesize(stack));
      await terraform.must(terraform.apply());
      const { plain, commented: other, gun } = await terraform.outputs();
      expect(plain).toMatch(/^[0-9a-f]{64}$/);
      expect(other).toBe(plain);
      expect(gun).toBe('dtr.example.com/admin/trustdemo');
    } finally {
      await terraform.close();
      await server.close();
    }
  });
});
