import { makeCertificate, type Made } from '../notary/certificates';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivateKey, PublicKey, TrustStore } from '../../src/notary';
import { byHand, changeTrust } from './by-hand';
import { type Changes, provider, resource } from './configuration';
import type { Outcome } from './terraform';
import { World } from './world';

/** `docker trust key load` forgotten, or a plan where the keys are not: no error, since whoever applies may have them. */
describe('a plan whose apply will need a key that is not at hand', () => {
  let world: World;
  let alice: Made;
  let bob: Made;
  let carol: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    [alice, bob, carol] = [await makeCertificate(), await makeCertificate(), await makeCertificate()];
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
    'The apply fails, unless such a key is at hand by then, or another one is to sign.',
    "What to do: Load the signer's private key (docker trust key load --name alice key.pem).",
    'In the configuration: trust_store.directory is the store it has to be in (docker loads into that of its DOCKER_CONFIG); signing_keys takes keys that are in none',
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
      'The apply fails, unless such a key is at hand by then, or another one is to sign.\nWhat to do: Copy private/',
    ]);
  });

  describe('says nothing', () => {
    it('of a tag that is signed already', async () => {
      const sha256 = (await world.digest('1')).slice('sha256:'.length);
      const manifest = await world.sandbox.dtr.images.manifest('admin/trustdemo', '1');
      const target = { sha256, length: manifest?.bytes.length ?? 0 };
      await changeTrust(world, (draft) => draft.signTag('alice', '1', target), { keys: [alice.privateKey] });
      const both = await planned(await tags([]));
      expect(both.warnings.map(({ address }) => address)).toEqual(['dct_signed_tag.t2']);
      await changeTrust(world, (draft) => draft.signTag('alice', '2', target), { keys: [alice.privateKey] });
      expect((await planned(await tags([]))).warnings).toEqual([]);
    });

    it('where the passphrase of the key is known only at apply', async () => {
      const another = `${world.trustStore}-closed`;
      const store = new TrustStore({ directory: another, passphrase: () => 'known only at apply' });
      const key = PrivateKey.fromPem(carol.privateKey, { label: 'carol' });
      await store.add(key, { role: 'carol' });
      const secret = 'resource "terraform_data" "secret" {\n  input = "known only at apply"\n}\n';
      const signs = signer('carol', carol).replace('${dct_repository.it.gun}', world.gun);
      const digest = await world.digest('1');
      const tag = resource(
        'signed_tag',
        'carols',
        { repository: 'admin/trustdemo', tag: '9', signer: 'carol', digest },
        { after: ['dct_signer_delegation.carol'] },
      );
      const passphrases = { [key.canonicalId]: '${terraform_data.secret.output}' };
      const directory = { directory: another };
      const closed = await planned(secret + signs + tag, { trustStore: directory });
      expect(closed.warnings.map(({ address }) => address).sort()).toEqual([
        'dct_signed_tag.carols',
        'dct_signer_delegation.carol',
      ]);
      const later = await planned(secret + signs + tag, { trustStore: { ...directory, passphrases } });
      expect(later.warnings).toEqual([]);
    });

    it('of a targets key that the same plan rotates', async () => {
      await byHand(world, (trust) => trust.deleteTrustData());
      const rotating = (targets: number) =>
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete', rotate: { targets } });
      await world.terraform.configure(provider(world) + rotating(1));
      await world.terraform.must(world.terraform.apply());
      const targets = (await world.terraform.state()).get('dct_repository.it')?.values['targets_key_id'];
      await rm(join(world.trustStore, 'private', `${String(targets)}.key`));
      const warned = await planned(rotating(1) + signer('bob', bob));
      expect(warned.warnings.map(({ address }) => address)).toEqual(['dct_signer_delegation.bob']);
      expect((await planned(rotating(2) + signer('bob', bob))).warnings).toEqual([]);
      await world.terraform.must(world.terraform.apply());
      await world.terraform.must(world.terraform.destroy());
    });
  });
});
