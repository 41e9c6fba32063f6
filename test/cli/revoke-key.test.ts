import { createPrivateKey } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivateKey, releases } from '../../src/notary';
import type { HandmadeKey, Json } from '../contract/handmade';
import { HandmadeRepository } from '../contract/repository';
import { dct, type Run } from './a-terminal';
import { of, type Report, reportOf, revokeKey, sign } from './a-revocation';
import { type Person, person, sha256Of, startWorld, type World } from './a-world';

let world: World;
let [alice, mallory, spare]: Person[] = [];

/** Digest by tag, in what docker pulls by. */
async function releasedTags(name: string): Promise<Record<string, string | undefined>> {
  const { releasedTargets } = await world.read(name);
  const data = await world.read(name);
  return Object.fromEntries([...releasedTargets.keys()].sort().map((tag) => [tag, data.releasedTarget(tag)?.sha256]));
}

function revoke(...args: string[]): Promise<Run> {
  return revokeKey(world, mallory!, args);
}

function report(...args: string[]): Promise<Report> {
  return reportOf(world, mallory!, args);
}

function handmade({ key, privateKey }: Person): HandmadeKey {
  const { keytype, keyval } = key.toDocument();
  const object = { keytype, keyval: { private: null, public: keyval.public } };
  return { id: key.tufId, object, privateKey: createPrivateKey(privateKey) };
}

const clusters = (): string => `
[clusters.c2]
endpoint = "https://c2.example.com"
must_admit = ["${world.gun('admin/both')}:shared", "${world.gun('admin/away')}:1"]
[clusters.c2.signers.alice]
public_keys = ["alice.pem"]
private_key_path = "alice.key"
[clusters.c2.signers.mallory]
public_keys = ["mallory.pem"]
`;

const repositories = (...names: string[]): string =>
  names.map((name) => `[repositories."${name}"]\nsigners = ["c2/alice"]\n`).join('');

beforeAll(async () => {
  [alice, mallory, spare] = [await person('alice'), await person('mallory'), await person('spare')];
  const [a, m, s] = [alice, mallory, spare];
  world = await startWorld([a, m, s]);
  await world.file('alice.pem', a.certificate);
  await world.file('alice.key', a.privateKey);
  await world.file('mallory.pem', m.certificate);
  await world.repository('admin/both', async (draft) => {
    draft.addSigner('alice', [a.key]);
    await sign(draft, 'alice', 'shared', 1);
    await sign(draft, 'alice', 'own', 2);
  });
  // From here on the files are signed by mallory alone: alice's key is not used for them.
  await world.change('admin/both', async (draft) => {
    draft.addSigner('mallory', [m.key]);
    await sign(draft, 'mallory', 'shared', 1);
    await sign(draft, 'mallory', 'evil', 3);
  });
  await world.repository('admin/two-keys', async (draft) => {
    draft.addSigner('ops', [m.key, s.key]);
    await sign(draft, 'ops', '1', 4);
  });
  await world.repository('admin/clean', (draft) => draft.addSigner('alice', [a.key]));
  await world.repository('admin/away', async (draft) => {
    draft.addSigner('mallory', [m.key]);
    draft.addSigner('alice', [a.key]);
    await sign(draft, 'alice', '1', 5);
  });
  world.publishes();
});

afterAll(() => world.close());

describe('when nothing is to be done yet', () => {
  it('shows where the key stands and what depends on it, and sends nothing', async () => {
    const file = await world.topology(
      'all.toml',
      clusters() + repositories('admin/both', 'admin/two-keys', 'admin/clean', 'admin/none'),
    );
    const all = await report('--topology', file);
    expect(all).toMatchObject({
      code: 1,
      dryRun: true,
      keyIds: [mallory!.key.canonicalId],
      topologySigners: ['c2/mallory'],
    });
    expect(all.repositories.map(({ status }) => status)).toEqual(['blocked', 'removable', 'absent', 'no_trust_data']);
    expect(of(world, all, 'admin/both')).toMatchObject({
      signers: [{ name: 'mallory', keysLeft: [] }],
      unsigned: [{ tag: 'evil', digest: `sha256:${sha256Of(3)}`, lost: ['mallory'], left: [] }],
      weakened: [{ tag: 'shared', lost: ['mallory'], left: ['alice'] }],
      mustAdmit: [{ cluster: 'c2', image: `${world.gun('admin/both')}:shared` }],
      problem: { code: 'would_unsign' },
    });
    expect(of(world, all, 'admin/two-keys')).toMatchObject({
      signers: [{ name: 'ops', keysLeft: [spare!.key.canonicalId] }],
      unsigned: [],
    });
    expect(world.publishes()).toBe(0);
    const { out } = await revoke('--topology', file, '--allow-unsigning');
    expect(out).toContain('signer mallory would go: it has no other key');
    expect(out).toContain(`tag evil would lose its last signature (mallory) of sha256:${sha256Of(3)}`);
    expect(out).toContain('tag shared would lose the signature of mallory and keep alice');
    expect(out).toContain(`${file} still names the key for c2/mallory`);
    expect(out).toMatch(/4 repositories: 2 can be done, 2 without the key\. Nothing was sent; --yes does it\.\n$/);
    expect(world.publishes()).toBe(0);
  });

  it('knows the key by the ID of its certificate', async () => {
    const { code, out } = await dct(
      ['revoke-key', mallory!.key.tufId, '--repository', world.gun('admin/two-keys'), '--ca', world.caFile],
      { environment: { ...world.environment, DOCKER_CONFIG: world.directory } },
    );
    expect(out).toContain(`Key ${mallory!.key.tufId}, the same as ${mallory!.key.canonicalId}\n`);
    expect([code, out]).toEqual([0, expect.stringContaining('signer ops would keep 1 other key') as string]);
  });
});

