import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { newKeys } from '../../src/cli/revoke-key/new-keys';
import { find, type Outcome, revoke } from '../../src/cli/revoke-key/revocation';
import { type TrustData, TrustRepository, TrustStore } from '../../src/notary';
import { of, type Report, reportOf, revokeKey, sign } from './a-revocation';
import { ctrlC } from './a-terminal';
import { type Person, person, sha256Of, startWorld, type World } from './a-world';

let world: World;
let [alice, mallory, spare]: Person[] = [];

beforeAll(async () => {
  [alice, mallory, spare] = await Promise.all(['alice', 'mallory', 'spare'].map(person));
  world = await startWorld([alice!, mallory!, spare!]);
  await world.file('mallory.pem', mallory!.certificate);
  await world.file('spare.key', spare!.privateKey);
  await world.keep(spare!.secret, { role: 'ops' });
  await world.keep(alice!.secret, { role: 'alice' });
});

afterAll(() => world.close());

const where = (...names: string[]): string[] => [
  ...names.flatMap((name) => ['--repository', name.includes(':') ? name : world.gun(name)]),
  ...['--ca', world.caFile, '--trust-store', world.storeDirectory],
];

/** `ops` has two keys, and with one of them alone it signed. */
async function signedByOneOfTwo(name: string, ...tags: string[]): Promise<void> {
  await world.repository(name, (draft) => draft.addSigner('ops', [mallory!.key, spare!.key]));
  await malloryAlone(name, ...tags);
}

async function malloryAlone(name: string, ...tags: string[]): Promise<void> {
  await world.change(
    name,
    async (draft) => {
      for (const [index, tag] of tags.entries()) await sign(draft, 'ops', tag, index + 1);
    },
    [mallory!],
  );
}

function report(...args: string[]): Promise<Report> {
  return reportOf(world, mallory!, args);
}

describe('when what is to be signed again was signed with the key alone', () => {
  it('nobody vouches for it before the user has seen it, and for nothing else', async () => {
    await signedByOneOfTwo('admin/alone', '1');
    world.publishes();
    const shown = await report(...where('admin/alone'));
    const { problem, vouch, signedAgain } = of(world, shown, 'admin/alone');
    expect([shown.code, problem?.code]).toEqual([1, 'not_vouched_for']);
    expect(problem?.cure).toContain(`--vouch ${String(vouch)}`);
    expect(signedAgain?.map(({ role, onlyByTheKey }) => [role, onlyByTheKey])).toEqual([
      ['targets/ops', ['1']],
      ['targets/releases', ['1']],
    ]);
    expect((await report(...where('admin/alone'), '--yes')).code).toBe(1);
    expect(world.publishes()).toBe(0);

    // Who has the key can go on signing until it is gone.
    await malloryAlone('admin/alone', '1', 'evil');
    world.publishes();
    const late = await report(...where('admin/alone'), '--yes', '--vouch', String(vouch));
    expect(of(world, late, 'admin/alone').problem?.code).toBe('not_vouched_for');
    expect(world.publishes()).toBe(0);

    const seen = String(of(world, late, 'admin/alone').vouch);
    const dry = await report(...where('admin/alone'), '--vouch', seen);
    expect([dry.code, of(world, dry, 'admin/alone').status, world.publishes()]).toEqual([0, 'removable', 0]);
    expect((await report(...where('admin/alone'), '--yes', '--vouch', seen)).code).toBe(0);
    expect(world.publishes()).toBe(1);
    const data = await world.read('admin/alone');
    expect(data.signature('evil', 'ops')).toMatchObject({ isReleased: true, keyIds: [spare!.key.canonicalId] });
  });

  it('another signer’s word does not count for this one, and a person sees which digests to look at', async () => {
    await signedByOneOfTwo('admin/shown', '1');
    await world.change('admin/shown', (draft) => draft.addSigner('alice', [alice!.key]));
    await world.change('admin/shown', (draft) => sign(draft, 'alice', '1', 1), [alice!]);
    const { out } = await revokeKey(world, mallory!, where('admin/shown'));
    expect(out).toContain('  signer ops would keep 1 other key\n  targets/ops would be signed again by other keys:\n');
    expect(out).toContain(`    1 sha256:${sha256Of(1)}  ONLY THIS KEY HAD SIGNED IT: look at it\n`);
    expect(out).toMatch(/if they are what you want signed, add --vouch [0-9a-f]{64}\n/);
  });
});

