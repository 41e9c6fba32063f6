import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustDraft } from '../../src/notary';
import { Authority } from '../../src/sandbox/authority';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, complaints, forget, warningsOf, writes } from './observed';
import { runImage } from './run-image';
import { World } from './world';

const RELEASE = 'docker-datacenter/release';
const QA = 'docker-datacenter/qa';

// Rule 4: cluster2 has to be able to run admin/trustdemo:1, which cluster2admin (release, qa) and cluster2dev (qa) sign.
describe('when a cluster has to be able to run an image', () => {
  let world: World;
  let image: string;
  let digest: string;
  let untouched: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    image = `${world.gun}:1`;
    digest = await world.digest('1');
    untouched = world.sandbox.ucp('cluster2').config;
  });
  afterAll(() => world.close());
  const bundle = (owner: string, file: string): string => readFileSync(join(world.bundle(owner), file), 'utf8');
  const parts = {
    registry: (settings: Settings = {}) => resource('trusted_registry', 'it', { cluster: 'cluster2', ...settings }),
    repository: () => resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
    admin: () => signer('cluster2admin', 'cluster2'),
    dev: () => signer('cluster2dev', 'cluster2dev'),
    adminsTag: () => tag('cluster2admin'),
    devsTag: () => tag('cluster2dev'),
    enforcement: (settings: Settings = { require_signature_from: [RELEASE] }) =>
      resource(
        'enforcement',
        'it',
        { cluster: 'cluster2', ...settings },
        { more: existing(['registry', 'adminsTag', 'devsTag']) },
      ),
  };
  type Part = keyof typeof parts;
  let left: readonly Part[] = [];
  const addresses: Readonly<Partial<Record<Part, string>>> = {
    registry: 'dct_trusted_registry.it',
    admin: 'dct_signer_delegation.cluster2admin',
    dev: 'dct_signer_delegation.cluster2dev',
    adminsTag: 'dct_signed_tag.cluster2admin',
    devsTag: 'dct_signed_tag.cluster2dev',
  };
  const existing = (wanted: readonly Part[]): string =>
    `depends_on = [${wanted
      .filter((part) => left.includes(part))
      .map((part) => addresses[part])
      .join(', ')}]`;
  const signer = (name: string, owner: string): string =>
    resource('signer_delegation', name, {
      repository: '${dct_repository.it.gun}',
      signer: name,
      public_keys: [bundle(owner, 'cert.pem')],
    });
  const tag = (name: string): string =>
    resource(
      'signed_tag',
      name,
      { repository: '${dct_repository.it.gun}', tag: '1', signer: name, digest },
      {
        more: existing(name === 'cluster2admin' ? ['admin'] : ['dev']),
      },
    );

  /** Everything but `without`; `mustAdmit` by default the image. */
  const configure = ({
    without = [],
    enforcement,
    registration,
    mustAdmit = [image],
  }: {
    without?: readonly Part[];
    enforcement?: Settings;
    registration?: Settings;
    mustAdmit?: readonly string[];
  } = {}): Promise<void> => {
    const keys = { admin: bundle('cluster2', 'key.pem'), dev: bundle('cluster2dev', 'key.pem') };
    const names: Part[] = ['registry', 'repository', 'admin', 'dev', 'adminsTag', 'devsTag', 'enforcement'];
    left = names.filter((part) => !without.includes(part));
    const settings = { enforcement, registry: registration };
    const resources = left.map((part) =>
      part === 'enforcement' || part === 'registry' ? parts[part](settings[part]) : parts[part](),
    );
    return world.terraform.configure([provider(world, { keys, mustAdmit }), ...resources].join('\n'));
  };
  const apply = async (wanted?: Parameters<typeof configure>[0]): Promise<void> => {
    await configure(wanted);
    await world.terraform.must(world.terraform.apply());
  };
  const refusal = 'image did not meet required signing policy';
  const expectRefused = async (reason: string): Promise<void> => {
    forget(world);
    const outcome = await world.terraform.plan();
    expect(complaints(outcome)).toContain(
      `This change would make cluster2 refuse ${image}, which is in its must_admit`,
    );
    expect(complaints(outcome)).toContain(reason);
    expect(complaints(outcome)).toContain('Nothing was sent.');
    expect(writes(world)).toEqual([]);
  };

  describe('and a plan would lock it out', () => {
    beforeAll(() => apply());

    it.each<[string, Part[], string]>([
      ['the registration', ['registry'], 'must be a registered trusted registry'],
      ['the signature', ['adminsTag'], refusal],
      ['the signer', ['admin', 'adminsTag'], refusal],
    ])('refuses to take away %s that it relies on', async (_, without, reason) => {
      await configure({ without });
      await expectRefused(reason);
    });

    it.each<[string, Settings, string]>([
      ['asks for a team that nobody is in', { require_signature_from: ['docker-datacenter/nobody'] }, refusal],
      [
        'asks for one more team that nobody is in',
        { require_signature_from: [RELEASE, 'docker-datacenter/nobody'] },
        refusal,
      ],
    ])('refuses a policy that %s', async (_, enforcement, reason) => {
      await configure({ enforcement });
      await expectRefused(reason);
    });

    it('refuses another CA than the registry’s for its registration', async () => {
      const { certificate } = await Authority.create('somebody else');
      await configure({ registration: { ca_bundle: certificate } });
      forget(world);
      expect(complaints(await world.terraform.plan())).toContain(
        `cluster2 could not read signatures of ${world.sandbox.registry.hostAddress} with this CA`,
      );
      expect(writes(world)).toEqual([]);
    });

    it('refuses to register another registry in the place of the one that it relies on', async () => {
      await configure({ registration: { host_address: 'other.example.com' } });
      await expectRefused('It is about the end of the registration of');
    });

    it('refuses to delete the trust data', async () => {
      await configure({ without: ['repository', 'admin', 'dev', 'adminsTag', 'devsTag'] });
      await expectRefused('image or trust data does not exist');
    });
  });

  describe('and something is applied', () => {
    beforeEach(() => apply());

    it('refuses to turn enforcement on before the image is signed as it asks', async () => {
      await apply({ without: ['enforcement', 'adminsTag'] });
      await configure({ without: ['adminsTag'] });
      await expectRefused(refusal);
    });

    it('refuses to take an unsigned image off allow_repositories', async () => {
      const unsigned = `${world.sandbox.registry.hostAddress}/admin/unsigned`;
      const enforcement = { require_signature_from: [RELEASE], allow_repositories: [unsigned] };
      await apply({ enforcement, mustAdmit: [image, `${unsigned}:1`] });
      await configure({ mustAdmit: [image, `${unsigned}:1`] });
      forget(world);
      const outcome = await world.terraform.plan();
      expect(complaints(outcome)).toContain(`would make cluster2 refuse ${unsigned}:1`);
      expect(complaints(outcome)).toContain('image or trust data does not exist for');
      expect(writes(world)).toEqual([]);
    });

    it.each<[string, Part[], Settings | undefined]>([
      ['the signature and signer that it does not rely on', ['dev', 'devsTag'], undefined],
      ['the requirement of a team', [], { require_signature_from: [] }],
      ['one team for another that also signed', [], { require_signature_from: [QA] }],
      ['enforcement', ['enforcement'], undefined],
    ])('lets go %s', async (_, without, enforcement) => {
      await apply({ without, ...(enforcement && { enforcement }) });
    });

    it('lets a registration become another one where the policy, which depends on it, moves away', async () => {
      const { terraform } = world;
      await configure({
        registration: { host_address: 'other.example.com' },
        enforcement: { cluster: 'cluster1', require_content_trust: false },
      });
      const plan = await terraform.must(terraform.outline());
      expect(warningsOf(plan)).toContain(`This change would make cluster2 refuse ${image}, which is in its must_admit`);
      await terraform.must(terraform.applyPlan());
      expect(await runImage(world, 'cluster2', image)).toBeNull();
    });

    it('lets another digest take the place of the one that is signed', async () => {
      const before = digest;
      digest = await world.digest('2');
      // Both sign the new one: the second has to be allowed to follow the first.
      await configure({ without: ['devsTag'] });
      await world.terraform.must(world.terraform.apply());
      await apply();
      digest = before;
      await configure({ without: ['devsTag'] });
      await world.terraform.must(world.terraform.apply());
    });

    it('only warns while the cluster refuses already, so that repair and destroy work', async () => {
      const { terraform, sandbox } = world;
      const ucp = sandbox.ucp('cluster2');
      await ucp.setConfig(ucp.config.replace(RELEASE, 'docker-datacenter/nobody'));
      await configure({ without: ['devsTag'] });
      const outcome = await terraform.must(terraform.apply('-target=dct_signed_tag.cluster2dev'));
      expect(warningsOf(outcome)).toContain(`cluster2 does not run ${image}`);
      await apply();
    });

    it('makes the policy of a cluster anew that refuses already', async () => {
      const { terraform, sandbox } = world;
      await apply();
      const policy = sandbox.ucp('cluster2').config;
      await changeTrust(world, (draft) => draft.revokeTag('cluster2admin', '1'), {
        keys: [bundle('cluster2', 'key.pem')],
      });
      forget(world);
      const anew = ['-replace=dct_enforcement.it', '-refresh=false'];
      const outcome = await terraform.must(terraform.leaving('the signature to be made again').apply(...anew));
      expect(warningsOf(outcome)).toContain(`cluster2 does not run ${image}`);
      expect(sandbox.ucp('cluster2').config).toBe(policy);
      await apply();
    });

    it('does not make what is right in the end while it is wrong on the way', async () => {
      // Terraform destroys first.
      await configure({ enforcement: { require_signature_from: [QA] }, without: ['adminsTag'] });
      const { terraform } = world;
      const plan = await terraform.must(terraform.outline());
      expect(warningsOf(plan)).toContain(
        'should the apply refuse that, apply the policy first (-target), then the rest',
      );
      const outcome = await terraform.applyPlan();
      expect(complaints(outcome)).toContain(
        'if it never is, since it waits for this one, apply it first (-target), then the rest',
      );
      await terraform.must(terraform.apply('-target=dct_enforcement.it'));
      await terraform.must(terraform.apply());
    });

    it('asks again at apply, when the world has changed since the plan', async () => {
      await apply({ enforcement: { require_signature_from: [QA] } });
      await configure({ without: ['admin', 'adminsTag'], enforcement: { require_signature_from: [QA] } });
      await world.terraform.must(world.terraform.outline());
      await changeTrust(world, (draft) => draft.revokeTag('cluster2dev', '1'), {
        keys: [bundle('cluster2dev', 'key.pem')],
      });
      forget(world);
      const outcome = await world.terraform.applyPlan();
      expect(complaints(outcome)).toContain(`This change would make cluster2 refuse ${image}`);
      expect(writes(world)).toEqual([]);
    });

    it('stops another stack too, which knows the cluster and nothing of the first', async () => {
      await apply({ enforcement: { require_signature_from: [QA] } });
      await apply({ enforcement: { require_signature_from: [QA] }, without: ['adminsTag'] });
      const other = await world.anotherTerraform();
      try {
        const keys = { dev: bundle('cluster2dev', 'key.pem') };
        await other.configure(
          [
            provider(world, { keys, mustAdmit: [image] }),
            resource('signed_tag', 'theirs', {
              repository: 'admin/trustdemo',
              tag: '1',
              signer: 'cluster2dev',
              digest,
            }),
          ].join('\n'),
        );
        const taken = await other.import('dct_signed_tag.theirs', `${world.gun}:1#cluster2dev`);
        expect(taken).toMatchObject({ ok: true });
        expect(complaints(await other.plan('-destroy'))).toContain(`This change would make cluster2 refuse ${image}`);
        // What it was refused at plan it is refused at apply: a plan of another time.
        const target = (await byHand(world, (repository) => repository.read()))?.releasedTarget('1');
        const sign = (draft: TrustDraft) => target && draft.signTag('cluster2admin', '1', target);
        await changeTrust(world, sign, admins());
        await other.must(other.plan('-destroy'));
        await changeTrust(world, (draft) => draft.revokeTag('cluster2admin', '1'), admins());
        forget(world);
        expect(complaints(await other.applyPlan())).toContain(`This change would make cluster2 refuse ${image}`);
        expect(writes(world)).toEqual([]);
      } finally {
        await other.close();
      }
    });

    const admins = () => ({ keys: [bundle('cluster2', 'key.pem')] });
    const ucp = () => world.sandbox.ucp('cluster2');
    const revoke = () => changeTrust(world, (draft) => draft.revokeTag('cluster2dev', '1'), devs());
    const devs = () => ({ keys: [bundle('cluster2dev', 'key.pem')] });

    // While the plan is made both sign, and either is enough; then something else happens, and the plan is applied as it is.
    it.each<[string, Parameters<typeof configure>[0], () => Promise<void>]>([
      ['a signature', { without: ['adminsTag'] }, revoke],
      ['a signer', { without: ['admin', 'adminsTag'] }, revoke],
      [
        'a policy',
        { enforcement: { require_signature_from: [RELEASE] } },
        () => changeTrust(world, (draft) => draft.revokeTag('cluster2admin', '1'), admins()),
      ],
    ])('refuses %s at apply, right before it is sent, when the world has changed', async (_, then, meanwhile) => {
      const both = { enforcement: { require_signature_from: [QA] } };
      await apply(both);
      await configure({ ...both, ...then });
      await world.terraform.must(world.terraform.outline());
      await meanwhile();
      forget(world);
      expect(complaints(await world.terraform.applyPlan())).toContain(
        `This change would make cluster2 refuse ${image}, which is in its must_admit`,
      );
      expect(writes(world)).toEqual([]);
    });

    // Enforced by nobody while the plan is made: then it hangs on nothing.
    it.each<[string, Parameters<typeof configure>[0], string]>([
      ['the registration', { without: ['enforcement', 'registry'] }, 'must be a registered trusted registry'],
      [
        'the trust data',
        { without: ['enforcement', 'repository', 'admin', 'dev', 'adminsTag', 'devsTag'] },
        'image or trust data does not exist',
      ],
    ])('refuses to take %s away at apply, when somebody has begun to enforce', async (_, then, reason) => {
      await apply({ without: ['enforcement'] });
      await configure(then);
      await world.terraform.must(world.terraform.outline());
      await ucp().setConfig(ucp().config.replace('require_content_trust = false', 'require_content_trust = true'));
      forget(world);
      const outcome = await world.terraform.applyPlan();
      await ucp().setConfig(ucp().config.replace('require_content_trust = true', 'require_content_trust = false'));
      expect(complaints(outcome)).toContain(`This change would make cluster2 refuse ${image}`);
      expect(complaints(outcome)).toContain(reason);
      expect(writes(world).filter((write) => /DELETE|PUT/.test(write))).toEqual([]);
    });

    it('refuses at apply to register another registry in its place, where the policy is of no resource', async () => {
      await apply({ without: ['enforcement'] });
      await ucp().setConfig(ucp().config.replace('require_content_trust = false', 'require_content_trust = true'));
      await configure({ without: ['enforcement'], registration: { host_address: 'other.example.com' } });
      const plan = await world.terraform.must(world.terraform.outline());
      expect(warningsOf(plan)).toContain('Unless it does, the apply refuses this.');
      forget(world);
      const outcome = await world.terraform.applyPlan();
      await ucp().setConfig(ucp().config.replace('require_content_trust = true', 'require_content_trust = false'));
      expect(complaints(outcome)).toContain(`This change would make cluster2 refuse ${image}`);
      expect(writes(world)).toEqual([]);
    });

    it('refuses to enforce while the cluster knows the registry by another CA', async () => {
      await apply({ without: ['enforcement'] });
      const { certificate } = await Authority.create('somebody else');
      const before = ucp().config;
      await ucp().setConfig(
        before.replace(
          /(host_address = "[^"]*"[\s\S]*?ca_bundle = )"[^"]*"/,
          (_, head: string) => `${head}${JSON.stringify(certificate)}`,
        ),
      );
      expect(ucp().config).not.toBe(before);
      await configure();
      const outcome = await world.terraform.apply('-target=dct_enforcement.it', '-refresh=false');
      await ucp().setConfig(before);
      expect(complaints(outcome)).toContain(`cluster2 cannot read the signatures of ${image}`);
    });

    it('lets enforcement go though the registry cannot be reached', async () => {
      world.sandbox.dtr.endpoint.faults.add({ count: 1000, kind: 'reset' });
      try {
        await configure({ enforcement: { require_content_trust: false } });
        await world.terraform.must(world.terraform.apply('-target=dct_enforcement.it', '-refresh=false'));
      } finally {
        world.sandbox.dtr.endpoint.faults.clear();
      }
    });

    it('lets a digest move that two have to sign, in one apply', async () => {
      const both = { enforcement: { require_signature_from: [RELEASE, QA] } };
      await apply(both);
      const before = digest;
      digest = await world.digest('2');
      await apply(both);
      digest = before;
      await apply(both);
    });

    it('says at the next plan what the world really is, when somebody else locked it out', async () => {
      await changeTrust(world, (draft) => draft.revokeTag('cluster2admin', '1'), {
        keys: [bundle('cluster2', 'key.pem'), bundle('cluster2dev', 'key.pem')],
      });
      await configure();
      const { terraform } = world;
      expect(actions(await terraform.must(terraform.plan()))).toEqual(['dct_signed_tag.cluster2admin create']);
      await terraform.must(terraform.applyPlan());
    });

    it('is destroyed in order, enforcement first, also when the configuration has lost something', async () => {
      const { terraform, sandbox } = world;
      await configure({ without: ['adminsTag'] });
      expect(complaints(await terraform.destroy())).toContain('if all of it is to be destroyed, use -refresh=false');
      await terraform.must(terraform.destroy('-refresh=false'));
      expect(sandbox.ucp('cluster2').config).toBe(untouched);
      expect((await terraform.state()).size).toBe(0);
    });
  });
});
