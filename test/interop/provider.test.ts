import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveForTests, type TestServer } from '../../src/plugin';
import { dctProvider } from '../../src/provider/provider';
import { Terraform } from '../acceptance/terraform';
import { passphrases, type Operator } from './docker';
import { describeCases } from './cases';
import { startTrustStack, type TrustStack } from './stack';
import { likeDtr } from './variants';

const SOURCE = 'terraform.local/cdktf-dct/dct';

describeCases('The provider beside docker', (testCase) => {
  let stack: TrustStack;
  let server: TestServer;
  let terraform: Terraform;
  let operator: Operator;
  let gun: string;

  beforeAll(async () => {
    stack = await startTrustStack(likeDtr.options);
    operator = await stack.operator('ops');
    gun = `${stack.hostAddress}/admin/demo`;
    process.env['DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE'] = passphrases.root;
    process.env['DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE'] = passphrases.repository;
    process.env['DCT_REGISTRY_USERNAME'] = stack.tokens?.username;
    process.env['DCT_REGISTRY_PASSWORD'] = stack.tokens?.password;
    server = await serveForTests(dctProvider, SOURCE);
    terraform = await Terraform.start({ TF_REATTACH_PROVIDERS: server.reattach });
  });
  afterAll(async () => {
    await terraform.close();
    await server.close();
    await stack.close();
  });

  const about = (what: string) => ({ what, ours: 'provider' as const, server: likeDtr.name });
  const provider = (): string => `
terraform {
  required_providers {
    dct = { source = "${SOURCE}" }
  }
}

provider "dct" {
  registry    = { host_address = "${stack.hostAddress}", ca_bundle = file("${stack.caFile}") }
  trust_store = { directory = "${operator.trustDirectory}", create_root_key = true }
}
`;
  const repository = (name: string, label = 'demo'): string => `
resource "dct_repository" "${label}" {
  name       = "${name}"
  on_destroy = "delete"
}
`;
  const signer = (name: string, pem: string): string => `
resource "dct_signer_delegation" "${name}" {
  repository  = dct_repository.demo.name
  signer      = "${name}"
  public_keys = [file("${pem}")]
}
`;

  testCase(about('what it makes is read by docker and notary, and signed by docker'), async () => {
    await operator.docker(['trust', 'key', 'generate', 'alice', '--dir', operator.configDirectory]);
    const alice = join(operator.configDirectory, 'alice.pub');
    await terraform.configure(provider() + repository('admin/demo') + signer('alice', alice));
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();

    const state = await terraform.state();
    const inspection = await operator.inspect(gun);
    const keyIds = state.get('dct_signer_delegation.alice')?.values['key_ids'];
    expect(inspection.Signers).toEqual([{ Name: 'alice', Keys: [{ ID: (keyIds as string[])[0] }] }]);
    expect((await operator.notary(['delegation', 'list', gun])).stdout).toContain('targets/alice');

    await stack.push('admin/demo', 'v1');
    await operator.docker(['trust', 'sign', `${gun}:v1`]);
    await terraform.expectNoChanges();
    expect((await operator.inspect(gun)).SignedTags).toMatchObject([{ SignedTag: 'v1', Signers: ['alice'] }]);
  });

  testCase(about('a signer that docker adds with our key files is imported with nothing to change'), async () => {
    await operator.docker(['trust', 'key', 'generate', 'bob', '--dir', operator.configDirectory]);
    const bob = join(operator.configDirectory, 'bob.pub');
    await operator.docker(['trust', 'signer', 'add', '--key', bob, 'bob', gun]);
    const alice = join(operator.configDirectory, 'alice.pub');
    await terraform.configure(provider() + repository('admin/demo') + signer('alice', alice) + signer('bob', bob));
    expect(await terraform.import('dct_signer_delegation.bob', `${gun}#bob`)).toMatchObject({ ok: true });
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  testCase(about('a tag that it signs is read by docker, which signs on'), async () => {
    const { sha256 } = await stack.push('admin/demo', 'v2');
    await writeFile(
      join(terraform.directory, 'tag.tf'),
      `resource "dct_signed_tag" "v2" {
  repository = dct_repository.demo.name
  tag        = "v2"
  signer     = dct_signer_delegation.alice.signer
  digest     = "sha256:${sha256}"
}
`,
    );
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    expect((await operator.inspect(gun)).SignedTags).toContainEqual({
      SignedTag: 'v2',
      Digest: sha256,
      Signers: ['alice'],
    });
    await operator.docker(['trust', 'sign', `${gun}:v2`]);
    await terraform.expectNoChanges();
    expect((await operator.inspect(gun)).SignedTags).toContainEqual({
      SignedTag: 'v2',
      Digest: sha256,
      Signers: ['alice', 'bob'],
    });
  });

  testCase(about('a repository that docker made is imported with an empty plan'), async () => {
    const made = `${stack.hostAddress}/admin/dockers`;
    await operator.docker([
      'trust',
      'signer',
      'add',
      '--key',
      join(operator.configDirectory, 'alice.pub'),
      'alice',
      made,
    ]);
    await writeFile(
      join(terraform.directory, 'more.tf'),
      `resource "dct_repository" "dockers" {\n  name = "admin/dockers"\n}\n`,
    );
    expect(await terraform.import('dct_repository.dockers', made)).toMatchObject({ ok: true });
    await terraform.expectNoChanges();
    expect((await terraform.state()).get('dct_repository.dockers')?.values).toMatchObject({
      gun: made,
      snapshot_managed_by: 'server',
    });
  });

  testCase(
    about('is destroyed once nothing that docker signed would be lost, and docker finds no trust data'),
    async () => {
      const refused = await terraform.destroy();
      const summaries = refused.errors.map(({ summary }) => summary).join('\n');
      expect(summaries).toContain('targets/releases: v1 (signed by alice)');
      // v2 too, which docker signed as bob as well
      for (const tag of ['v1', 'v2']) await operator.docker(['trust', 'revoke', '--yes', `${gun}:${tag}`]);
      await terraform.must(terraform.destroy());
      // Somebody else: this operator's docker would still show what it has cached.
      await expect((await stack.operator('other')).inspect(gun)).rejects.toThrow();
      expect(await readFile(join(operator.configDirectory, 'alice.pub'), 'utf8')).toContain('PUBLIC KEY');
    },
  );
});
