import { rm } from 'node:fs/promises';
import { makeCertificate } from '../notary/certificates';
import { byHand } from './by-hand';
import { provider, resource } from './configuration';
import type { Terraform } from './terraform';
import { World } from './world';

const ROUNDS = 3;

describe('when two states write at once', () => {
  let world: World;
  let other: Terraform;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    other = await world.anotherTerraform();
  });
  afterAll(async () => {
    await other.close();
    await world.close();
  });

  const both = async (work: (terraform: Terraform, index: number) => Promise<unknown>): Promise<void> => {
    await Promise.all([world.terraform, other].map(work));
  };

  it('both add their signers to one repository, round after round', async () => {
    const { certificate } = await makeCertificate();
    const mine = resource('repository', 'demo', { name: 'admin/trustdemo', on_destroy: 'delete' });
    await world.terraform.configure(provider(world) + mine);
    await world.terraform.must(world.terraform.apply());
    const signers = (index: number, round: number): string[] =>
      ['a', 'b', 'c'].slice(0, round).map((name) => `${name}${index}`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      await both(async (terraform, index) => {
        const delegations = signers(index, round).map((signer) =>
          resource('signer_delegation', signer, { repository: 'admin/trustdemo', signer, public_keys: [certificate] }),
        );
        await terraform.configure([provider(world), index === 0 ? mine : '', ...delegations].join('\n'));
        await terraform.must(terraform.apply());
      });
      const data = await byHand(world, (repository) => repository.read());
      expect(data?.signers.map(({ name }) => name).sort()).toEqual([...signers(0, round), ...signers(1, round)].sort());
    }
    await both((terraform) => terraform.expectNoChanges());
    await other.must(other.destroy());
    await world.terraform.must(world.terraform.destroy());
  });

  it('both add registrations and one of them a policy to one cluster, and take them away again', async () => {
    const before = world.sandbox.ucp('cluster2').config;
    await both(async (terraform, index) => {
      const registrations = [1, 2, 3].map((n) =>
        resource('trusted_registry', `r${n}`, { cluster: 'cluster2', host_address: `dtr${index}${n}.example.com` }),
      );
      const policy = index === 0 ? resource('enforcement', 'it', { cluster: 'cluster2' }) : '';
      await terraform.configure([provider(world), ...registrations, policy].join('\n'));
      await terraform.must(terraform.apply());
    });
    await both((terraform) => terraform.expectNoChanges());
    await both((terraform) => terraform.must(terraform.destroy()));
    expect(world.sandbox.ucp('cluster2').config).toBe(before);
  });

  it('both start a repository, and one root key comes of it', async () => {
    await rm(world.trustStore, { recursive: true, force: true });
    await both(async (terraform, index) => {
      const name = ['admin/trustdemo', 'admin/unsigned'][index] ?? '';
      await terraform.configure(provider(world) + resource('repository', 'it', { name, on_destroy: 'delete' }));
      await terraform.must(terraform.apply());
    });
    const [one, two] = await Promise.all([world.terraform.state(), other.state()]);
    const roots = (state: typeof one): unknown => state.get('dct_repository.it')?.values['root_key_ids'];
    expect(roots(one)).toEqual(roots(two));
    await both((terraform) => terraform.must(terraform.destroy()));
  });
});
