import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../notary/certificates';
import { changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { complaints, forget, writes } from './observed';
import { runImage } from './run-image';
import { World } from './world';

const RELEASE = 'docker-datacenter/release';
const DEVELOPERS = 'docker-datacenter/developers';
const QA = 'docker-datacenter/qa';
const NOBODY = 'docker-datacenter/nobody';

// cluster2admin (release, qa) and cluster2dev (developers, qa) sign admin/trustdemo:1: nobody is in release and developers.
describe('when something else in its place would make a cluster refuse an image it has to be able to run', () => {
  let world: World;
  let image: string;
  let digests: { readonly before: string; readonly after: string };
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    image = `${world.gun}:1`;
    digests = { before: await world.digest('1'), after: await world.digest('2') };
    const { accounts } = ucp();
    const [organisation, developer] = [accounts.find('docker-datacenter')!, accounts.find('cluster2dev')!];
    accounts.setMember(accounts.addTeam(organisation, 'developers'), developer);
  });
  afterAll(() => world.close());
  const ucp = () => world.sandbox.ucp('cluster2');
  const bundle = (owner: string, file: string): string => readFileSync(join(world.bundle(owner), file), 'utf8');
  const keys = () => ({ admin: bundle('cluster2', 'key.pem'), dev: bundle('cluster2dev', 'key.pem') });

  interface Wanted {
    /** Whose signature is of the other digest. */
    readonly moved?: readonly ('admin' | 'dev')[];
    /** Null: none any more. */
    readonly policy?: Settings | null;
    readonly mustAdmit?: readonly string[];
    readonly devs?: Settings;
    readonly more?: string;
  }
  const both: Settings = { require_signature_from: [RELEASE, DEVELOPERS] };
  const configure = ({ moved = [], policy = both, mustAdmit = [image], devs = {}, more = '' }: Wanted = {}) => {
    const repository = '${dct_repository.it.gun}';
    const people = [
      ['admin', 'cluster2', {}],
      ['dev', 'cluster2dev', devs],
    ] as const;
    const signed = people.flatMap(([who, owner, settings]) => {
      const [signer, public_keys] = [`cluster2${who}`, [bundle(owner, 'cert.pem')]];
      const digest = digests[moved.includes(who) ? 'after' : 'before'];
      return [
        resource('signer_delegation', who, { repository, signer, public_keys, ...settings }),
        resource(
          'signed_tag',
          who,
          { repository, tag: '1', signer, digest },
          { after: [`dct_signer_delegation.${who}`] },
        ),
      ];
    });
    const after = ['dct_trusted_registry.it', 'dct_signed_tag.admin', 'dct_signed_tag.dev'];
    return world.terraform.configure(
      [
        provider(world, { keys: keys(), mustAdmit }),
        resource('trusted_registry', 'it', { cluster: 'cluster2' }),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
        ...signed,
        policy && resource('enforcement', 'it', { cluster: 'cluster2', ...policy }, { after }),
        more,
      ].join('\n'),
    );
  };
  const apply = async (wanted?: Wanted): Promise<void> => {
    await configure(wanted);
    await world.terraform.must(world.terraform.apply());
  };
  /** `reason`: what the cluster would answer, and why. */
  const refused = async (run: 'outline' | 'applyPlan', of: string, ...reason: readonly string[]): Promise<void> => {
    forget(world);
    const said = complaints(await world.terraform[run]());
    expect(said).toContain(`This change would make cluster2 refuse ${of}, which is in its must_admit`);
    for (const each of [...reason, 'Nothing was sent.', '(would_lock_out)']) expect(said).toContain(each);
    expect(writes(world)).toEqual([]);
  };

  describe('another digest', () => {
    beforeEach(() => apply());

    it.each([
      ['admin', 'developers'],
      ['dev', 'release'],
    ] as const)('of one of two signers whose teams are both required: %s', async (who, team) => {
      await configure({ moved: [who] });
      await refused('outline', image, `docker-datacenter/${team}`);
    });

    it('than the one that must_admit names beside the tag', async () => {
      const named = `${image}@${digests.before}`;
      const moved = ['admin', 'dev'] as const;
      await configure({ moved, mustAdmit: [image] });
      await world.terraform.must(world.terraform.outline());
      await configure({ moved, mustAdmit: [named] });
      await refused('outline', named, `is signed with another digest than ${digests.before}`);
    });
  });

  describe('another key of a signer, which is not here, though its signatures may go', () => {
    const replaced = async () => ({
      devs: { public_keys: [(await makeCertificate()).certificate], allow_unsigning: true },
    });

    it('at plan', async () => {
      await apply();
      await configure(await replaced());
      await refused('outline', image, 'It is about the keys of the signer cluster2dev', DEVELOPERS);
    });

    it('at apply, where what stood beside it has gone since the plan', async () => {
      const policy = { require_signature_from: [QA] };
      await apply({ policy });
      await configure({ policy, ...(await replaced()) });
      await world.terraform.must(world.terraform.outline());
      await changeTrust(world, (draft) => draft.revokeTag('cluster2admin', '1'), { keys: Object.values(keys()) });
      await refused('applyPlan', image, 'image did not meet required signing policy');
    });
  });

  it('an earlier policy, which the end of the present one brings back', async () => {
    await apply({ policy: null });
    await ucp().setConfig(
      ucp()
        .config.replace('require_content_trust = false', 'require_content_trust = true')
        .replace(/require_signature_from = .*/, `require_signature_from = ["${NOBODY}"]`),
    );
    await configure({ more: 'import {\n  to = dct_enforcement.it\n  id = "cluster2"\n}\n', policy: both });
    await world.terraform.must(world.terraform.apply());
    expect(await runImage(world, 'cluster2', image)).toBeNull();
    await configure({ policy: null });
    await refused('outline', image, 'It is about the end of the policy of cluster2', NOBODY);
    await apply({ policy: { ...both, on_destroy: 'disable' } });
    await apply({ policy: null });
  });
});
