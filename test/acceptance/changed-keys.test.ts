import { rm } from 'node:fs/promises';
import type { PublicKey } from '../../src/notary/keys';
import { PrivateKey, rootCertificate } from '../../src/notary/keys';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

// Rule 5 through the provider (reference: changing keys, what breaks).

const people = ['alice', 'bob', 'carol'] as const;
type Person = (typeof people)[number];
const keys: Record<Person, PrivateKey> = {
  alice: PrivateKey.generate(),
  bob: PrivateKey.generate(),
  carol: PrivateKey.generate(),
};
const image = { sha256: '1'.repeat(64), length: 100 };
const pem = (key: PublicKey): string => key.toPem() ?? '';

describe('when the keys of signers change', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 1 })));
  afterAll(() => world.close());
  // bob and carol signed v1, then alice v2: releases carries the signature of alice alone
  beforeEach(async () => {
    await configure();
    await world.terraform.must(world.terraform.apply());
    for (const [signer, tag] of [
      ['bob', 'v1'],
      ['carol', 'v1'],
      ['alice', 'v2'],
    ] as const) {
      await changeTrust(world, (draft) => draft.signTag(signer, tag, image), { keys: [secret(signer)] });
    }
  });
  afterEach(async () => {
    await world.terraform.run(
      'state',
      'rm',
      'dct_repository.it',
      ...people.map((who) => `dct_signer_delegation.${who}`),
    );
    await byHand(world, (repository) => repository.deleteTrustData());
    await rm(world.trustStore, { recursive: true, force: true });
  });

  const secret = (who: Person): string => pemOf(keys[who]);
  /** `signers`: public keys by name; `atHand`: whose private keys the provider has. */
  const configure = async (
    signers: Partial<Record<Person, readonly PublicKey[]>> = {},
    atHand: Readonly<Record<string, PrivateKey>> = {},
    who: readonly Person[] = people,
  ): Promise<void> => {
    const secrets = Object.entries(atHand).map(([name, key]) => [name, pemOf(key)]);
    await world.terraform.configure(
      [
        provider(world, { keys: Object.fromEntries(secrets) as Record<string, string> }),
        resource('repository', 'it', { name: 'admin/trustdemo' }),
        ...who.map((signer) =>
          resource('signer_delegation', signer, {
            repository: '${dct_repository.it.gun}',
            signer,
            public_keys: (signers[signer] ?? [keys[signer].publicKey]).map(pem),
          }),
        ),
      ].join('\n'),
    );
  };
  const signers = (tag: string) =>
    byHand(world, async (repository) => {
      const data = await repository.read();
      return data
        ?.signatures(tag)
        .flatMap(({ signer, isReleased }) => (isReleased ? [signer] : []))
        .sort();
    });
  const refused = async (): Promise<string> => {
    forget(world);
    const outcome = await world.terraform.apply();
    expect(outcome.ok).toBe(false);
    expect(outcome.stdout).not.toContain('apply_start');
    expect(writes(world)).toEqual([]);
    return complaints(outcome);
  };
  const applied = async () => {
    const done = await world.terraform.must(world.terraform.apply());
    return done;
  };

  it('removes one of three signers where a key that stays can sign again, and says what loses its signer', async () => {
    await configure({}, { bob: keys.bob }, ['bob', 'carol']);
    const plan = await world.terraform.must(world.terraform.outline());
    expect(warningsOf(plan)).toContain(
      `alice was the only signer of tag v2 in ${world.gun}; with alice gone no signer stands behind that: have another one sign what is still wanted`,
    );
    expect(warningsOf(await applied())).toContain('alice was the only signer of tag v2');
    expect(await signers('v1')).toEqual(['bob', 'carol']);
    expect(await signers('v2')).toEqual([]);
  });

  it('does not remove one of three signers where no key that stays is here', async () => {
    await configure({}, { alice: keys.alice }, ['bob', 'carol']);
    const said = await refused();
    expect(said).toContain('targets/releases: v1 (signed by bob, carol), v2 (signed by alice)');
    expect(said).toContain(`one of the keys that stay at hand (${[keys.bob, keys.carol].map(idOf).sort().join(', ')})`);
    expect(await signers('v2')).toEqual(['alice']);
  });

  const renewed = (): PublicKey => rootCertificate(keys.alice, 'alice', new Date());

  it('renews a certificate without the key only side by side with the old one', async () => {
    const certificate = renewed();
    await configure({ alice: [certificate] });
    expect(await refused()).toContain('targets/alice: v2 (signed by alice); targets/releases: v1');
    await configure({ alice: [keys.alice.publicKey, certificate] });
    await applied();
    expect(await signers('v2')).toEqual(['alice']);
  });

  it.each([
    ['none', {}],
    ['only the old one', { alice: keys.alice }],
    ['only another signer’s', { bob: keys.bob }],
  ])('does not replace a key where %s is here', async (_, atHand) => {
    await configure({ alice: [PrivateKey.generate().publicKey] }, atHand);
    expect(await refused()).toContain('targets/alice: v2 (signed by alice)');
  });

  it('warns that a signer who comes back brings old signatures back', async () => {
    await configure({}, { bob: keys.bob }, ['bob', 'carol']);
    await applied();
    await configure({}, { bob: keys.bob });
    expect(warningsOf(await applied())).toContain(
      `${world.gun} still has an old targets/alice signed by these keys: tag v2 will be signed again; revoke what shall not be`,
    );
    expect(await signers('v2')).toEqual(['alice']);
  });
});

