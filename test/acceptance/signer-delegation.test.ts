import { PublicKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_signer_delegation.it';

describe('dct_signer_delegation', () => {
  let world: World;
  let alice: Made;
  let bob: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    alice = await makeCertificate({ name: 'CN=alice' });
    bob = await makeCertificate({ name: 'CN=bob', kind: 'RSA-2048' });
    await world.terraform.configure(repositories());
    await world.terraform.must(world.terraform.apply());
  });
  afterAll(async () => {
    await world.terraform.must(world.terraform.destroy());
    await world.close();
  });
  // The repositories stay.
  afterEach(async () => {
    await world.terraform.configure(repositories());
    await world.terraform.must(world.terraform.apply());
  });

  const repositories = (): string =>
    [
      provider(world),
      resource('repository', 'demo', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      resource('repository', 'other', { name: 'admin/unsigned', on_destroy: 'delete' }),
    ].join('\n');
  const configure = (settings: Settings = {}): Promise<void> =>
    world.terraform.configure(
      [
        repositories(),
        resource(
          'signer_delegation',
          'it',
          { repository: 'admin/trustdemo', signer: 'alice', public_keys: [alice.certificate], ...settings },
          { after: ['dct_repository.demo', 'dct_repository.other'] },
        ),
      ].join('\n'),
    );
  const apply = async (settings?: Settings): Promise<void> => {
    await configure(settings);
    await world.terraform.must(world.terraform.apply());
    await world.terraform.expectNoChanges();
  };
  const values = async () => (await world.terraform.state()).get(ADDRESS)?.values;
  const keyOf = (pem: string): PublicKey => PublicKey.fromPem(pem, { label: 'a key of the test' });

  it('is known before it is applied: ID, role, key IDs', async () => {
    await configure();
    const { terraform, gun } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.after).toMatchObject({
      id: `${gun}#alice`,
      role: 'targets/alice',
      key_ids: [keyOf(alice.certificate).canonicalId],
      allow_unsigning: false,
    });
    expect(change.unknown).toEqual({ public_keys: [false], key_ids: [false], root_key_ids: true });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(await values()).toMatchObject({ public_keys: [alice.certificate] });
  });

  it.each([
    ['a key more', () => [alice.certificate, bob.certificate]],
    ['another key', () => [bob.certificate]],
    ['the bare public key of the same certificate', () => [alice.publicKey]],
  ])('updates to %s in place', async (_, keys) => {
    await apply();
    await configure({ public_keys: keys() });
    const { terraform } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.actions).toEqual(['update']);
    expect(changed(change)).toContain('public_keys');
    expect(change.after?.['key_ids']).toHaveLength(keys().length);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('changes allow_unsigning in the state only', async () => {
    await apply();
    await configure({ allow_unsigning: true });
    const { terraform } = world;
    expect(changed(changeOf(await terraform.must(terraform.plan()), ADDRESS))).toEqual(['allow_unsigning']);
    forget(world);
    await terraform.must(terraform.applyPlan());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
  });

  it.each([
    ['repository', { repository: 'admin/unsigned' }],
    ['signer', { signer: 'bob' }],
  ])('is replaced when %s changes', async (attribute, settings) => {
    await apply();
    await configure(settings);
    const { terraform } = world;
    expect(changeOf(await terraform.must(terraform.plan()), ADDRESS)).toMatchObject({
      actions: ['delete', 'create'],
      reason: 'replace_because_cannot_update',
      replacePaths: [[attribute]],
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('takes name and GUN for the same', async () => {
    await apply();
    await configure({ repository: world.gun });
    await world.terraform.expectNoChanges();
    await configure({ repository: '${dct_repository.demo.gun}' });
    await world.terraform.expectNoChanges();
  });

  const written: [string, (pem: string) => string][] = [
    ['with CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
    ['with bag attributes before it', (pem) => `Bag Attributes\n    friendlyName: alice\nsubject=CN = alice\n${pem}`],
    ['with empty lines and blanks at line ends', (pem) => `\n${pem.replaceAll('\n', ' \n')}\n\n`],
  ];
  it.each(written)('takes a certificate written differently for the same: %s', async (_, write) => {
    await apply();
    await configure({ public_keys: [write(alice.certificate)] });
    await world.terraform.expectNoChanges();
    expect(await values()).toMatchObject({ public_keys: [alice.certificate] });
  });

  it('takes keys in another order for the same, and plans some that are equal with one that is new', async () => {
    await apply({ public_keys: [alice.certificate, bob.certificate] });
    const crlf = alice.certificate.replaceAll('\n', '\r\n');
    await configure({ public_keys: [bob.certificate, crlf] });
    await world.terraform.expectNoChanges();
    await apply({ public_keys: [bob.certificate, crlf, (await makeCertificate()).certificate] });
    expect((await values())?.['key_ids']).toHaveLength(3);
  });

  it('keeps a key as the user wrote it', async () => {
    const crlf = `# alice\r\n${alice.certificate.replaceAll('\n', '\r\n')}`;
    await apply({ public_keys: [crlf] });
    expect(await values()).toMatchObject({ public_keys: [crlf] });
  });

  it.each([
    ['a key more', () => [alice.certificate, bob.certificate]],
    ['another key', () => [bob.certificate]],
  ])('shows that it has %s behind its back, and repairs it', async (_, keys) => {
    await apply();
    await changeTrust(world, (draft) => draft.setSignerKeys('alice', keys().map(keyOf)));
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(plan.drift.map(changed)).toEqual([['key_ids', 'public_keys']]);
    expect(actions(plan)).toEqual([`${ADDRESS} update`]);
    const { before, after } = changeOf(plan, ADDRESS);
    expect(before?.['key_ids']).toEqual(
      keys()
        .map((pem) => keyOf(pem).canonicalId)
        .sort(),
    );
    expect(after?.['key_ids']).toEqual([keyOf(alice.certificate).canonicalId]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('is made again when it was deleted behind its back', async () => {
    await apply();
    await changeTrust(world, (draft) => draft.removeSigner('alice'));
    const { terraform } = world;
    expect(actions(await terraform.must(terraform.plan()))).toEqual([`${ADDRESS} create`]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it.each([
    ['GUN', () => world.gun],
    ['name', () => 'admin/trustdemo'],
  ])('imports by %s to the same state', async (_, repository) => {
    await apply({ public_keys: [alice.certificate, bob.publicKey] });
    const before = await values();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    expect(await terraform.import(ADDRESS, `${repository()}#alice`)).toMatchObject({ ok: true });
    const { public_keys, ...rest } = (await values()) ?? {};
    expect(before).toMatchObject(rest);
    expect(public_keys).toHaveLength(2);
    // An import leaves out what depends on what: Terraform calls that a difference.
    await terraform.must(terraform.refresh());
    await terraform.expectNoChanges();
  });

  it('says that there is nothing to import', async () => {
    await apply();
    const { stderr } = await world.terraform.import('dct_signer_delegation.it2', `${world.gun}#carol`);
    expect(stderr).toMatch(/does not exist|non-existent/);
  });

  it('takes a signer with the same keys for its own, as after a killed apply, and sends nothing', async () => {
    await apply();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    forget(world);
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
  });

  it('refuses a signer that exists with other keys, and shows how to import it', async () => {
    await apply({ public_keys: [bob.certificate] });
    const { terraform, gun } = world;
    await terraform.run('state', 'rm', ADDRESS);
    await configure();
    forget(world);
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toContain(
      `${gun} has a signer alice already, with the keys ${keyOf(bob.certificate).canonicalId}`,
    );
    expect(complaints(outcome)).toContain(`id = "${gun}#alice"`);
    expect(writes(world)).toEqual([]);
    await changeTrust(world, (draft) => draft.removeSigner('alice'));
  });

  it('needs a repository with trust data', async () => {
    await configure({ repository: 'admin/nobody' });
    const outcome = await world.terraform.apply();
    expect(complaints(outcome)).toContain('/admin/nobody has no trust data yet');
    expect(complaints(outcome)).toContain('dct_repository');
  });
});
