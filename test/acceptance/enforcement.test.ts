import { provider, resource, type Settings } from './configuration';
import { actions, changed, changeOf, forget, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_enforcement.it';
const RELEASE = 'docker-datacenter/release';
const QA = 'docker-datacenter/qa';

describe('dct_enforcement', () => {
  let world: World;
  let untouched: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    untouched = world.sandbox.ucp('cluster2').config;
  });
  afterAll(() => world.close());
  afterEach(async () => {
    await world.terraform.must(world.terraform.destroy());
    await setConfig(untouched);
  });

  const config = (): string => world.sandbox.ucp('cluster2').config;
  const setConfig = (text: string): Promise<void> => world.sandbox.ucp('cluster2').setConfig(text);
  const configure = (settings: Settings = {}): Promise<void> =>
    world.terraform.configure(provider(world) + resource('enforcement', 'it', { cluster: 'cluster2', ...settings }));
  const apply = async (settings?: Settings): Promise<void> => {
    await configure(settings);
    await world.terraform.must(world.terraform.apply());
    await world.terraform.expectNoChanges();
  };
  const values = async () => (await world.terraform.state()).get(ADDRESS)?.values;

  it('is known before it is applied, and runs only signed images by default', async () => {
    await configure();
    const { terraform } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.after).toEqual({
      id: 'cluster2',
      cluster: 'cluster2',
      require_content_trust: true,
      require_signature_from: [],
      allow_repositories: [],
      on_destroy: 'restore',
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(config()).toContain('require_content_trust = true');
  });

  it.each([
    ['require_content_trust', { require_content_trust: false }, 'require_content_trust = false'],
    ['require_signature_from', { require_signature_from: [QA, RELEASE] }, `["${QA}", "${RELEASE}"]`],
    ['allow_repositories', { allow_repositories: ['docker.io/mirantis/dtr-registry'] }, 'allow_repos = ["docker.io'],
  ])('updates %s in place, and back', async (attribute, settings, text) => {
    await apply({ require_signature_from: [RELEASE] });
    const before = config();
    await configure({ require_signature_from: [RELEASE], ...settings });
    const { terraform } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect([change.actions, changed(change)]).toEqual([['update'], [attribute]]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(config()).toContain(text);
    await apply({ require_signature_from: [RELEASE] });
    if (attribute !== 'allow_repositories') expect(config()).toBe(before);
  });

  it('warns of a team that the cluster does not have', async () => {
    await configure({ require_signature_from: [RELEASE, 'docker-datacenter/relase'] });
    const { warnings } = await world.terraform.must(world.terraform.apply());
    expect(warnings.map(({ summary }) => summary)).toEqual(['cluster2 has no team docker-datacenter/relase']);
  });

  it('changes on_destroy in the state only', async () => {
    await apply();
    await configure({ on_destroy: 'disable' });
    const { terraform } = world;
    expect(changed(changeOf(await terraform.must(terraform.plan()), ADDRESS))).toEqual(['on_destroy']);
    forget(world);
    await terraform.must(terraform.applyPlan());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
  });

  it('is replaced when the cluster changes, and gives the old one its policy back', async () => {
    await apply();
    await configure({ cluster: 'cluster3' });
    const { terraform } = world;
    expect(changeOf(await terraform.must(terraform.plan()), ADDRESS)).toMatchObject({
      actions: ['delete', 'create'],
      reason: 'replace_because_cannot_update',
      replacePaths: [['cluster']],
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(config()).toBe(untouched);
  });

  it.each([
    ['null as an empty set', null, []],
    ['an empty set as null', [], null],
  ])('takes %s', async (_, one, another) => {
    await apply({ require_signature_from: one, allow_repositories: one });
    await configure({ require_signature_from: another, allow_repositories: another });
    await world.terraform.expectNoChanges();
  });

  it('takes teams in another order for the same', async () => {
    await apply({ require_signature_from: [RELEASE, QA] });
    await configure({ require_signature_from: [QA, RELEASE] });
    await world.terraform.expectNoChanges();
  });

  it.each([
    ['require_content_trust', 'require_content_trust = true', 'require_content_trust = false'],
    ['require_signature_from', `require_signature_from = ["${RELEASE}"]`, `require_signature_from = ["${QA}"]`],
    [
      'allow_repositories',
      '[trust_configuration]',
      '[trust_configuration]\n  allow_repos = ["docker.io/library/nginx"]',
    ],
  ])('shows %s changed behind its back, and repairs it', async (attribute, found, instead) => {
    await apply({ require_signature_from: [RELEASE] });
    expect(config()).toContain(found);
    await setConfig(config().replace(found, instead));
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(plan.drift.map(changed)).toEqual([[attribute]]);
    expect(actions(plan)).toEqual([`${ADDRESS} update`]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('shows that the whole table was removed, and repairs it', async () => {
    await apply({ require_signature_from: [RELEASE] });
    await setConfig(config().replace(/\[trust_configuration\]\n(?: .*\n)*/, ''));
    const { terraform } = world;
    expect(changed(changeOf(await terraform.must(terraform.plan()), ADDRESS))).toEqual([
      'require_content_trust',
      'require_signature_from',
    ]);
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
  });

  it('imports to the same state', async () => {
    await apply({ require_signature_from: [RELEASE] });
    const before = await values();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    expect(await terraform.import(ADDRESS, 'cluster2')).toMatchObject({ ok: true });
    expect(await values()).toEqual(before);
    await terraform.expectNoChanges();
    const imported = config();
    await terraform.must(terraform.destroy());
    expect(config()).toBe(imported);
  });

  it.each([
    ['restore', (before: string) => before],
    [
      'disable',
      (before: string) => before.replace('content_trust = true', 'content_trust = false').replace(`"${QA}"`, ''),
    ],
    ['keep', (before: string) => before.replace(QA, RELEASE)],
  ])('leaves behind what on_destroy says: %s', async (on_destroy, left) => {
    await setConfig(
      untouched
        .replace('require_content_trust = false', 'require_content_trust = true')
        .replace('require_signature_from = []', `require_signature_from = ["${QA}"]`),
    );
    const before = config();
    await apply({ require_signature_from: [RELEASE], on_destroy });
    // What was there before is remembered, not what was found on the way.
    await apply({ require_signature_from: [RELEASE, QA], on_destroy });
    await apply({ require_signature_from: [RELEASE], on_destroy });
    await world.terraform.must(world.terraform.destroy());
    expect(config()).toBe(left(before));
  });

  it.each([
    ['with CRLF and comments', (text: string) => `# by hand\r\n${text.replaceAll('\n', '\r\n')}# the end`],
    [
      'with odd quoting',
      (text: string) => text.replace('require_signature_from = []', "'require_signature_from' = [ ] # nobody"),
    ],
  ])('gives back a document %s byte for byte', async (_, write) => {
    await setConfig(write(untouched));
    const before = config();
    await apply();
    expect(config()).not.toBe(before);
    await world.terraform.must(world.terraform.destroy());
    expect(config()).toBe(before);
  });

  it('makes the table where there is none, and leaves it off', async () => {
    await setConfig(untouched.replace(/\[trust_configuration\]\n(?: .*\n)*/, ''));
    const before = config();
    await apply();
    await world.terraform.must(world.terraform.destroy());
    expect(config()).toBe(`${before}\n[trust_configuration]\n  require_content_trust = false\n`);
  });
});
