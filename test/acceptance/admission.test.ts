import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { changeTrust } from './by-hand';
import { block, provider, resource, type Settings } from './configuration';
import { complaints } from './observed';
import { runImage } from './run-image';
import { World } from './world';

const [RELEASE, QA] = ['docker-datacenter/release', 'docker-datacenter/qa'];
const answerSchema = v.object({
  reason: v.string(),
  refusal: v.nullable(v.string()),
  rule: v.object({ text: v.string(), label: v.string(), source: v.string() }),
  explanation: v.string(),
  cure: v.nullable(v.string()),
});
const admissionSchema = v.object({
  id: v.string(),
  all_admitted: v.boolean(),
  verdicts: v.record(
    v.string(),
    v.object({
      ...answerSchema.entries,
      outcome: v.picklist(['admitted', 'refused', 'undocumented']),
      readings: v.array(v.object({ ...answerSchema.entries, name: v.string(), admitted: v.boolean() })),
    }),
  ),
});

// admin/trustdemo: cluster2admin (release, qa) signs 1, cluster2dev (qa) signs 2, and a key of nobody there signs stranger.
describe('dct_admission', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    const resources = [
      resource('trusted_registry', 'it', { cluster: 'cluster2' }),
      resource('repository', 'it', { name: 'admin/trustdemo' }),
      ...['cluster2', 'cluster2dev', 'cluster1'].map((owner) =>
        resource('signer_delegation', owner, {
          repository: '${dct_repository.it.gun}',
          signer: owner,
          public_keys: [bundle(owner, 'cert.pem')],
        }),
      ),
    ];
    await world.terraform.configure([provider(world), ...resources].join('\n'));
    await world.terraform.must(world.terraform.apply());
    const digests = [await world.digest('1'), await world.digest('2')].map((digest) => digest.slice('sha256:'.length));
    await changeTrust(
      world,
      async (draft) => {
        const target = (index: number) => ({ sha256: digests[index] ?? '', length: 500 });
        await draft.signTag('cluster2', '1', target(0));
        await draft.signTag('cluster2dev', '2', target(1));
        await draft.signTag('cluster1', 'stranger', target(0));
      },
      { keys: ['cluster2', 'cluster2dev', 'cluster1'].map((owner) => bundle(owner, 'key.pem')) },
    );
  });
  // The policy is set behind Terraform’s back, and the repository kept.
  afterAll(() => world.close(['cluster2', world.gun]));

  const bundle = (owner: string, file: string): string => readFileSync(join(world.bundle(owner), file), 'utf8');
  const enforce = async (...teams: string[]): Promise<void> => {
    const ucp = world.sandbox.ucp('cluster2');
    await ucp.setConfig(
      ucp.config
        .replace(/require_content_trust = .*/, 'require_content_trust = true')
        .replace(/require_signature_from = .*/, `require_signature_from = ${JSON.stringify(teams)}`),
    );
  };
  const configure = (settings: Settings): Promise<void> =>
    world.terraform.configure(
      `${provider(world)}${block('data "dct_admission" "it"', { cluster: 'cluster2', ...settings })}` +
        'output "it" {\n  value = data.dct_admission.it\n}\n',
    );
  const read = async (...images: string[]) => {
    const { terraform } = world;
    await configure({ images });
    // Only reads: what the first configuration made stays.
    await terraform.run(
      'state',
      'rm',
      ...[...(await terraform.state()).keys()].filter((each) => !each.startsWith('data.')),
    );
    await terraform.must(terraform.apply());
    return v.parse(admissionSchema, (await terraform.outputs())['it']);
  };
  const teamId = (name: string): string => {
    const { accounts } = world.sandbox.ucp('cluster2');
    const organization = accounts.find('docker-datacenter');
    return (organization && accounts.team(organization, name)?.id) ?? '';
  };
  /** What the cluster really answers: undefined when it runs the image. */
  const tried = (image: string): Promise<string | null> => runImage(world, 'cluster2', image);
  const images = async (): Promise<string[]> => [
    `${world.gun}:1`,
    `${world.gun}:1@${await world.digest('1')}`,
    `${world.gun}:1@${await world.digest('2')}`,
    `${world.gun}:2`,
    `${world.gun}:stranger`,
    `${world.gun}:unsigned`,
    `${world.sandbox.registry.hostAddress}/admin/elsewhere:1`,
    'registry.example.com/a/b:1',
    'httpd',
  ];

  it.each([
    ['one team', [RELEASE]],
    ['two teams', [RELEASE, QA]],
    ['a team that the other signer is in', ['qa']],
    ['a team that is none', [RELEASE, 'nobody']],
    ['the other signer’s team, with its organization', [QA]],
    ['two teams by their names', ['release', 'qa']],
    ['a team by its ID', () => [teamId('release')]],
    ['two teams, each in its own form', () => [QA, teamId('release')]],
    ['a team of an organization that there is none of', ['nowhere/release']],
  ])('says what the cluster answers where the documents settle it: %s', async (_, teams) => {
    await enforce(...(typeof teams === 'function' ? teams() : teams));
    const asked = await images();
    const { verdicts } = await read(...asked);
    expect(Object.keys(verdicts).sort()).toEqual([...asked].sort());
    for (const image of asked) {
      const refusal = await tried(image);
      const outcome = refusal === null ? 'admitted' : 'refused';
      expect({ image, ...verdicts[image] }).toMatchObject({ image, outcome, refusal, readings: [] });
    }
  });

  it('gives the rule, its label and the cure', async () => {
    await enforce(RELEASE);
    const { verdicts, all_admitted, id } = await read(`${world.gun}:1`, `${world.gun}:2`);
    expect([all_admitted, id]).toEqual([false, 'cluster2']);
    const policy = 'image did not meet required signing policy';
    expect(verdicts[`${world.gun}:2`]).toMatchObject({
      outcome: 'refused',
      reason: 'policy_not_met',
      refusal: `${policy}\n${world.gun}:2: ${policy}`,
      rule: { label: 'D' },
      explanation: `${world.gun}:2 is signed by cluster2dev (targets/cluster2dev), in targets/releases; cluster2 requires ${RELEASE}`,
      cure:
        `have a member of ${RELEASE} sign ${world.gun}:2 with a key of their account in cluster2, in a delegation of ` +
        'their own (dct_signer_delegation, dct_signed_tag)',
    });
    expect(verdicts[`${world.gun}:1`]).toMatchObject({ outcome: 'admitted', reason: 'signed_as_required', cure: null });
  });

  it('tells the readings where the documents do not settle it, and the cluster does what its own reading says', async () => {
    await enforce();
    const image = `${world.gun}:stranger`;
    const verdict = (await read(image)).verdicts[image];
    expect(verdict).toMatchObject({ outcome: 'undocumented', reason: 'readings_differ', rule: { label: 'U' } });
    const ucp = world.sandbox.ucp('cluster2');
    const usual = ucp.readings;
    for (const [noTeam, name] of [
      ['any-signature', 'any signed image, regardless of signee'],
      ['any-ucp-user', 'signed by any user of this UCP'],
      ['team-member', 'signed by a member of a team of this UCP'],
    ] as const) {
      ucp.readings = { ...usual, noTeam };
      const reading = verdict?.readings.find((each) => each.name === name);
      expect([name, reading?.refusal]).toEqual([name, await tried(image)]);
    }
    ucp.readings = usual;
  });

  it('says that it does not know of other registries’ signatures', async () => {
    await enforce();
    const { verdicts } = await read('httpd:2.4', 'registry.example.com/a/b:1');
    expect(verdicts['httpd:2.4']).toMatchObject({ outcome: 'undocumented', reason: 'trust_data_not_read' });
    expect(verdicts['registry.example.com/a/b:1']).toMatchObject({
      outcome: 'refused',
      reason: 'registry_not_registered',
      refusal: await tried('registry.example.com/a/b:1'),
    });
  });

  it('refuses what is no image, naming the attribute', async () => {
    await configure({ images: ['https://dtr.example.com/a'] });
    const outcome = await world.terraform.plan();
    expect(complaints(outcome)).toContain('images must be an image as docker takes it');
    expect(complaints(outcome)).toContain('"https://dtr.example.com/a"');
  });
});
