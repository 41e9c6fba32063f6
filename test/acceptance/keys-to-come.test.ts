import { makeCertificate, type Made } from '../notary/certificates';
import { PublicKey } from '../../src/notary';
import { byHand, changeTrust } from './by-hand';
import { type Changes, provider, resource } from './configuration';
import type { Outcome } from './terraform';
import { World } from './world';

/** `docker trust key load` forgotten, or a plan where the keys are not: no error, since whoever applies may have them. */
describe('a plan whose apply will need a key that is not at hand', () => {
  let world: World;
  let alice: Made;
  let bob: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    [alice, bob] = [await makeCertificate(), await makeCertificate()];
  });
  afterAll(() => world.close());

  const repository = resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' });
  const signer = (name: string, { certificate }: Made): string =>
    resource('signer_delegation', name, {
      repository: '${dct_repository.it.gun}',
      signer: name,
      public_keys: [certificate],
    });
  const tags = async (after: readonly string[]): Promise<string> => {
    const digest = await world.digest('1');
    const tag = (name: string) =>
      resource(
        'signed_tag',
        `t${name}`,
        { repository: 'admin/trustdemo', tag: name, signer: 'alice', digest },
        { after },
      );
    return tag('1') + tag('2');
  };
  const planned = async (resources: string, changes: Changes = {}): Promise<Outcome> => {
    await world.terraform.configure(`${provider(world, changes)}\n${resources}`);
    return world.terraform.must(world.terraform.outline());
  };
  const SUMMARY =
    /^No tag can be signed as alice: targets\/alice of \S+ has to be signed, and no key of it that could sign is at hand: ([0-9a-f]{64}) \(there is no key \1 in \S+\)$/;
  const DETAIL = [
    'The apply fails, unless such a key is at hand by then.',
    "What to do: Load the signer's private key (docker trust key load --name alice key.pem).",
    'In the configuration: signing_keys takes keys that are in no trust store',
    '(key_not_at_hand)',
  ].join('\n');
  const expectOne = (
    { warnings }: Outcome,
    address: string | RegExp,
    attribute: string,
    [summary, detail]: [RegExp, string],
  ) => {
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.summary).toMatch(summary);
    expect(warnings[0]?.detail).toContain(detail);
    expect(warnings[0]?.address).toMatch(address);
    expect(warnings[0]?.snippet?.code).toContain(`  ${attribute} = `);
  };

  it('says so once for all tags of a signer that comes in the same plan, and not where the key is here', async () => {
    const all = repository + signer('alice', alice) + (await tags(['dct_signer_delegation.alice']));
    expectOne(await planned(all), /^dct_signed_tag\.t[12]$/, 'signer', [SUMMARY, DETAIL]);
    expect((await planned(all, { keys: { alice: alice.privateKey } })).warnings).toEqual([]);
  });

  it('says so of a signer that is there already, of whom this stack knows nothing', async () => {
    await byHand(world, (trust, store) =>
      trust.initialise({ rootKey: () => store.rootKey({ create: true }), add: (key, about) => store.add(key, about) }),
    );
    await changeTrust(world, (draft) =>
      draft.addSigner('alice', [PublicKey.fromPem(alice.certificate, { label: 'alice' })]),
    );
    const both = await tags([]);
    expectOne(await planned(both), /^dct_signed_tag\.t[12]$/, 'signer', [SUMMARY, DETAIL]);
    expect((await planned(both, { keys: { alice: alice.privateKey } })).warnings).toEqual([]);
  });

  it('says so of the repository’s own key, for a new signer', async () => {
    const bobs = signer('bob', bob).replace('${dct_repository.it.gun}', world.gun);
    expect((await planned(bobs)).warnings).toEqual([]);
    const without = await planned(bobs, { trustStore: { directory: `${world.trustStore}-of-another` } });
    expectOne(without, 'dct_signer_delegation.bob', 'repository', [
      /^Signers cannot be changed: targets of \S+ has to be signed, and no key of it that could sign is at hand: /,
      'The apply fails, unless such a key is at hand by then.\nWhat to do: Copy private/',
    ]);
    await byHand(world, (trust) => trust.deleteTrustData());
  });
});
