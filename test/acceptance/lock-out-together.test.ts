import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { block, provider, resource } from './configuration';
import { complaints } from './observed';
import { runImage } from './run-image';
import { World } from './world';

const TEAMS = { release: 'docker-datacenter/release', qa: 'docker-datacenter/qa' };

// cluster2admin (release, qa) and cluster2dev (qa) sign admin/trustdemo:1; the policy asks for qa.
describe('when two changes of one apply are harmful only together, and sent at the same time', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
  });
  afterAll(() => world.close());
  const bundle = (owner: string, file: string): string => readFileSync(join(world.bundle(owner), file), 'utf8');
  const repository = '${dct_repository.it.gun}';

  const configure = async (signers: Readonly<Record<string, string>>, team: string): Promise<void> => {
    const keys = { admin: bundle('cluster2', 'key.pem'), dev: bundle('cluster2dev', 'key.pem') };
    const digest = await world.digest('1');
    const signed = Object.entries(signers).flatMap(([signer, owner]) => [
      resource('signer_delegation', signer, { repository, signer, public_keys: [bundle(owner, 'cert.pem')] }),
      resource('signed_tag', signer, {
        repository,
        tag: '1',
        signer: `\${dct_signer_delegation.${signer}.signer}`,
        digest,
      }),
    ]);
    await world.terraform.configure(
      [
        provider(world, { keys, mustAdmit: [`${world.gun}:1`] }),
        // The plan cannot tell what is asked for, and leaves it to the apply.
        block('resource "terraform_data" "team"', { input: team }),
        resource('trusted_registry', 'it', { cluster: 'cluster2' }),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
        ...signed,
        resource('enforcement', 'it', {
          cluster: 'cluster2',
          require_signature_from: ['${terraform_data.team.output}'],
        }),
      ].join('\n'),
    );
  };

  it('sends them one after the other, and refuses the second', async () => {
    const { terraform } = world;
    const both = { cluster2admin: 'cluster2', cluster2dev: 'cluster2dev' };
    await configure(both, TEAMS.qa);
    await terraform.must(terraform.apply('-target=dct_signed_tag.cluster2admin', '-target=dct_signed_tag.cluster2dev'));
    await terraform.must(terraform.apply());
    await configure({ cluster2dev: 'cluster2dev' }, TEAMS.release);
    // The policy is asked for while the publish is under way.
    const match = { method: 'POST', path: '^/v2/.*/_trust/tuf/' };
    world.sandbox.dtr.endpoint.faults.add({ match, kind: 'delay', delayMs: 1500, count: 1 });
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toContain(`This change would make cluster2 refuse ${world.gun}:1`);
    expect(await runImage(world, 'cluster2', `${world.gun}:1`)).toBeNull();
    await configure(both, TEAMS.qa);
    await terraform.must(terraform.apply());
  });
});
