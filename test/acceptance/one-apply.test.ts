import { dctProviderWith } from '../../src/provider/provider';
import { PublicKey, type TrustDraft } from '../../src/notary';
import { putDemoImage } from '../../src/sandbox';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { providerSettings, type Settings } from './configuration';
import type { Block } from './core/expressions';
import { StandInCore } from './random/stand-in-core';
import { World } from './world';

// What comes out right only if resources of one apply know of each other. Terraform's core is stood in for.
describe('when one apply changes things that hang on each other', () => {
  let world: World;
  let start: () => StandInCore;
  let alice: Made;
  let bob: Made;
  let one: string;
  let other: string;
  let count = 0;
  let name: string;
  let core: StandInCore;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    [alice, bob] = [await makeCertificate(), await makeCertificate()];
    const keys = { alice: alice.privateKey, bob: bob.privateKey };
    const settings = providerSettings(world, { keys, more: { max_retries: 0 } });
    start = await StandInCore.maker(dctProviderWith({ patience: 500 }), () => settings);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    count += 1;
    name = `one/apply${count}`;
    one = await putDemoImage(world.sandbox.dtr, name, '1', 'one');
    other = await putDemoImage(world.sandbox.dtr, name, '2', 'other');
    core = start();
  });
  afterEach(async () => {
    expect(await core.destroy()).toMatchObject({ ok: true });
  });

  const publicKeyOf = ({ publicKey }: Made) => PublicKey.fromPem(publicKey, { label: 'a key of the test' });
  const canonicalId = (made: Made): string => publicKeyOf(made).canonicalId;
  const gun = '${dct_repository.it.gun}';
  const repository = (settings: Settings = {}): Block => {
    return { type: 'dct_repository', name: 'it', settings: { name, on_destroy: 'delete', ...settings } };
  };
  const signer = (who: string, { publicKey }: Made, settings: Settings = {}): Block => {
    const usual = { repository: gun, signer: who, public_keys: [publicKey] };
    return { type: 'dct_signer_delegation', name: who, settings: { ...usual, ...settings } };
  };
  const signature = (who: string, digest: string, settings: Settings = {}): Block => {
    const usual = { repository: gun, tag: '1', signer: `\${dct_signer_delegation.${who}.signer}`, digest };
    return { type: 'dct_signed_tag', name: who, settings: { ...usual, ...settings } };
  };
  const plan = async (blocks: readonly Block[], options: Parameters<StandInCore['plan']>[0] = {}) => {
    await core.configure(blocks);
    const { ok, errors, changes, drift } = await core.plan(options);
    return { ok, errors, drift, actions: changes.map(({ address, action }) => `${address} ${action}`).sort() };
  };
  const apply = async (blocks: readonly Block[], options: Parameters<StandInCore['plan']>[0] = {}) => {
    expect(await plan(blocks, options)).toMatchObject({ ok: true, errors: [] });
    return core.apply();
  };
  const done = { ok: true, errors: [] };
  const nothing = { ok: true, errors: [], drift: [], actions: [] };

  it('a second signer joins a tag while its digest moves', async () => {
    const both = [repository(), signer('alice', alice), signer('bob', bob)];
    expect(await apply([...both, signature('alice', one)])).toEqual(done);
    const after = [...both, signature('bob', other), signature('alice', other)];
    expect(await apply(after)).toEqual(done);
    expect(await plan(after)).toEqual(nothing);
  });

  it('a signer gets another key, and one of two tags is signed again with both', async () => {
    const signed = (digest: string): Block[] => [
      signature('alice', one),
      { ...signature('alice', digest, { tag: '2' }), name: 'second' },
    ];
    expect(await apply([repository(), signer('alice', alice), ...signed(other)])).toEqual(done);
    const both = signer('alice', alice, { public_keys: [alice.publicKey, bob.publicKey] });
    expect(await apply([repository(), both, ...signed(other)])).toEqual(done);
    const after = [repository(), both, ...signed(one)];
    expect((await plan(after)).actions).toEqual(['dct_signed_tag.second update']);
    expect(await core.apply()).toEqual(done);
    expect(await plan(after)).toEqual(nothing);
    const keyIds = async (address: string) => (await core.state()).get(address)?.['key_ids'];
    expect([await keyIds('dct_signed_tag.alice'), await keyIds('dct_signed_tag.second')]).toEqual([
      [canonicalId(alice)],
      [canonicalId(alice), canonicalId(bob)].sort(),
    ]);
    // What has gone is told all the same.
    await changeTrust(world, (draft) => draft.setSignerKeys('alice', [publicKeyOf(bob)]), {
      name,
      keys: [bob.privateKey],
    });
    expect((await plan(after)).drift).toContain('dct_signed_tag.alice: key_ids');
  });

  it('one removal of several lets tags be unsigned', async () => {
    const signed = [signature('alice', one), signature('bob', one)];
    const both = [signer('alice', alice, { allow_unsigning: true }), signer('bob', bob)];
    const kept = signed.map((block) => ({ ...block, settings: { ...block.settings, on_destroy: 'keep' } }));
    expect(await apply([repository(), ...both, ...kept])).toEqual(done);
    expect(await plan([repository()])).toMatchObject({ ok: false, errors: [expect.stringContaining('would_unsign')] });
    const allowed = [both[0], signer('bob', bob, { allow_unsigning: true })].flatMap((each) => each ?? []);
    expect(await apply([repository(), ...allowed, ...kept])).toEqual(done);
    expect(await apply([repository()])).toEqual(done);
    expect(await plan([repository()])).toEqual(nothing);
  });

  it('a repository is made anew with all that stood in it', async () => {
    const all = [repository(), signer('alice', alice), signature('alice', one)];
    expect(await apply(all)).toEqual(done);
    expect(await apply(all, { replace: ['dct_repository.it'] })).toEqual(done);
    expect(await plan(all)).toEqual(nothing);
  });

  const madeAnew = () =>
    byHand(
      world,
      async (trust, store) => {
        await trust.deleteTrustData();
        await trust.initialise({ rootKey: () => store.rootKey(), add: (key, about) => store.add(key, about) });
      },
      { name },
    );

  it('what somebody with the root key has made anew gets again what it lacks', async () => {
    const all = [repository(), signer('alice', alice), signature('alice', one)];
    expect(await apply(all)).toEqual(done);
    await madeAnew();
    expect(await plan(all)).toMatchObject({
      ok: true,
      actions: ['dct_signed_tag.alice create', 'dct_signer_delegation.alice create'],
    });
    expect(await core.apply()).toEqual(done);
    expect(await plan(all)).toEqual(nothing);
    expect(await apply([repository({ rotate: { targets: 1 } })])).toEqual(done);
  });

  it.each([
    ['is in no state', []],
    ['is said to be one that can be lost', ['an apply without refresh']],
  ])('what is lost is made again where the repository %s', async (_, [first]) => {
    const all = [signer('alice', alice), signature('alice', one)];
    expect(await apply([repository(), ...all])).toEqual(done);
    await byHand(world, (trust) => trust.deleteTrustData(), { name });
    if (first === undefined) await core.forget(['dct_repository.it']);
    expect(await plan([repository(), ...all])).toMatchObject({ ok: false });
    const wanted = [repository({ when_lost: 'recreate' }), ...all];
    if (first !== undefined) expect(await apply(wanted, { refresh: false })).toEqual(done);
    expect((await plan(wanted)).actions.map((each) => each.split(' ')[1])).toEqual(['create', 'create', 'create']);
    expect(await core.apply()).toEqual(done);
    expect(await plan(wanted)).toEqual(nothing);
  });

  it('an image that is not there yet may come in the same apply', async () => {
    const missing = `sha256:${'5'.repeat(64)}`;
    const all = [repository(), signer('alice', alice)];
    expect(await apply([...all, signature('alice', one)])).toEqual(done);
    expect(await plan([...all, signature('alice', missing)])).toMatchObject({ ok: true });
    expect(core.warnings).toEqual([expect.stringContaining(`${name}@${missing} is not in the registry`)]);
    expect((await core.apply()).errors).toEqual([expect.stringContaining('(image_not_found)')]);
    expect(await apply([...all, signature('alice', other)])).toEqual(done);
  });

  const registration = (which: string, settings: Settings = {}): Block => {
    return { type: 'dct_trusted_registry', name: which, settings: { cluster: 'cluster2', ...settings } };
  };

  it('a registration that somebody has already is taken over, which is said', async () => {
    expect(await apply([registration('one')])).toEqual(done);
    expect(core.warnings).toEqual([]);
    const first = core;
    core = start();
    expect(await apply([registration('other')])).toEqual(done);
    expect(core.warnings).toEqual([expect.stringMatching(/localhost:\d+ is registered in cluster2 already/)]);
    expect(await first.destroy()).toEqual(done);
  });

  it('a policy of which the old one goes after the new one was made stays, and what was before is forgotten', async () => {
    const ucp = world.sandbox.ucp('cluster2');
    const before = ucp.config;
    const enforcement = (settings: Settings = {}): Block => {
      return {
        type: 'dct_enforcement',
        name: 'it',
        settings: { cluster: 'cluster2', ...settings },
        createBeforeDestroy: true,
      };
    };
    expect(await apply([enforcement()])).toEqual(done);
    expect(core.warnings).toEqual([]);
    const enforced = ucp.config;
    expect(await apply([enforcement()], { replace: ['dct_enforcement.it'] })).toEqual(done);
    expect(core.warnings).toEqual([
      expect.stringContaining('cluster2 enforces this very policy already'),
      expect.stringContaining('What was there before the old one is forgotten'),
    ]);
    expect(ucp.config).toBe(enforced);
    expect(await apply([enforcement({ on_destroy: 'disable' })])).toEqual(done);
    expect(await apply([])).toEqual(done);
    expect(ucp.config).toBe(before);
  });

  it('a signer gets another name, and its signatures are made again under that', async () => {
    const of = (who: string) => [repository(), { ...signer(who, alice), name: 'it' }, signature('it', one)];
    expect(await apply(of('alice'))).toEqual(done);
    expect(await plan(of('alicia'))).toMatchObject({ ok: true });
    expect(core.warnings).toEqual([
      expect.stringMatching(
        /^This change of keys would leave .*\/apply\d+ without valid signatures. targets\/releases: 1 \(signed by alice\)\nThe apply refuses it, unless these signatures are replaced as well/,
      ),
    ]);
    expect(await core.apply()).toEqual(done);
    expect(await plan(of('alicia'))).toEqual(nothing);
  });

  it('a signature that may be due is planned as it was, and signed otherwise by then: the next plan finds that', async () => {
    const blocks = (settings: Settings) => [repository(), signer('alice', alice), signature('alice', one, settings)];
    const longer = blocks({ min_validity_days: 400 });
    expect(await apply(blocks({}))).toEqual(done);
    expect(await plan(longer)).toMatchObject({ ok: true, actions: ['dct_signed_tag.alice update'] });
    const [before, sha256] = [one, other].map((digest) => digest.slice('sha256:'.length));
    const replaces = { replaces: [before ?? ''] };
    const signOtherwise = (draft: TrustDraft) =>
      draft.signTag('alice', '1', { sha256: sha256 ?? '', length: 1 }, replaces);
    await changeTrust(world, signOtherwise, { name, keys: [alice.privateKey] });
    expect(await core.apply()).toEqual(done);
    expect(await plan(longer)).toMatchObject({ drift: ['dct_signed_tag.alice: digest, length'] });
    expect(await apply(longer)).toEqual(done);
    expect(await plan(longer)).toEqual(nothing);
  });

  it('a signature shows the keys that its signer has by then', async () => {
    const of = (key: Made) => [repository(), signer('alice', key), signature('alice', one)];
    expect(await apply(of(alice))).toEqual(done);
    expect(await apply(of(bob))).toEqual(done);
    expect(await plan(of(bob))).toEqual(nothing);
  });
});
