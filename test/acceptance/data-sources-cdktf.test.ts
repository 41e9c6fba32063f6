import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TerraformOutput } from 'cdktf';
import { DctProvider, dctFunctions } from '../../src/constructs';
import * as dct from '../../src/bindings';
import { inAppFolder, newStack, synthesize } from '../constructs/app';
import { World } from './world';

jest.mock('../../src/distribution/provider-package', () => jest.requireActual<object>('../constructs/fake-provider'));
inAppFolder();

describe('when a CDKTF stack reads data sources', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    process.env['DCT_CLUSTER_CLUSTER2_PASSWORD'] = world.sandbox.clusters[1]!.password;
  });
  afterAll(async () => {
    delete process.env['DCT_CLUSTER_CLUSTER2_PASSWORD'];
    await world.close();
  });

  it('has their values, through the generated classes', async () => {
    const { registry, clusters } = world.sandbox;
    const cluster2 = clusters[1]!;
    const caBundle = readFileSync(registry.caFile, 'utf8');
    const stack = newStack();
    const provider = new DctProvider(stack, 'dct', {
      registry: { hostAddress: registry.hostAddress, caBundle, username: registry.username },
    });
    provider.addCluster('cluster2', {
      endpoint: cluster2.endpoint,
      caBundle: readFileSync(cluster2.caFile, 'utf8'),
      username: cluster2.username,
    });
    const image = new dct.DataDctImage(stack, 'image', { repository: 'admin/trustdemo', tag: '1' });
    const { fingerprint256 } = new X509Certificate(caBundle);
    const ca = new dct.DataDctRegistryCa(stack, 'ca', { expectedSha256: fingerprint256 });
    const trust = new dct.DataDctTrustData(stack, 'trust', { repository: 'admin/trustdemo' });
    const cluster = new dct.DataDctCluster(stack, 'cluster', { name: 'cluster2' });
    const team = new dct.DataDctTeam(stack, 'team', {
      cluster: 'cluster2',
      organization: 'docker-datacenter',
      name: 'release',
    });
    const admission = new dct.DataDctAdmission(stack, 'admission', {
      cluster: 'cluster2',
      images: [`${image.gun}:1`],
    });
    const values = {
      digest: image.digest,
      ca: ca.hostAddress,
      exists: trust.exists,
      product: cluster.product,
      member: team.members.get(0).name,
      admitted: admission.allAdmitted,
      gun: dctFunctions.gun(ca.hostAddress, 'admin/trustdemo'),
    };
    for (const [name, value] of Object.entries(values))
      new TerraformOutput(stack, `of-${name}`, { value }).overrideLogicalId(name);
    const { terraform } = world;
    await terraform.configure(synthesize(stack));
    await terraform.must(terraform.apply());
    expect(await terraform.outputs()).toEqual({
      digest: await world.digest('1'),
      ca: registry.hostAddress,
      exists: false,
      product: 'ucp',
      member: 'cluster2admin',
      admitted: true,
      gun: world.gun,
    });
  });
});
