import { putDemoImage } from '../../src/sandbox';
import { makeCertificate } from '../notary/certificates';
import { block, provider, providerSettings } from './configuration';
import { steps } from './steps';
import { World } from './world';

const NAMES = Array.from({ length: 51 }, (_, n) => `n${n}`);
const MANY = `locals {\n  many = toset(${JSON.stringify(NAMES)})\n}\n`;

describe('for_each over 51', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 2 })));
  afterAll(() => world.close());

  it('registrations, repositories, signers and signed tags', async () => {
    const alice = await makeCertificate();
    const digests = await Promise.all([0, 1, 2, 3].map((n) => putDemoImage(world.sandbox.dtr, `many/n${n}`, '1')));
    const resources = `${MANY}
locals {
  digests = ${JSON.stringify(digests)}
  signers = { for n in range(51) : "s\${n}" => n % 4 }
}
resource "dct_trusted_registry" "it" {
  for_each     = local.many
  cluster      = "cluster2"
  host_address = "\${each.key}.example.com"
}
resource "dct_repository" "it" {
  for_each   = local.many
  name       = "many/\${each.key}"
  on_destroy = "delete"
}
resource "dct_signer_delegation" "it" {
  for_each    = local.signers
  repository  = dct_repository.it["n\${each.value}"].gun
  signer      = each.key
  public_keys = [<<-EOT
${alice.certificate}EOT
  ]
}
resource "dct_signed_tag" "it" {
  for_each   = local.signers
  repository = dct_repository.it["n\${each.value}"].gun
  tag        = "1"
  signer     = dct_signer_delegation.it[each.key].signer
  digest     = local.digests[each.value]
}
`;
    await steps(world, [
      {
        provider: provider(world, { keys: { alice: alice.privateKey } }),
        resources,
        check: (state) => expect(state.size).toBe(4 * 51),
      },
    ]);
  });

  it('policies, one after the other, since it is one UCP that goes by 51 names', async () => {
    const head = provider(world).split('provider "dct"')[0] ?? '';
    const clusters = Object.fromEntries(NAMES.map((name) => [name, { client_bundle_path: world.bundle('cluster2') }]));
    const settings = { ...providerSettings(world), clusters };
    const step = { provider: head + block('provider "dct"', settings), options: ['-parallelism=1'] };
    const policies = `resource "dct_enforcement" "it" {\n  for_each = local.many\n  cluster = each.key\n  on_destroy = "disable"\n}\n`;
    await steps(world, [
      { ...step, resources: MANY + policies, check: (state) => expect(state.size).toBe(51) },
      { ...step, resources: MANY },
    ]);
  });
});