describe('when several signers have the key', () => {
  it('it goes from each of them in one publish', async () => {
    await world.repository('admin/several', async (draft) => {
      draft.addSigner('mallory', [mallory!.key]);
      draft.addSigner('ops', [mallory!.key, spare!.key]);
      await sign(draft, 'mallory', 'both', 1);
      await sign(draft, 'ops', 'both', 1);
    });
    world.publishes();
    const done = await report(...where('admin/several'), '--yes');
    expect([done.code, world.publishes()]).toEqual([0, 1]);
    expect(of(world, done, 'admin/several')).toMatchObject({
      status: 'removed',
      signers: [
        { name: 'mallory', keysLeft: [] },
        { name: 'ops', keysLeft: [spare!.key.canonicalId] },
      ],
      unsigned: [],
      weakened: [{ tag: 'both', lost: ['mallory'], left: ['ops'] }],
    });
    const data = await world.read('admin/several');
    expect(data.signers.map(({ name, keys }) => [name, keys.map(({ canonicalId }) => canonicalId)])).toEqual([
      ['ops', [spare!.key.canonicalId]],
    ]);
    expect(data.releasedTarget('both')?.sha256).toBe(sha256Of(1));
  });
});

describe('when not everything is in reach', () => {
  beforeAll(async () => {
    await world.repository('admin/reached', async (draft) => {
      draft.addSigner('mallory', [mallory!.key]);
      draft.addSigner('alice', [alice!.key]);
      await sign(draft, 'mallory', '1', 1);
      await sign(draft, 'alice', '1', 1);
    });
  });

  it('other repositories are still looked at, and the exit code says so', async () => {
    const all = await report(...where('localhost:1/admin/gone', 'admin/reached', 'admin/blank'));
    expect(all.repositories.map(({ status, problem }) => [status, problem?.code])).toEqual([
      ['unread', 'unreachable'],
      ['removable', undefined],
      ['no_trust_data', undefined],
    ]);
    expect(all.code).toBe(1);
  });

  it('what depends on the key is listed even where the key to change that is elsewhere', async () => {
    const { targetsKeyId } = await world.read('admin/reached');
    const file = join(world.storeDirectory, 'private', `${targetsKeyId}.key`);
    await rename(file, join(world.directory, 'elsewhere'));
    const { out } = await revokeKey(world, mallory!, where('admin/reached'));
    const found = of(world, await report(...where('admin/reached')), 'admin/reached');
    await rename(join(world.directory, 'elsewhere'), file);
    expect(found).toMatchObject({
      signedWithIt: [{ tag: '1', lost: ['mallory'], left: ['alice'] }],
      problem: { code: 'key_not_at_hand' },
    });
    expect(out).toContain(`tag 1 is signed with it (mallory), and by alice: sha256:${sha256Of(1)}\n`);
  });

  it('Ctrl-C at a question ends all questions, and nothing is sent', async () => {
    await world.repository('admin/other', (draft) => draft.addSigner('mallory', [mallory!.key]));
    world.publishes();
    const environment = { DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: '' };
    const options = { environment, answers: [ctrlC, ctrlC] };
    const args = [...where('admin/reached', 'admin/other'), '--yes'];
    const { code, out, asked } = await revokeKey(world, mallory!, args, options);
    expect([code, asked.length, world.publishes()]).toEqual([1, 1, 0]);
    expect(out).toContain('2 repositories: 2 not tried.');
  });

  it('what a signal comes before is not begun', async () => {
    world.publishes();
    const { code, out, err } = await revokeKey(world, mallory!, [...where('admin/reached'), '--yes'], {
      whenAt: (progress) => progress.startsWith('reading'),
    });
    expect([code, world.publishes()]).toEqual([1, 0]);
    expect(out).toContain('not tried: interrupted');
    expect(err).toBe('dct: stopping when what is under way is finished\n');
  });
});

