import { PublicKey } from '../../src/notary';
import { makeCertificate } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

type Person = Awaited<ReturnType<typeof makeCertificate>>;

// Rule 5: tag 1 is signed by Alice, in her file and, with her key only, in targets/releases. Bob is a signer too.
describe('when keys that stand behind signatures go', () => {
  let world: World;
  let alice: Person;
  let bob: Person;
  let renewed: Person;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    [alice, bob] = [await makeCertificate(), await makeCertificate()];
    renewed = await makeCertificate({ keys: alice.keys, notAfter: new Date('2037-01-01T00:00:00Z') });
    await world.terraform.configure(configuration());
    await world.terraform.must(world.terraform.apply());
  });
  afterAll(async () => {
    await world.terraform.configure(
      configuration({ alices: { allow_unsigning: true }, bobs: { allow_unsigning: true } }),
    );
    await world.terraform.must(world.terraform.apply());
    await world.terraform.must(world.terraform.destroy());
    await world.close();
  });
  beforeEach(async () => {
    await world.terraform.configure(configuration());
    await world.terraform.must(world.terraform.apply());
    await changeTrust(
      world,
      async (draft) => {
        const digest = (await world.digest('1')).slice('sha256:'.length);
        await draft.signTag('alice', '1', { sha256: digest, length: 1 });
      },
      { keys: [alice.privateKey] },
    );
  });

  interface Wanted {
    /** Private keys at hand. */
    readonly keys?: readonly Person[];
    /** Undefined settings: as they were; null: not a signer any more. */
    readonly alices?: Settings | null;
    readonly bobs?: Settings;
  }
  function configuration({ keys = [], alices = {}, bobs = {} }: Wanted = {}): string {
    const signer = (name: string, { certificate }: Person, settings: Settings): string =>
      resource('signer_delegation', name, {
        repository: '${dct_repository.demo.gun}',
        signer: name,
        public_keys: [certificate],
        ...settings,
      });
    return [
      provider(world, { keys: Object.fromEntries(keys.map(({ privateKey }, i) => [`key${i}`, privateKey])) }),
      resource('repository', 'demo', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      alices === null ? '' : signer('alice', alice, alices),
      signer('bob', bob, bobs),
    ].join('\n');
  }
  const released = () =>
    byHand(world, async (repository) => [...((await repository.read())?.releasedTargets.keys() ?? [])]);
  const idOf = ({ publicKey }: Person): string => PublicKey.fromPem(publicKey, { label: 'key' }).canonicalId;

  const without: [string, () => Wanted][] = [
    ['the signer goes', () => ({ alices: null })],
    ['the signer gets another key', () => ({ alices: { public_keys: [bob.certificate] } })],
    ['the certificate is renewed over the same key', () => ({ alices: { public_keys: [renewed.certificate] } })],
  ];
  it.each(without)('refuses at plan that %s, naming tag and signer, and the way out', async (_, wanted) => {
    const { terraform, gun } = world;
    await terraform.configure(configuration(wanted()));
    forget(world);
    const plan = await terraform.apply();
    expect(plan.stdout).not.toContain('apply_start');
    expect(complaints(plan)).toContain(`This change of keys would leave ${gun} without valid signatures`);
    expect(complaints(plan)).toContain('targets/releases: 1 (signed by alice)');
    expect(complaints(plan)).toContain('list old and new key side by side');
    expect(writes(world)).toEqual([]);
    expect(await released()).toEqual(['1']);
  });

  const withKey: [string, () => Wanted][] = [
    ['the signer goes and the other signer’s key is at hand', () => ({ alices: null, keys: [bob] })],
    [
      'the signer gets another key, which is at hand',
      () => ({ alices: { public_keys: [bob.certificate] }, keys: [bob] }),
    ],
    [
      'the certificate is renewed and its key is at hand',
      () => ({ alices: { public_keys: [renewed.certificate] }, keys: [alice] }),
    ],
    [
      'the bare key is listed instead of its certificate, and is at hand',
      () => ({ alices: { public_keys: [alice.publicKey] }, keys: [alice] }),
    ],
  ];
  it.each(withKey)('signs again in the same publish when %s', async (_, wanted) => {
    const { terraform } = world;
    await terraform.configure(configuration(wanted()));
    await terraform.must(terraform.outline());
    forget(world);
    const applied = await terraform.must(terraform.applyPlan());
    expect(writes(world)).toHaveLength(1);
    expect(await released()).toEqual(['1']);
    if (wanted().alices === null) expect(warningsOf(applied)).toContain('alice was the only signer of tag 1');
    // Back again, so that Alice’s key stands alone behind it.
    await changeTrust(world, (draft) => draft.revokeTag('alice', '1'), {
      keys: [alice.privateKey, bob.privateKey],
    });
    await terraform.configure(configuration({ alices: { allow_unsigning: true } }));
    await terraform.must(terraform.apply());
  });

  it('shows a renewed certificate as the same key', async () => {
    const { terraform } = world;
    await terraform.configure(configuration({ alices: { public_keys: [renewed.certificate] }, keys: [alice] }));
    const change = changeOf(await terraform.must(terraform.plan()), 'dct_signer_delegation.alice');
    expect(change.actions).toEqual(['update']);
    expect(change.after).toMatchObject({ key_ids: [idOf(alice)], public_keys: [renewed.certificate] });
  });

  it('needs no key while old and new certificate stand side by side', async () => {
    const { terraform } = world;
    await terraform.configure(configuration({ alices: { public_keys: [alice.certificate, renewed.certificate] } }));
    await terraform.must(terraform.apply());
    expect(await released()).toEqual(['1']);
  });

  it.each<[string, () => Wanted, Readonly<Record<string, string>>]>([
    [
      'a change of keys',
      () => ({ alices: { public_keys: [renewed.certificate], allow_unsigning: true } }),
      { 'targets/alice': '1 (signed by alice)', 'targets/releases': '1 (signed by alice, bob)' },
    ],
    [
      'a removal, also of what another one has signed',
      () => ({ alices: null }),
      { 'targets/releases': '1 (signed by alice, bob)' },
    ],
  ])('unsigns by %s with allow_unsigning, and says so at plan and at apply', async (_, wanted, files) => {
    const { terraform, gun } = world;
    await terraform.configure(configuration({ alices: { allow_unsigning: true } }));
    await terraform.must(terraform.apply());
    // The file of released tags is signed by one of the two only.
    const target = { sha256: (await world.digest('1')).slice('sha256:'.length), length: 1 };
    const sign = (who: Person, name: string) =>
      changeTrust(world, (draft) => draft.signTag(name, '1', target), { keys: [who.privateKey] });
    await sign(bob, 'bob');
    await sign(alice, 'alice');
    await changeTrust(world, (draft) => draft.signTag('alice', '2', target), { keys: [alice.privateKey] });
    await changeTrust(world, (draft) => draft.revokeTag('alice', '2'), { keys: [alice.privateKey] });
    await terraform.configure(configuration(wanted()));
    const plan = await terraform.must(terraform.outline());
    forget(world);
    const applied = await terraform.must(terraform.applyPlan());
    expect(writes(world)).toHaveLength(1);
    for (const [role, tags] of Object.entries(files)) {
      expect(warningsOf(plan)).toContain(`no valid signature will be left of ${role} of ${gun}, and so of ${tags}:`);
      expect(warningsOf(applied)).toContain(`no valid signature is left of ${role} of ${gun}, and so of ${tags}:`);
    }
    expect(await released()).toEqual([]);
    for (const [who, name] of [
      [alice, 'alice'],
      [bob, 'bob'],
    ] as const)
      await changeTrust(world, (draft) => draft.revokeTag(name, '1'), { keys: [who.privateKey] });
  });

  it('lets signer and signature go together', async () => {
    const { terraform } = world;
    const tag = resource(
      'signed_tag',
      'one',
      { repository: 'admin/trustdemo', tag: '1', signer: 'alice', digest: await world.digest('1') },
      { after: ['dct_signer_delegation.alice'] },
    );
    await terraform.configure(configuration({ keys: [alice] }) + tag);
    await terraform.must(terraform.apply());
    await terraform.configure(configuration({ alices: null, keys: [alice] }));
    const plan = await terraform.must(terraform.plan());
    expect(actions(plan)).toEqual(['dct_signed_tag.one delete', 'dct_signer_delegation.alice delete']);
    await terraform.must(terraform.applyPlan());
    expect(await released()).toEqual([]);
  });
});
