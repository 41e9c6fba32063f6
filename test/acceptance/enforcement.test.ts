import { provider, resource, type Settings } from './configuration';
import { actions, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { type Step, steps } from './steps';
import { World } from './world';

const ADDRESS = 'dct_enforcement.it';
const RELEASE = 'docker-datacenter/release';
const QA = 'docker-datacenter/qa';
const NGINX = 'docker.io/library/nginx';

describe('dct_enforcement', () => {
  let world: World;
  let untouched: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    untouched = config();
  });
  afterAll(() => world.close());

  const config = (): string => world.sandbox.ucp('cluster2').config;
  const setConfig = (text: string): Promise<void> => world.sandbox.ucp('cluster2').setConfig(text);
  const policy = (settings: Settings = {}): string =>
    resource('enforcement', 'it', { cluster: 'cluster2', ...settings });
  const listed = (text: string): string =>
    text.replace('require_signature_from = []', `require_signature_from = ["${QA}"]`);
  const without = (text: string): string => text.replace(/\[trust_configuration\]\n(?: .*\n)*/, '');

  it('runs only signed images by default, is updated in place, and replaced by that of another cluster', async () => {
    const from = { require_signature_from: [RELEASE] };
    const put = ['cluster2 PUT /api/ucp/config-toml'];
    await steps(world, [
      {
        resources: policy(),
        plan: (plan) =>
          expect(changeOf(plan, ADDRESS).after).toEqual({
            id: 'cluster2',
            cluster: 'cluster2',
            require_content_trust: true,
            require_signature_from: [],
            allow_repositories: [],
            on_destroy: 'restore',
          }),
        check: () => expect(config()).toContain('require_content_trust = true'),
      },
      {
        resources: policy(from),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['require_signature_from'] },
        sent: put,
        check: () => expect(config()).toContain(`require_signature_from = ["${RELEASE}"]`),
      },
      {
        resources: policy({ ...from, require_content_trust: false }),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['require_content_trust'] },
        sent: put,
        check: () => expect(config()).toContain('require_content_trust = false'),
      },
      {
        resources: policy({ ...from, require_content_trust: false, allow_repositories: [NGINX] }),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['allow_repositories'] },
        sent: put,
        check: () => expect(config()).toContain(`allow_repos = ["${NGINX}"]`),
      },
      {
        resources: policy({ require_content_trust: false, allow_repositories: [NGINX], on_destroy: 'disable' }),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['on_destroy', 'require_signature_from'] },
      },
      {
        resources: policy({ require_content_trust: false, allow_repositories: [NGINX] }),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['on_destroy'] },
        sent: [],
      },
      {
        resources: policy({ cluster: 'cluster3' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['cluster']]),
        planned: [`${ADDRESS} replace cannot_update`],
        check: () => expect(config()).toBe(untouched),
      },
    ]);
  });

  it('warns of a team that the cluster does not have, before anything is sent', async () => {
    const warning = 'cluster2 has no team docker-datacenter/relase';
    await steps(world, [
      {
        resources: policy({ require_signature_from: [RELEASE, 'docker-datacenter/relase'] }),
        plan: ({ warnings }) => expect(warnings.map(({ summary }) => summary)).toEqual([warning]),
        check: (_, { warnings }) => expect(warnings.map(({ summary }) => summary)).toEqual([warning]),
      },
    ]);
  });

  it('takes null for an empty set, an empty set for null, and teams in another order', async () => {
    const empty = { require_signature_from: [], allow_repositories: [] };
    const none = { require_signature_from: null, allow_repositories: null };
    await steps(world, [
      { resources: policy(none) },
      { resources: policy(empty), same: true },
      { resources: policy({ ...empty, require_content_trust: false }), planned: [`${ADDRESS} update`] },
      { resources: policy({ ...none, require_content_trust: false }), same: true },
      { resources: policy({ require_signature_from: [RELEASE, QA] }) },
      { resources: policy({ require_signature_from: [QA, RELEASE] }), same: true },
    ]);
  });

  it('shows what changed behind its back, and repairs it', async () => {
    const resources = policy({ require_signature_from: [RELEASE] });
    let ours = '';
    const drifted = (attributes: readonly string[], change: (text: string) => string): Step => ({
      before: async () => {
        expect(change(ours)).not.toBe(ours);
        await setConfig(change(ours));
      },
      resources,
      drift: { [ADDRESS]: attributes },
      planned: [`${ADDRESS} update`],
    });
    const back = { check: () => expect(config()).toBe(ours) };
    const nginx = `[trust_configuration]\n  allow_repos = ["${NGINX}"]`;
    await steps(world, [
      { resources, check: () => void (ours = config()) },
      { ...drifted(['require_content_trust'], (text) => text.replace('trust = true', 'trust = false')), ...back },
      { ...drifted(['require_signature_from'], (text) => text.replace(`"${RELEASE}"`, `"${QA}"`)), ...back },
      drifted(['allow_repositories'], (text) => text.replace('[trust_configuration]', nginx)),
      // Deleted: there is no policy that is not there, it is off.
      { ...drifted(['require_content_trust', 'require_signature_from'], without), check: () => setConfig(ours) },
    ]);
  });

  it('is imported with what a destroy then leaves', async () => {
    const { terraform } = world;
    let imported = '';
    await steps(
      world,
      [
        {
          resources: policy({ require_signature_from: [RELEASE] }),
          check: async () => {
            imported = config();
            await terraform.run('state', 'rm', ADDRESS);
            expect(await terraform.import(ADDRESS, 'cluster2')).toMatchObject({ ok: true });
            await terraform.expectNoChanges();
          },
        },
      ],
      { left: ['cluster2'] },
    );
    expect(config()).toBe(imported);
    await setConfig(untouched);
  });

  it('leaves behind what on_destroy says, which is not what was found on the way', async () => {
    const policies = (require_signature_from: string[]): string =>
      ['cluster1', 'cluster2', 'cluster3']
        .map((cluster, i) => {
          const on_destroy = ['disable', 'restore', 'keep'][i] ?? '';
          return resource('enforcement', cluster, { cluster, require_signature_from, on_destroy });
        })
        .join('');
    const all = () => ['cluster1', 'cluster2', 'cluster3'].map((name) => world.sandbox.ucp(name));
    const before = all().map((ucp) => ucp.config);
    await setConfig(listed(untouched));
    await steps(
      world,
      [{ resources: policies([RELEASE]) }, { resources: policies([RELEASE, QA]) }, { resources: policies([RELEASE]) }],
      { left: ['cluster2', 'cluster3'] },
    );
    const kept = all().map((ucp) => ucp.config);
    expect(kept.slice(0, 2)).toEqual([before[0], listed(untouched)]);
    expect(kept[2]).toContain(`require_content_trust = true\n  require_signature_from = ["${RELEASE}"]`);
    await Promise.all(all().map((ucp, i) => ucp.setConfig(before[i] ?? '')));
  });

  it('is not put over another policy that is in force, unless it is imported; the very one is taken over', async () => {
    const { terraform } = world;
    const strict = listed(untouched.replace('content_trust = false', 'content_trust = true'));
    await setConfig(strict);
    const refused = policy({ require_signature_from: [RELEASE] });
    await terraform.configure(provider(world) + refused);
    forget(world);
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toContain(
      `cluster2 enforces another policy already: require_content_trust = true, require_signature_from = ["${QA}"]`,
    );
    const block = `import {\n  to = dct_enforcement.NAME\n  id = "cluster2"\n}`;
    expect(complaints(outcome)).toContain(block);
    expect(writes(world)).toEqual([]);
    await steps(
      world,
      [{ resources: refused, error: { text: /enforces another policy already/, at: `${ADDRESS} cluster` } }],
      { left: ['cluster2'] },
    );
    // the block as it is printed, in the name of the resource
    await terraform.configure(provider(world) + refused + block.replace('NAME', 'it'));
    expect(actions(await terraform.must(terraform.plan()))).toEqual([`${ADDRESS} update`]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    await terraform.must(terraform.destroy());
    expect(config()).toBe(strict);

    await terraform.configure(provider(world) + policy({ require_signature_from: [QA] }));
    forget(world);
    const taken = await terraform.must(terraform.apply());
    expect(warningsOf(taken)).toContain('cluster2 enforces this very policy already');
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
    await terraform.must(terraform.destroy());
    expect(config()).toBe(strict);
    await setConfig(untouched);
  });

  it('gives back a document byte for byte, and makes the table where there is none', async () => {
    const docs: Readonly<Record<string, (text: string) => string>> = {
      cluster1: (text) => `# by hand\r\n${text.replaceAll('\n', '\r\n')}# the end`,
      cluster2: (text) => text.replace('require_signature_from = []', "'require_signature_from' = [ ] # nobody"),
      cluster3: without,
    };
    const names = Object.keys(docs);
    const all = (): string[] => names.map((name) => world.sandbox.ucp(name).config);
    const before = all();
    for (const [name, write] of Object.entries(docs))
      await world.sandbox.ucp(name).setConfig(write(world.sandbox.ucp(name).config));
    const written = all();
    await steps(
      world,
      [
        {
          resources: names.map((cluster) => resource('enforcement', cluster, { cluster })).join(''),
          check: () => {
            for (const [index, text] of all().entries()) expect(text).not.toBe(written[index]);
          },
        },
      ],
      { left: names },
    );
    // The table that was made is left, and off.
    const left = `${written[2] ?? ''}\n[trust_configuration]\n  require_content_trust = false\n`;
    expect(all()).toEqual([written[0], written[1], left]);
    await Promise.all(names.map((name, i) => world.sandbox.ucp(name).setConfig(before[i] ?? '')));
  });
});
