import * as v from 'valibot';
import { type Intent, PublicKey, type Target } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand, changeTrust, signAsRepository } from './by-hand';
import { block, provider, resource } from './configuration';
import { World } from './world';

const tagShape = v.object({
  tag: v.string(),
  digest: v.string(),
  length: v.number(),
  signers: v.array(v.string()),
  released: v.boolean(),
  by_repository_key: v.boolean(),
});
const shape = v.object({ signed_tags: v.array(tagShape), signers: v.array(v.unknown()) });

describe('dct_trust_data', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 2 })));
  afterAll(() => world.close());

  /** Reads it, checks that a second plan is empty, and returns its values. */
  const read = async (more = ''): Promise<unknown> => {
    const { terraform } = world;
    const data = block('data "dct_trust_data" "it"', { repository: 'admin/trustdemo' });
    await terraform.configure(`${provider(world)}${more}${data}output "it" {\n  value = data.dct_trust_data.it\n}\n`);
    await terraform.must(terraform.apply());
    return (await terraform.outputs())['it'];
  };

  it('says so when there is none', async () => {
    expect(await read()).toEqual({
      repository: 'admin/trustdemo',
      gun: world.gun,
      id: world.gun,
      exists: false,
      root_key_ids: [],
      targets_key_id: null,
      snapshot_managed_by: null,
      signers: [],
      signed_tags: [],
      versions: {},
      expiries: {},
      root_certificate_expiry: null,
    });
  });

  it('has keys, signers, signed tags and every expiry', async () => {
    const cert = await world.pem('cluster2', 'cert.pem');
    const resources = [
      resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
      resource('signer_delegation', 'it', {
        repository: '${dct_repository.it.name}',
        signer: 'cluster2admin',
        public_keys: [cert],
        allow_unsigning: true,
      }),
    ].join('\n');
    await world.terraform.configure(provider(world) + resources);
    await world.terraform.must(world.terraform.apply());
    const target = { sha256: (await world.digest('1')).slice('sha256:'.length), length: 1234 };
    const another = { sha256: 'ab'.repeat(32), length: 12 };
    const keys = [await world.pem('cluster2', 'key.pem')];
    await changeTrust(world, sign('1', target), { keys });
    await changeTrust(world, sign('2', another), { keys });

    const { canonicalId } = PublicKey.fromPem(cert, { label: 'cert.pem' });
    const found = await read(resources);
    const values = (await world.terraform.state()).get('dct_repository.it')!.values;
    const instant = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
    expect(found).toEqual({
      repository: 'admin/trustdemo',
      gun: world.gun,
      id: world.gun,
      exists: true,
      root_key_ids: values['root_key_ids'],
      targets_key_id: values['targets_key_id'],
      snapshot_managed_by: 'server',
      signers: [{ name: 'cluster2admin', role: 'targets/cluster2admin', key_ids: [canonicalId], problem: null }],
      signed_tags: [entry('1', target), entry('2', another)],
      versions: {
        root: 1,
        targets: expect.any(Number) as number,
        snapshot: expect.any(Number) as number,
        timestamp: expect.any(Number) as number,
        'targets/cluster2admin': expect.any(Number) as number,
        'targets/releases': expect.any(Number) as number,
      },
      expiries: {
        root: instant,
        targets: instant,
        snapshot: instant,
        timestamp: instant,
        'targets/cluster2admin': instant,
        'targets/releases': instant,
      },
      root_certificate_expiry: instant,
    });
    await world.expectNothingLeft();
  });

  it('has several signers, digests that are not released, what the repository key signed, and what does not count', async () => {
    const people = { alice: await makeCertificate(), bob: await makeCertificate(), carol: await makeCertificate() };
    const other = await makeCertificate();
    const keyOf = ({ certificate }: Made) => PublicKey.fromPem(certificate, { label: 'a key of the test' });
    const [first, second, third] = ['1', '2', '3'].map((digit) => ({
      sha256: digit.repeat(64),
      length: Number(digit),
    }));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three targets');
    await byHand(world, (repository, store) =>
      repository.initialise({
        rootKey: () => store.rootKey({ create: true }),
        add: (key, about) => store.add(key, about),
      }),
    );
    await changeTrust(
      world,
      async (draft) => {
        for (const [name, person] of Object.entries(people))
          draft.addSigner(name, name === 'bob' ? [keyOf(person), keyOf(other)] : [keyOf(person)]);
        await draft.signTag('carol', 'a', first);
        await draft.signTag('alice', 'b', first);
        await draft.signTag('bob', 'b', first);
        await draft.signTag('alice', 'c', second);
        await draft.signTag('bob', 'c', first, { replaces: [second.sha256] });
      },
      { keys: Object.values(people).map(({ privateKey }) => privateKey) },
    );
    // Carol's file stays, signed with a key that is not hers any more.
    await changeTrust(world, (draft) => draft.setSignerKeys('carol', [keyOf(other)], { allowUnsigning: true }), {
      keys: [people.alice.privateKey, people.bob.privateKey],
    });
    await signAsRepository(world, { a: first, d: third });

    const found = v.parse(shape, await read());
    const tag = (name: string, { sha256, length }: Target, more: Partial<v.InferOutput<typeof tagShape>>) => ({
      ...{ tag: name, digest: `sha256:${sha256}`, length, signers: [], released: false, by_repository_key: false },
      ...more,
    });
    expect(found.signed_tags).toEqual([
      tag('a', first, { released: true, by_repository_key: true }),
      tag('b', first, { released: true, signers: ['alice', 'bob'] }),
      tag('c', first, { released: true, signers: ['bob'] }),
      tag('c', second, { signers: ['alice'] }),
      tag('d', third, { by_repository_key: true }),
    ]);
    const ids = (...of: readonly Made[]) => of.map((each) => keyOf(each).canonicalId).sort();
    expect(found.signers).toEqual([
      { name: 'alice', role: 'targets/alice', key_ids: ids(people.alice), problem: null },
      { name: 'bob', role: 'targets/bob', key_ids: ids(people.bob, other), problem: null },
      {
        name: 'carol',
        role: 'targets/carol',
        key_ids: ids(other),
        problem: expect.stringContaining('targets/carol') as string,
      },
    ]);
    await byHand(world, (repository) => repository.deleteTrustData());
  });

  const sign =
    (tag: string, target: Target): Intent =>
    async (draft) => {
      await draft.signTag('cluster2admin', tag, target);
    };
  const entry = (tag: string, { sha256, length }: Target) => ({
    tag,
    digest: `sha256:${sha256}`,
    length,
    signers: ['cluster2admin'],
    released: true,
    by_repository_key: false,
  });
});