describe('when it is done', () => {
  it('goes on where one repository refuses, one publish each, and is completed later', async () => {
    const file = await world.topology(
      'done.toml',
      clusters() + repositories('admin/both', 'admin/two-keys', 'admin/clean', 'admin/away'),
    );
    // The targets key of one repository is somewhere else.
    const { targetsKeyId } = await world.read('admin/away');
    const [key, elsewhere] = [`trust/private/${targetsKeyId}.key`, 'elsewhere.key'].map((name) =>
      join(world.directory, name),
    );
    await rename(key!, elsewhere!);
    world.publishes();

    const first = await report('--topology', file, '--yes');
    expect([first.code, first.dryRun]).toEqual([1, false]);
    expect(first.repositories.map(({ status }) => status)).toEqual(['blocked', 'removed', 'absent', 'blocked']);
    expect(of(world, first, 'admin/both').problem).toMatchObject({ code: 'would_unsign' });
    expect(of(world, first, 'admin/away').problem).toMatchObject({ code: 'key_not_at_hand' });
    expect(world.publishes()).toBe(1);
    expect((await world.read('admin/two-keys')).signer('ops')?.keys.map((one) => one.canonicalId)).toEqual([
      spare!.key.canonicalId,
    ]);
    expect(await releasedTags('admin/two-keys')).toEqual({ '1': sha256Of(4) });

    await rename(elsewhere!, key!);
    const second = await report('--topology', file, '--yes', '--allow-unsigning');
    expect(second.repositories.map(({ status }) => status)).toEqual(['removed', 'absent', 'absent', 'removed']);
    expect(second.code).toBe(0);
    expect(world.publishes()).toBe(2);
    expect(of(world, second, 'admin/both').signedAgain).toEqual([
      {
        role: releases,
        tags: { own: `sha256:${sha256Of(2)}`, shared: `sha256:${sha256Of(1)}` },
        onlyByTheKey: [],
        names: {},
      },
    ]);

    const third = await report('--topology', file, '--yes');
    expect(third.repositories.map(({ status }) => status)).toEqual(Array(4).fill('absent'));
    expect([third.code, world.publishes()]).toEqual([0, 0]);
  });

  it('what only a thief stands behind is vouched for by nobody', async () => {
    expect(await releasedTags('admin/both')).toEqual({ own: sha256Of(2), shared: sha256Of(1) });
    const data = await world.read('admin/both');
    expect(data.signers.map(({ name, failure }) => [name, failure])).toEqual([['alice', undefined]]);
    expect(data.signature('shared', 'alice')?.isReleased).toBe(true);
  });
});

describe('when the key stands elsewhere than with a signer', () => {
  it('a key of targets/releases alone goes, too, and what it had signed is signed again', async () => {
    const [a, m] = [handmade(alice!), handmade(mallory!)];
    const made = await HandmadeRepository.create(world.wire, 'admin/by-hand');
    const pem = made.targetsKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await world.keep(PrivateKey.fromPem(pem, { label: 'targets' }), { role: 'targets', gun: made.gun });
    // As `notary delegation remove targets/mallory` leaves it.
    const role = (name: string, ...keys: HandmadeKey[]): Json => ({
      keyids: keys.map(({ id }) => id),
      name,
      paths: [''],
      threshold: 1,
    });
    const roles = [role('targets/alice', a), role(releases, a, m)];
    const target = (byte: number): Json => ({
      hashes: { sha256: Buffer.alloc(32, byte).toString('base64') },
      length: byte,
    });
    const targets = { '1': target(6) };
    const released = { ...targets, '2': target(7) };
    const reply = await made.publish({
      targets: made.targets(2, { change: { delegations: { keys: { [a.id]: a.object, [m.id]: m.object }, roles } } }),
      'targets/alice': made.targets(1, { keys: [a], change: { targets } }),
      [releases]: made.targets(1, { keys: [m], change: { targets: released } }),
    });
    expect([reply.status, reply.body]).toEqual([200, '']);

    const where = ['--repository', made.gun, '--ca', world.caFile, '--trust-store', world.storeDirectory];
    // Alice has her key elsewhere, so nobody could sign the file again.
    expect(await report(...where)).toMatchObject({ repositories: [{ problem: { code: 'would_unsign' } }] });
    await world.keep(alice!.secret, { role: 'alice' });
    // Alice stands behind 1, and nobody behind 2.
    const shown = await report(...where, '--yes');
    const [found] = shown.repositories;
    expect([shown.code, found?.problem?.code]).toEqual([1, 'not_vouched_for']);
    expect(found?.signedAgain).toMatchObject([{ role: releases, onlyByTheKey: ['2'] }]);
    expect(await report(...where, '--yes', '--vouch', String(found?.vouch))).toMatchObject({
      code: 0,
      repositories: [{ status: 'removed', signers: [], inReleasesOnly: true, unsigned: [] }],
    });
    expect(await releasedTags('admin/by-hand')).toEqual({ '1': sha256Of(6), '2': sha256Of(7) });
    const { trust } = await world.read('admin/by-hand');
    expect([...(trust.delegations.get(releases)?.keys.keys() ?? [])]).toEqual([a.id]);
    expect([...(trust.targets.signed.delegations.roles ?? [])].map(({ name }) => name)).toEqual([
      'targets/alice',
      releases,
    ]);
  });
});
