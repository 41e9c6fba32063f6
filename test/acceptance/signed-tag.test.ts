import { putDemoImage } from '../../src/sandbox';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const ADDRESS = 'dct_signed_tag.it';

describe('dct_signed_tag', () => {
  let world: World;
  let alice: Made;
  let bob: Made;
  let carol: Made;
  let digest: string;
  let other: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    [alice, bob, carol] = [await makeCertificate(), await makeCertificate(), await makeCertificate()];
    [digest, other] = [await world.digest('1'), await world.digest('2')];
    await world.terraform.configure(signers());
    await world.terraform.must(world.terraform.apply());
  });
  afterAll(async () => {
    await world.terraform.must(world.terraform.destroy());
    await world.close();
  });
  // Repositories and signers stay.
  afterEach(async () => {
    await world.terraform.configure(signers());
    await world.terraform.must(world.terraform.apply());
    expect(await signed()).toEqual([]);
  });

  /** Alice and Bob sign here, Carol's key is somewhere else. */
  const signers = (): string =>
    [
      provider(world, { keys: { alice: alice.privateKey, bob: bob.privateKey } }),
      ...['admin/trustdemo', 'admin/unsigned'].flatMap((name, index) => [
        resource('repository', `r${index}`, { name, on_destroy: 'delete' }),
        ...Object.entries(index === 0 ? { alice, bob, carol } : { alice }).map(([signer, { certificate }]) =>
          resource('signer_delegation', `${signer}${index}`, {
            repository: `\${dct_repository.r${index}.gun}`,
            signer,
            public_keys: [certificate],
          }),
        ),
      ]),
    ].join('\n');
  const configure = (settings: Settings = {}, more = ''): Promise<void> =>
    world.terraform.configure(
      [
        signers(),
        resource(
          'signed_tag',
          'it',
          { repository: 'admin/trustdemo', tag: '1', signer: 'alice', digest, ...settings },
          { after: ['alice0', 'bob0', 'carol0', 'alice1'].map((who) => `dct_signer_delegation.${who}`) },
        ),
        more,
      ].join('\n'),
    );
  const apply = async (settings?: Settings): Promise<void> => {
    await configure(settings);
    await world.terraform.must(world.terraform.apply());
    await world.terraform.expectNoChanges();
  };
  const values = async () => (await world.terraform.state()).get(ADDRESS)?.values;
  const signed = (tag = '1') =>
    byHand(world, async (repository) => {
      const data = await repository.read();
      return data?.signatures(tag).map(({ signer, sha256, isReleased }) => [signer, `sha256:${sha256}`, isReleased]);
    });
  /** Without it no signer could go: that would unsign what Alice still has signed. */
  const revoke = (tag: string) =>
    changeTrust(world, (draft) => draft.revokeTag('alice', tag), { keys: [alice.privateKey] });
  const target = (of: string) => ({ sha256: of.slice('sha256:'.length), length: 1 });

  it('signs the digest with the signer’s key, into the signer’s file and the released one', async () => {
    await configure();
    const { terraform, gun } = world;
    const change = changeOf(await terraform.must(terraform.plan()), ADDRESS);
    expect(change.after).toMatchObject({ id: `${gun}:1#alice`, digest, on_destroy: 'revoke' });
    expect(change.unknown).toEqual({ renewal_due: true, key_ids: true, root_key_ids: true, length: true });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    const signer = (await terraform.state()).get('dct_signer_delegation.alice0')?.values;
    const manifest = await world.sandbox.dtr.images.manifest('admin/trustdemo', '1');
    expect(await values()).toMatchObject({ key_ids: signer?.['key_ids'], length: manifest?.bytes.length });
    expect(await signed()).toEqual([['alice', digest, true]]);
  });

  it('signs another digest in place', async () => {
    await apply();
    await configure({ digest: other });
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    const change = changeOf(plan, ADDRESS);
    expect(change.actions).toEqual(['update']);
    expect(changed(change)).toEqual(['digest', 'key_ids', 'length']);
    const applied = await terraform.must(terraform.applyPlan());
    expect(warningsOf(applied)).toContain('admin/trustdemo:1 points at another image than the one signed');
    await terraform.expectNoChanges();
    expect(await signed()).toEqual([['alice', other, true]]);
  });

  it('changes on_destroy in the state only, and keeps the signature then', async () => {
    await apply();
    await configure({ on_destroy: 'keep' });
    const { terraform } = world;
    expect(changed(changeOf(await terraform.must(terraform.plan()), ADDRESS))).toEqual(['on_destroy']);
    forget(world);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    await terraform.configure(signers());
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    expect(await signed()).toEqual([['alice', digest, true]]);
    await revoke('1');
  });

  it.each([
    ['repository', { repository: 'admin/unsigned', digest: 'unsigned' }],
    ['tag', { tag: '2' }],
    ['signer', { signer: 'bob' }],
  ])('is replaced when %s changes', async (attribute, settings: Settings) => {
    await apply();
    const elsewhere = { ...settings, ...(settings['digest'] && { digest: await world.digest('1', 'admin/unsigned') }) };
    await configure(elsewhere);
    const { terraform } = world;
    expect(changeOf(await terraform.must(terraform.plan()), ADDRESS)).toMatchObject({
      actions: ['delete', 'create'],
      reason: 'replace_because_cannot_update',
      replacePaths: [[attribute]],
    });
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(await signed()).toEqual(attribute === 'signer' ? [['bob', digest, true]] : []);
  });

  it('takes name and GUN for the same', async () => {
    await apply();
    await configure({ repository: world.gun });
    await world.terraform.expectNoChanges();
  });

  it('shows that another digest was signed behind its back, and signs its own again', async () => {
    await apply();
    const keys = [alice.privateKey];
    const replaces = [digest.slice('sha256:'.length)];
    await changeTrust(world, (draft) => draft.signTag('alice', '1', target(other), { replaces }), {
      keys,
    });
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(plan.drift.map(changed)).toEqual([['digest', 'length']]);
    expect(actions(plan)).toEqual([`${ADDRESS} update`]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(await signed()).toEqual([['alice', digest, true]]);
  });

  it('is made again when it was revoked behind its back', async () => {
    await apply();
    await revoke('1');
    const { terraform } = world;
    expect(actions(await terraform.must(terraform.plan()))).toEqual([`${ADDRESS} create`]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
  });

  it('is made again when it no longer counts, since it was taken out of what is released', async () => {
    await apply();
    await changeTrust(
      world,
      async (draft) => {
        // Bob replaces what is released and takes it back: Alice's own file still has the tag.
        await draft.signTag('bob', '1', target(other), { replaces: [digest.slice('sha256:'.length)] });
        await draft.revokeTag('bob', '1');
      },
      { keys: [bob.privateKey] },
    );
    expect(await signed()).toEqual([['alice', digest, false]]);
    const { terraform } = world;
    expect(actions(await terraform.must(terraform.plan()))).toEqual([`${ADDRESS} create`]);
    await terraform.must(terraform.applyPlan());
    await terraform.expectNoChanges();
    expect(await signed()).toEqual([['alice', digest, true]]);
  });

  it('refuses to take away what somebody else has released, naming both digests and the signer', async () => {
    await configure({ signer: 'bob', tag: '3' });
    const { terraform, gun } = world;
    await changeTrust(world, (draft) => draft.signTag('alice', '3', target(other)), {
      keys: [alice.privateKey],
    });
    forget(world);
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toContain(
      `${gun}:3 is released with ${other} (signed by alice); signing ${digest} would take that away`,
    );
    expect((await signed('3'))?.map(([signer]) => signer)).toEqual(['alice']);
    await revoke('3');
  });

  it('warns, and plans nothing, when the tag moves in the registry', async () => {
    await apply();
    await putDemoImage(world.sandbox.dtr, 'admin/trustdemo', '1', 'pushed again');
    const { terraform, gun } = world;
    const plan = await terraform.must(terraform.plan());
    expect(actions(plan)).toEqual([]);
    expect(warningsOf(plan)).toContain(`${gun}:1 points at another image than the one signed`);
    expect(warningsOf(plan)).toContain(`Signed is ${digest}; the registry now has`);
    await terraform.expectNoChanges();
    await putDemoImage(world.sandbox.dtr, 'admin/trustdemo', '1');
  });

  it.each([
    ['GUN', () => world.gun],
    ['name', () => 'admin/trustdemo'],
  ])('imports by %s to the same state', async (_, repository) => {
    await apply();
    const before = await values();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    expect(await terraform.import(ADDRESS, `${repository()}:1#alice`)).toMatchObject({ ok: true });
    expect(await values()).toEqual(before);
    await terraform.must(terraform.refresh());
    await terraform.expectNoChanges();
  });

  it('takes the same signature for its own, as after a killed apply, and sends nothing', async () => {
    await apply();
    const { terraform } = world;
    await terraform.run('state', 'rm', ADDRESS);
    forget(world);
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    await terraform.expectNoChanges();
  });

  it('takes only one signer’s signature back on destroy', async () => {
    const bobs = resource(
      'signed_tag',
      'bobs',
      { repository: 'admin/trustdemo', tag: '1', signer: 'bob', digest },
      { after: [ADDRESS, 'dct_signer_delegation.bob0'] },
    );
    await configure({}, bobs);
    const { terraform } = world;
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    await configure();
    await terraform.must(terraform.apply());
    await terraform.expectNoChanges();
    expect(await signed()).toEqual([['alice', digest, true]]);
  });

  const refused: [string, Settings, RegExp][] = [
    [
      'a signer that is none',
      { signer: 'dave' },
      /dave is not a signer of \S+; it has (?:(?:alice|bob|carol)(?:, )?){3}/,
    ],
    ['a signer whose key is not here', { signer: 'carol' }, /1 cannot be signed as carol.*[0-9a-f]{64}/s],
    [
      'a digest that the registry does not have',
      { digest: `sha256:${'ab'.repeat(32)}` },
      /admin\/trustdemo@sha256:(ab){32}/,
    ],
  ];
  it.each(refused)('refuses %s, and sends nothing', async (_, settings, why) => {
    await configure(settings);
    const { terraform } = world;
    forget(world);
    const outcome = await terraform.apply();
    expect(complaints(outcome)).toMatch(why);
    expect(writes(world).filter((write) => write.includes('admin/trustdemo'))).toEqual([]);
  });
});