describe('when a publish does not go by the book', () => {
  type Change = Parameters<TrustRepository['change']>;

  /** Takes away mallory's key, with this done before and after the publish. */
  async function revokeAround(
    name: string,
    { before, after }: { before?: () => Promise<void>; after?: () => void },
  ): Promise<Outcome['status']> {
    class Around extends TrustRepository {
      override async change(...args: Change): Promise<TrustData> {
        await before?.();
        const data = await super.change(...args);
        after?.();
        return data;
      }
    }
    const repository = new Around(world.gun(name), world.options);
    const consent = { allowUnsigning: false, vouched: new Set<string>() };
    const found = await find(repository.gun, repository);
    const store = new TrustStore({ directory: world.storeDirectory });
    const revoked = new Set([mallory!.key.canonicalId]);
    const options = {
      store,
      atHand: world.options.keys,
      rootKeyId: undefined,
      createRootKey: false,
      ownSnapshotKey: false,
    };
    return (await revoke(found, revoked, consent, newKeys(options, revoked))).status;
  }

  const signers = async (name: string): Promise<string[]> => (await world.read(name)).signers.map((one) => one.name);

  it('an answer that was lost is looked up', async () => {
    await world.repository('admin/lost', (draft) => draft.addSigner('mallory', [mallory!.key]));
    const after = (): void => {
      throw new Error('reset');
    };
    expect(await revokeAround('admin/lost', { after })).toBe('removed');
    expect(await signers('admin/lost')).toEqual([]);
  });

  it('whom somebody else gives the key meanwhile loses it as well', async () => {
    await world.repository('admin/race', (draft) => draft.addSigner('mallory', [mallory!.key]));
    let isFirst = true;
    const before = async (): Promise<void> => {
      if (isFirst) await world.change('admin/race', (draft) => draft.addSigner('ops', [mallory!.key, spare!.key]));
      isFirst = false;
    };
    world.publishes();
    expect(await revokeAround('admin/race', { before })).toBe('removed');
    // Theirs, and one of ours.
    expect(world.publishes()).toBe(2);
    const { signers: left } = await world.read('admin/race');
    expect(left.map(({ name, keys }) => [name, keys.map(({ canonicalId }) => canonicalId)])).toEqual([
      ['ops', [spare!.key.canonicalId]],
    ]);
  });
});

describe('when the ID is not that of a key in the repositories', () => {
  it('a certificate that only the topology has is known by its own ID, too', async () => {
    const signer = `[clusters.c2]\nendpoint = "https://c2.example.com"\n[clusters.c2.signers.mallory]\npublic_keys = ["mallory.pem"]\n`;
    const file = await world.topology(
      'known.toml',
      `${signer}[repositories."admin/blank"]\nsigners = ["c2/mallory"]\n`,
    );
    const all = await reportOf(world, mallory!.key.tufId.toUpperCase(), ['--topology', file]);
    expect([all.code, all.keyIds, all.topologySigners]).toEqual([0, [mallory!.key.canonicalId], ['c2/mallory']]);
  });

  it('a person is asked whether it is the right one', async () => {
    const { code, out } = await revokeKey(world, spare!, where('admin/blank'));
    expect(code).toBe(0);
    expect(out).toContain(`Without trust data: ${world.gun('admin/blank')}\n`);
    expect(out).toContain('1 repository: 1 without the key.\nIf that is a surprise: is it the right ID?');
  });
});
