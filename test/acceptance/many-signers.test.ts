import { generateKeyPairSync } from 'node:crypto';
import { provider } from './configuration';
import { World } from './world';

const SIGNERS = 200;

describe('when many signers of one repository are added at once', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('they go out in a few publishes, and each is there', async () => {
    const keys = Array.from({ length: SIGNERS }, (_, index) => [`signer${index}`, publicKey()] as const);
    await world.terraform.configure(`${provider(world)}
locals {
  keys = jsondecode(${JSON.stringify(JSON.stringify(Object.fromEntries(keys)))})
}
resource "dct_repository" "demo" {
  name       = "admin/trustdemo"
  on_destroy = "delete"
}
resource "dct_signer_delegation" "all" {
  for_each    = local.keys
  repository  = dct_repository.demo.gun
  signer      = each.key
  public_keys = [each.value]
}
`);
    const { requests } = world.sandbox.dtr.endpoint;
    await world.terraform.must(world.terraform.apply('-parallelism=50'));
    const publishes = requests.list().filter(({ method, path }) => method === 'POST' && path.endsWith('/_trust/tuf/'));
    expect(publishes.length).toBeLessThanOrEqual(10);
    requests.clear();
    expect((await world.terraform.must(world.terraform.plan())).empty).toBe(true);
    // Read once for all of them: root, timestamp, snapshot, targets, and the ways there.
    expect(requests.list().length).toBeLessThanOrEqual(10);
    await world.terraform.must(world.terraform.destroy('-parallelism=50'));
  });
});

function publicKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