describe('when a signer and what the signer signed are destroyed together', () => {
  it('says nothing of signatures that would stop being valid', async () => {
    const world = await World.start({ clusters: 1 });
    const { terraform } = world;
    try {
      await terraform.configure(
        [
          provider(world, { keys: { alice: pemOf(keys.alice) } }),
          resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
          resource('signer_delegation', 'alice', {
            repository: '${dct_repository.it.gun}',
            signer: 'alice',
            public_keys: [pem(keys.alice.publicKey)],
          }),
          ...['1', '2'].map((tag) =>
            resource(
              'signed_tag',
              `t${tag}`,
              { repository: '${dct_repository.it.gun}', tag, signer: 'alice', digest: '${data.dct_image.it.digest}' },
              { after: ['dct_signer_delegation.alice'] },
            ),
          ),
          'data "dct_image" "it" {\n  repository = "admin/trustdemo"\n  tag = "1"\n}\n',
        ].join('\n'),
      );
      await terraform.must(terraform.apply());
      expect(warningsOf(await terraform.must(terraform.destroy()))).not.toContain('only signer');
    } finally {
      await world.close();
    }
  });
});

describe('when a signer comes back whose old file is still there', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 1 })));
  afterAll(() => world.close());

  it('says at plan what will be signed again, and after the apply what is', async () => {
    const { terraform, gun } = world;
    const configure = (signer: string) =>
      terraform.configure(
        provider(world) + resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }) + signer,
      );
    const alice = (settings: Settings = {}): string =>
      resource('signer_delegation', 'alice', {
        ...{ repository: '${dct_repository.it.gun}', signer: 'alice', public_keys: [pem(keys.alice.publicKey)] },
        ...{ allow_unsigning: true, ...settings },
      });
    await configure(alice());
    await terraform.must(terraform.apply());
    await changeTrust(world, (draft) => draft.signTag('alice', 'v1', image), { keys: [pemOf(keys.alice)] });
    await configure('');
    await terraform.must(terraform.apply());
    await configure(alice());
    const old = `${gun} still has an old targets/alice signed by these keys: tag v1`;
    const plan = await terraform.must(terraform.plan());
    expect(warningsOf(plan)).toContain(`${old} will be signed again; revoke what shall not be`);
    expect(warningsOf(plan)).not.toContain('is signed again');
    const applied = await terraform.must(terraform.applyPlan());
    expect(warningsOf(applied)).toContain(`${old} is signed again; revoke what shall not be`);
    await terraform.expectNoChanges();
    await configure(alice({ signer: 'bob' }));
    expect(warningsOf(await terraform.must(terraform.plan()))).not.toContain('an old targets/bob');
  });

  it('is silent where the server is not there, or has nothing yet', async () => {
    const { terraform } = world;
    for (const [registry, name] of [
      [{ notary_url: 'https://localhost:1' }, 'admin/trustdemo'],
      [{}, 'admin/none'],
    ] as const) {
      const other = await world.anotherTerraform();
      await other.configure(
        provider(world, { registry }) +
          resource('signer_delegation', 'alice', {
            ...{ repository: name, signer: 'alice', public_keys: [pem(keys.alice.publicKey)] },
          }),
      );
      const plan = await other.must(other.plan());
      await other.close();
      expect(warningsOf(plan)).toBe('');
    }
    await terraform.must(terraform.destroy());
  });
});

describe('when everything goes, and the key of a signer is not here', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 1 })));
  afterAll(() => world.close());

  it('says what to do, and that works as it is printed', async () => {
    const digest = await world.digest('1');
    const configure = (atHand: Record<string, string>, signer: Settings = {}, tag: Settings = {}) =>
      world.terraform.configure(
        [
          provider(world, { keys: atHand }),
          resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete' }),
          resource('signer_delegation', 'alice', {
            repository: '${dct_repository.it.gun}',
            signer: 'alice',
            public_keys: [pem(keys.alice.publicKey)],
            ...signer,
          }),
          resource(
            'signed_tag',
            'it',
            { repository: '${dct_repository.it.gun}', tag: '1', signer: 'alice', digest, ...tag },
            { after: ['dct_signer_delegation.alice'] },
          ),
        ].join('\n'),
      );
    const { terraform } = world;
    await configure({ alice: pemOf(keys.alice) });
    await terraform.must(terraform.apply());
    await configure({});
    forget(world);
    const said = complaints(await terraform.destroy());
    expect(said).toContain("alice's signature of tag 1 cannot be taken back");
    expect(said).toContain(
      'set on_destroy = "keep" here and allow_unsigning = true in its dct_signer_delegation, apply that, which sends nothing, and destroy then',
    );
    await configure({}, { allow_unsigning: true }, { on_destroy: 'keep' });
    await terraform.must(terraform.apply());
    expect(writes(world)).toEqual([]);
    await terraform.must(terraform.destroy());
    await world.expectNothingLeft();
  });
});

function idOf({ canonicalId }: PrivateKey): string {
  return canonicalId;
}

function pemOf(key: PrivateKey): string {
  const lines = key
    .exportPkcs8()
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}-----END PRIVATE KEY-----\n`;
}
