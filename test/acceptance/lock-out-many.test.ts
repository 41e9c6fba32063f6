import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { provider, resource } from './configuration';
import { actions, complaints, warningsOf } from './observed';
import { World } from './world';

const QA = 'docker-datacenter/qa';
/** More than Terraform has under way at once, unless it is told otherwise. */
const TAGS = Array.from({ length: 12 }, (_, index) => `t${index}`);

describe('when a cluster has to be able to run more images than Terraform looks at at once', () => {
  let world: World;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    digest = await world.digest('1');
  });
  afterAll(() => world.close());
  const bundle = (owner: string, file: string): string => readFileSync(join(world.bundle(owner), file), 'utf8');
  const repository = '${dct_repository.it.gun}';

  /** Signatures of all tags by that signer; both are in the required team. `lifecycle`: of the signatures. */
  const configure = (signer: string, lifecycle = '', address = signer): Promise<void> => {
    const keys = { admin: bundle('cluster2', 'key.pem'), dev: bundle('cluster2dev', 'key.pem') };
    const signerOf = (name: string, owner: string) =>
      resource('signer_delegation', name, { repository, signer: name, public_keys: [bundle(owner, 'cert.pem')] });
    const signatures = TAGS.map((tag) =>
      resource(
        'signed_tag',
        `${address}-${tag}`,
        { repository, tag, signer: `\${dct_signer_delegation.${signer}.signer}`, digest },
        { more: lifecycle },
      ),
    );
    const made = TAGS.map((tag) => `dct_signed_tag.${address}-${tag}`).join(', ');
    return world.terraform.configure(
      [
        provider(world, { keys, mustAdmit: TAGS.map((tag) => `${world.gun}:${tag}`) }),
        resource('trusted_registry', 'it', { cluster: 'cluster2' }),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
        signerOf('cluster2admin', 'cluster2'),
        signerOf('cluster2dev', 'cluster2dev'),
        ...signatures,
        resource(
          'enforcement',
          'it',
          { cluster: 'cluster2', require_signature_from: [QA] },
          { more: `depends_on = [dct_trusted_registry.it, ${made}]` },
        ),
      ].join('\n'),
    );
  };

  it('plans that others sign all of them, and gets there', async () => {
    const { terraform } = world;
    await configure('cluster2admin');
    await terraform.must(terraform.apply());
    await configure('cluster2dev');
    const plan = await terraform.must(terraform.plan());
    expect(actions(plan)).toHaveLength(2 * TAGS.length);
    // Where more signatures are to go than Terraform has under way, one of them may have to wait for the next apply.
    let applied = await terraform.applyPlan();
    for (let again = 0; !applied.ok && again < 3; again++) {
      expect(complaints(applied)).toContain('apply again once that is done');
      applied = await terraform.apply();
    }
    expect(applied.ok).toBe(true);
  });

  it('replaces a signature by another signer’s where the new one comes first, and warns where it does not', async () => {
    const { terraform } = world;
    const first = 'lifecycle {\n  create_before_destroy = true\n}';
    // The state is that of cluster2dev's; only the signer changes, which is a replacement.
    await configure('cluster2admin', '', 'cluster2dev');
    expect(warningsOf(await terraform.must(terraform.plan()))).toContain('lifecycle { create_before_destroy = true }');
    await configure('cluster2admin', first, 'cluster2dev');
    await terraform.must(terraform.apply());
  });
});
