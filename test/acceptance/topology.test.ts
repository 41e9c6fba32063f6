import { World } from './world';

const OTHER_DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('when a whole topology is applied', () => {
  let world: World;
  let untouched: string;
  beforeAll(async () => {
    world = await World.start();
    untouched = world.sandbox.ucp('cluster2').config;
  });
  afterAll(() => world.close());

  const all = async (): Promise<string> => `${world.provider()}
resource "dct_trusted_registry" "cluster2" {
  cluster = "cluster2"
}

resource "dct_repository" "trustdemo" {
  name       = "admin/trustdemo"
  on_destroy = "delete"
}

resource "dct_signer_delegation" "cluster2admin" {
  repository  = dct_repository.trustdemo.gun
  signer      = "cluster2admin"
  public_keys = [file("${world.bundle('cluster2')}/cert.pem")]
}

resource "dct_signed_tag" "one" {
  repository = "admin/trustdemo"
  tag        = "1"
  signer     = dct_signer_delegation.cluster2admin.signer
  digest     = "${await world.digest('1')}"
}

resource "dct_enforcement" "cluster2" {
  cluster                = "cluster2"
  require_signature_from = ["docker-datacenter/release"]
  depends_on             = [dct_trusted_registry.cluster2, dct_signed_tag.one]
}

data "dct_cluster" "cluster2" {
  name       = "cluster2"
  depends_on = [dct_enforcement.cluster2]
}

data "dct_image" "one" {
  repository = "admin/trustdemo"
  tag        = "1"
}

output "cluster" { value = data.dct_cluster.cluster2 }
output "image" { value = data.dct_image.one }
output "gun" { value = provider::dct::gun("dtr.example.com", "admin/trustdemo") }
output "key_id" { value = provider::dct::key_id(file("${world.bundle('cluster2')}/cert.pem")) }
`;

  it('is created in one apply, and a second plan is empty', async () => {
    const { terraform } = world;
    await terraform.configure(await all());
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    const state = await terraform.state();
    const { registry } = world.sandbox;
    expect(state.get('dct_trusted_registry.cluster2')?.values).toMatchObject({
      id: `cluster2/${registry.hostAddress}`,
      service_id: '',
    });
    expect(state.get('dct_signer_delegation.cluster2admin')?.values).toMatchObject({
      id: `${world.gun}#cluster2admin`,
      role: 'targets/cluster2admin',
    });
    expect(state.get('dct_signed_tag.one')?.values['key_ids']).toEqual(
      state.get('dct_signer_delegation.cluster2admin')?.values['key_ids'],
    );
    const outputs = await terraform.outputs();
    expect(outputs['gun']).toBe('dtr.example.com/admin/trustdemo');
    expect(outputs['image']).toMatchObject({ digest: await world.digest('1') });
    expect(outputs['cluster']).toMatchObject({ product: 'ucp', version: '3.2.8', require_content_trust: true });
  });

  it.each([
    ['dct_trusted_registry.cluster2', () => `cluster2/${world.sandbox.registry.hostAddress}`],
    ['dct_repository.trustdemo', () => world.gun],
    ['dct_signer_delegation.cluster2admin', () => `${world.gun}#cluster2admin`],
    ['dct_signed_tag.one', () => `${world.gun}:1#cluster2admin`],
    ['dct_enforcement.cluster2', () => 'cluster2'],
  ])('imports %s with nothing to change but what stands in the state only', async (address, id) => {
    const { terraform } = world;
    await terraform.must(terraform.apply());
    await terraform.run('state', 'rm', address);
    const imported = await terraform.import(address, id());
    expect(imported).toMatchObject({ ok: true });
    const plan = await terraform.must(terraform.plan());
    const [change] = plan.changes.filter((each) => each.address === address);
    const differing = Object.keys(change?.after ?? {}).filter(
      (key) => JSON.stringify(change?.after?.[key]) !== JSON.stringify(change?.before?.[key]),
    );
    expect(differing.filter((key) => !['on_destroy', 'public_keys'].includes(key))).toEqual([]);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  it('shows what was changed behind Terraform’s back, and repairs it', async () => {
    const { terraform } = world;
    const ucp = world.sandbox.ucp('cluster2');
    await ucp.setConfig(ucp.config.replace('require_content_trust = true', 'require_content_trust = false'));
    const plan = await terraform.must(terraform.plan());
    expect(plan.changes.filter((change) => !change.actions.includes('no-op')).map(({ address }) => address)).toContain(
      'dct_enforcement.cluster2',
    );
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    expect(ucp.config).toContain('require_content_trust = true');
  });

  it('refuses to sign a digest that the registry does not have', async () => {
    const { terraform } = world;
    await terraform.configure((await all()).replace(await world.digest('1'), OTHER_DIGEST));
    const outcome = await terraform.apply();
    expect(outcome.ok).toBe(false);
    expect(outcome.errors[0]?.summary).toContain(OTHER_DIGEST);
    await terraform.configure(await all());
    await terraform.expectNoChanges();
  });

  it('is destroyed, and leaves the cluster as it was and no trust data', async () => {
    const { terraform, sandbox } = world;
    await terraform.configure(await all());
    // It was imported above, so a destroy would restore what was imported.
    await terraform.must(terraform.destroy());
    const ucp = sandbox.ucp('cluster2');
    await ucp.setConfig(untouched);
    await terraform.must(terraform.apply());
    await terraform.must(terraform.destroy());
    expect((await terraform.state()).size).toBe(0);
    expect(ucp.config).toBe(untouched);
    expect(await sandbox.dtr.notary.current(world.gun, 'root')).toBeUndefined();
  });
});
