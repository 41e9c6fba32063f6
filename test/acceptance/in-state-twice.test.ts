import { makeCertificate, type Made } from '../notary/certificates';
import { byHand } from './by-hand';
import { block, provider, resource } from './configuration';
import { complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

// One object that the state has twice, of which Terraform would delete one.
describe('when a plan would delete what stays', () => {
  let world: World;
  let alice: Made;
  let other: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    [alice, other] = [await makeCertificate(), await makeCertificate()];
  });
  afterAll(() => world.close());

  const FIRST = 'lifecycle {\n  create_before_destroy = true\n}';
  /** A repository whose name is not known while `name` is made anew, and a signer of it, who comes before the old one goes. */
  const configure = (signer: Made, rootKeyIds: readonly string[] = []): Promise<void> => {
    const adopting = rootKeyIds.length > 0 && { adopt_existing: true, expected_root_key_ids: rootKeyIds };
    const repository = { name: 'admin/${terraform_data.name.output}', on_destroy: 'delete', ...adopting };
    const gun = '${dct_repository.it.gun}';
    return world.terraform.configure(
      [
        provider(world, {}),
        block('resource "terraform_data" "name"', { input: 'trustdemo' }),
        resource('repository', 'it', repository),
        resource(
          'signer_delegation',
          'alice',
          { repository: gun, signer: 'alice', public_keys: [signer.certificate] },
          { more: FIRST },
        ),
      ].join('\n'),
    );
  };
  const rootKeyIds = () => byHand(world, async (repository) => (await repository.read())?.rootKeyIds ?? []);
  const halfReplaced = async (): Promise<readonly string[]> => {
    const { terraform } = world;
    await configure(alice);
    await terraform.must(terraform.apply());
    const ids = await rootKeyIds();
    await configure(alice, ids);
    await terraform.must(terraform.apply());
    await configure(other, ids);
    const anew = ['-replace=terraform_data.name'];
    const outcome = await terraform.leaving('the signer to be changed in place').apply(...anew);
    expect(complaints(outcome)).toContain('has a signer alice already');
    expect(complaints(outcome)).toContain('plan and apply again, without -replace: it is changed in place then');
    return ids;
  };

  it('refuses to delete the trust data that a replacement which failed half-way has taken over', async () => {
    const { terraform, gun } = world;
    const ids = await halfReplaced();
    forget(world);
    const outcome = await terraform.plan();
    expect(complaints(outcome)).toContain(`${gun} stands in the state twice, and only one of the two would go`);
    expect(complaints(outcome)).toContain('(in_state_twice)');
    expect(writes(world)).toEqual([]);
    // as it says
    expect((await terraform.run('state', 'rm', 'dct_repository.it')).exitCode).toBe(0);
    expect(await terraform.import('dct_repository.it', gun)).toMatchObject({ ok: true });
    await terraform.must(terraform.apply());
    expect(await rootKeyIds()).toEqual(ids);
    await terraform.must(terraform.destroy());
  });

  it('destroys both with -refresh=false', async () => {
    const { terraform } = world;
    await halfReplaced();
    expect(complaints(await terraform.destroy())).toContain('To destroy both, use -refresh=false');
    expect(await rootKeyIds()).toHaveLength(1);
    await terraform.must(terraform.destroy('-refresh=false'));
    expect(await rootKeyIds()).toEqual([]);
  });

  it('refuses to take a registration away that another resource has, too', async () => {
    const { terraform } = world;
    const owners = (one: string, other?: string, host_address?: string): Promise<void> => {
      const settings = { cluster: 'cluster2', ...(host_address && { host_address }) };
      const after = [`dct_trusted_registry.${one}`];
      return terraform.configure(
        [
          provider(world, {}),
          resource('trusted_registry', one, { cluster: 'cluster2' }),
          other === undefined ? '' : resource('trusted_registry', other, settings, { after }),
        ].join('\n'),
      );
    };
    await owners('one', 'other');
    expect(warningsOf(await terraform.must(terraform.apply()))).toContain('is registered in cluster2 already');
    await owners('one');
    forget(world);
    const id = `cluster2/${world.sandbox.registry.hostAddress}`;
    expect(complaints(await terraform.plan())).toContain(`${id} stands in the state twice`);
    // or replaces it by another one
    await owners('one', 'other', 'other.example.com');
    expect(complaints(await terraform.plan())).toContain(`${id} stands in the state twice`);
    await owners('one');
    await terraform.run('state', 'rm', 'dct_trusted_registry.other');
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    await terraform.must(terraform.destroy());
  });
});
