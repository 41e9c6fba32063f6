import { type Intent } from '../../src/notary';
import { putDemoImage } from '../../src/sandbox';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { provider as providerOf, resource, type Settings } from './configuration';
import { changeOf, warningsOf } from './observed';
import { type Step, steps as stepsOf } from './steps';
import type { StateResource } from './terraform';
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
  });
  afterAll(() => world.close());

  /** Alice and Bob sign here, Carol's key is somewhere else. */
  const steps = (all: readonly Step[]): Promise<void> => {
    const provider = providerOf(world, { keys: { alice: alice.privateKey, bob: bob.privateKey } });
    return stepsOf(
      world,
      all.map((step) => ({ provider, ...step })),
    );
  };
  const signers = (): string =>
    ['admin/trustdemo', 'admin/unsigned']
      .flatMap((name, index) => [
        resource('repository', `r${index}`, { name, on_destroy: 'delete' }),
        ...Object.entries(index === 0 ? { alice, bob, carol } : { alice }).map(([signer, { certificate }]) =>
          resource('signer_delegation', `${signer}${index}`, {
            repository: `\${dct_repository.r${index}.gun}`,
            signer,
            public_keys: [certificate],
          }),
        ),
      ])
      .join('\n');
  const AFTER = ['alice0', 'bob0', 'carol0', 'alice1'].map((who) => `dct_signer_delegation.${who}`);
  const tag = (settings: Settings = {}, name = 'it', after = AFTER): string =>
    resource(
      'signed_tag',
      name,
      { repository: 'admin/trustdemo', tag: '1', signer: 'alice', digest, ...settings },
      { after },
    );
  const signed = (of = '1') =>
    byHand(world, async (repository) => {
      const data = await repository.read();
      return data?.signatures(of).map(({ signer, sha256, isReleased }) => [signer, `sha256:${sha256}`, isReleased]);
    });
  const sign = (intent: Intent) => changeTrust(world, intent, { keys: [alice.privateKey, bob.privateKey] });
  const hex = (of: string): string => of.slice('sha256:'.length);
  const target = (of: string) => ({ sha256: hex(of), length: 1 });
  const forgotten = () => world.terraform.run('state', 'rm', ADDRESS);
  const publish = () => [`registry POST /v2/${world.gun}/_trust/tuf/`];

  it('signs into the signer’s file and the released one, another digest in place, and is replaced for the rest', async () => {
    const elsewhere = await world.digest('1', 'admin/unsigned');
    const inState = (settings: Settings, changed: string): Step => ({
      resources: signers() + tag({ digest: other, ...settings }),
      planned: [`${ADDRESS} update`],
      changed: { [ADDRESS]: [changed] },
      sent: [],
    });
    await steps([
      {
        resources: signers() + tag(),
        plan: (plan) => {
          const { after, unknown } = changeOf(plan, ADDRESS);
          expect(after).toMatchObject({ id: `${world.gun}:1#alice`, digest, on_destroy: 'revoke' });
          expect(unknown).toEqual({ renewal_due: true, key_ids: true, root_key_ids: true, length: true });
        },
        check: async (state) => {
          const key_ids = state.get('dct_signer_delegation.alice0')?.values['key_ids'];
          const manifest = await world.sandbox.dtr.images.manifest('admin/trustdemo', '1');
          expect(state.get(ADDRESS)?.values).toMatchObject({ key_ids, length: manifest?.bytes.length });
          expect(await signed()).toEqual([['alice', digest, true]]);
        },
      },
      { resources: signers() + tag({ repository: world.gun }), same: true },
      {
        resources: signers() + tag({ digest: other }),
        planned: [`${ADDRESS} update`],
        sent: publish(),
        check: async (_, applied) => {
          expect(warningsOf(applied)).toContain('admin/trustdemo:1 points at another image than the one signed');
          expect(await signed()).toEqual([['alice', other, true]]);
        },
      },
      inState({ replaces_digest: digest }, 'replaces_digest'),
      inState({ replaces_digest: digest, min_validity_days: 60 }, 'min_validity_days'),
      {
        resources: signers() + tag({ tag: '2' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['tag']]),
        planned: [`${ADDRESS} replace cannot_update`],
        check: async () => expect([await signed(), await signed('2')]).toEqual([[], [['alice', digest, true]]]),
      },
      {
        resources: signers() + tag({ tag: '2', signer: 'bob' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['signer']]),
        planned: [`${ADDRESS} replace cannot_update`],
        check: async () => expect(await signed('2')).toEqual([['bob', digest, true]]),
      },
      {
        resources: signers() + tag({ tag: '2', signer: 'alice', repository: 'admin/unsigned', digest: elsewhere }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['repository'], ['signer']]),
        planned: [`${ADDRESS} replace cannot_update`],
        check: async () => expect(await signed('2')).toEqual([]),
      },
    ]);
  });

  it('takes only one signer’s signature back, and none that is to be kept', async () => {
    const bobs = tag({ signer: 'bob' }, 'bobs', [ADDRESS, 'dct_signer_delegation.bob0']);
    await steps([
      { resources: signers() + tag() + bobs, check: async () => expect(await signed()).toHaveLength(2) },
      { resources: signers() + tag(), check: async () => expect(await signed()).toEqual([['alice', digest, true]]) },
      {
        resources: signers() + tag({ on_destroy: 'keep' }),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['on_destroy'] },
        sent: [],
      },
      {
        resources: signers(),
        planned: [`${ADDRESS} delete delete_because_no_resource_config`],
        sent: [],
        check: async () => {
          expect(await signed()).toEqual([['alice', digest, true]]);
          await sign((draft) => draft.revokeTag('alice', '1'));
        },
      },
    ]);
  });

  it('shows what was signed, revoked or no longer counts behind its back, and signs its own again', async () => {
    const resources = signers() + tag();
    const again = { planned: [`${ADDRESS} create`], check: async () => expect(await signed()).toEqual(ours) };
    const ours = [['alice', digest, true]];
    await steps([
      { resources },
      {
        before: () => sign((draft) => draft.signTag('alice', '1', target(other), { replaces: [hex(digest)] })),
        resources,
        drift: { [ADDRESS]: ['digest', 'length'] },
        planned: [`${ADDRESS} update`],
        check: async () => expect(await signed()).toEqual(ours),
      },
      {
        before: () => sign((draft) => draft.revokeTag('alice', '1')),
        resources,
        drift: { [ADDRESS]: ['gone'] },
        ...again,
      },
      {
        // Bob replaces what is released and takes it back: Alice's own file still has the tag.
        before: async () => {
          await sign(async (draft) => {
            await draft.signTag('bob', '1', target(other), { replaces: [hex(digest)] });
            await draft.revokeTag('bob', '1');
          });
          expect(await signed()).toEqual([['alice', digest, false]]);
        },
        resources,
        drift: { [ADDRESS]: ['gone'] },
        ...again,
      },
      {
        before: () => putDemoImage(world.sandbox.dtr, 'admin/trustdemo', '1', 'pushed again'),
        resources,
        planned: [],
        sent: [],
        check: async (_, applied) => {
          expect(warningsOf(applied)).toContain(`${world.gun}:1 points at another image than the one signed`);
          expect(warningsOf(applied)).toContain(`Signed is ${digest}; the registry now has`);
          await putDemoImage(world.sandbox.dtr, 'admin/trustdemo', '1');
        },
      },
    ]);
  });

  it('shows which keys no longer stand behind it', async () => {
    const both = signers().replace(
      JSON.stringify([alice.certificate]),
      JSON.stringify([alice.certificate, bob.certificate]),
    );
    const keysOf = (state: ReadonlyMap<string, StateResource>) => state.get(ADDRESS)?.values['key_ids'];
    await steps([
      { resources: both + tag(), check: (state) => expect(keysOf(state)).toHaveLength(2) },
      {
        // The file is signed again, by whoever has one key only.
        before: () =>
          changeTrust(world, (draft) => draft.signTag('alice', 'x', target(other)), { keys: [alice.privateKey] }),
        resources: both + tag(),
        drift: { [ADDRESS]: ['key_ids'] },
        planned: [],
        check: async (state) => {
          expect(keysOf(state)).toHaveLength(1);
          await sign((draft) => draft.revokeTag('alice', 'x'));
        },
      },
    ]);
  });

  it('imports by GUN and by name, and takes the same signature for its own, as after a killed apply', async () => {
    const { terraform } = world;
    const resources = signers() + tag();
    await steps([
      {
        resources,
        check: async (state) => {
          for (const repository of [world.gun, 'admin/trustdemo']) {
            await forgotten();
            expect(await terraform.import(ADDRESS, `${repository}:1#alice`)).toMatchObject({ ok: true });
            expect((await terraform.state()).get(ADDRESS)?.values).toEqual(state.get(ADDRESS)?.values);
          }
        },
      },
      { before: forgotten, resources, planned: [`${ADDRESS} create`], sent: [] },
    ]);
  });

  it('refuses what it cannot sign or what would take somebody’s signature away, and sends nothing', async () => {
    const refused = (settings: Settings, text: RegExp, attribute = 'signer'): Step => ({
      resources: signers() + tag(settings),
      error: { text, at: `${ADDRESS} ${attribute}` },
    });
    await steps([
      { resources: signers() },
      refused({ signer: 'dave' }, /dave is not a signer of \S+; it has (?:(?:alice|bob|carol)(?:, )?){3}/),
      refused({ signer: 'carol' }, /1 cannot be signed as carol.*[0-9a-f]{64}/s),
      refused({ digest: `sha256:${'ab'.repeat(32)}` }, /admin\/trustdemo@sha256:(ab){32}/, 'digest'),
      {
        ...refused(
          { signer: 'bob', tag: '3' },
          new RegExp(`:3 is released with ${other} .signed by alice.; signing ${digest} would take that away`),
          'digest',
        ),
        before: () => sign((draft) => draft.signTag('alice', '3', target(other))),
      },
      {
        resources: signers(),
        planned: [],
        sent: [],
        check: async () => {
          expect((await signed('3'))?.map(([signer]) => signer)).toEqual(['alice']);
          await sign((draft) => draft.revokeTag('alice', '3'));
        },
      },
    ]);
  });
});
