import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Expiring, expiringParts, PrivateKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { byHand, changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { actions, changed, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const DAY = 86_400_000;

describe('as time goes by', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  let now = new Date();
  const start = new Date();
  const travel = (days: number): void => {
    now = new Date(start.getTime() + days * DAY);
  };
  beforeAll(async () => {
    world = await World.start({ clusters: 1, clock: () => now });
    alice = await makeCertificate({ notAfter: new Date('2060-01-01T00:00:00Z') });
    digest = await world.digest('1');
  });
  afterAll(() => world.close());
  beforeEach(() => {
    travel(0);
  });
  afterEach(async () => {
    await configure();
    await world.expectNothingLeft();
  });

  const configure = (
    settings: Settings = {},
    { keys = true, tag = {}, store }: { readonly keys?: boolean; readonly tag?: Settings | null; store?: string } = {},
  ): Promise<void> =>
    world.terraform.configure(
      [
        provider(world, {
          ...(keys && { keys: { alice: alice.privateKey } }),
          ...(store !== undefined && { trustStore: { directory: store, create_root_key: false } }),
        }),
        resource('repository', 'it', { name: 'admin/trustdemo', on_destroy: 'delete', ...settings }),
        resource('signer_delegation', 'alice', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: [alice.certificate],
        }),
        tag === null
          ? ''
          : resource(
              'signed_tag',
              'it',
              { repository: '${dct_repository.it.gun}', tag: '1', signer: 'alice', digest, ...tag },
              { after: ['dct_signer_delegation.alice'] },
            ),
      ].join('\n'),
    );
  const apply = async () => {
    const done = await world.terraform.must(world.terraform.apply());
    return done;
  };
  const read = () =>
    byHand(world, (repository) => repository.read({ allowExpired: true }), { clock: () => now }).then((data) => data!);
  const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
  const days = async (role: 'root' | 'targets' | 'targets/alice' | 'targets/releases'): Promise<number> =>
    Math.round(((await read()).expiries.get(role)!.getTime() - start.getTime()) / DAY);

  it.each([
    ['a month before the end', 1095 - 20],
    ['when it is over', 1095 + 20],
  ])('targets, the signer’s file and the released tags are renewed %s', async (_, at) => {
    await configure();
    await apply();
    travel(at);
    const { terraform } = world;
    const plan = await terraform.must(terraform.plan());
    expect(plan.drift.map((each) => [each.address, ...changed(each)])).toEqual([
      ['dct_repository.it', 'renewal_due'],
      ['dct_signed_tag.it', 'renewal_due'],
    ]);
    expect(actions(plan)).toEqual(['dct_repository.it update', 'dct_signed_tag.it update']);
    expect(changed(changeOf(plan, 'dct_repository.it'))).toEqual(['renewal_due']);
    expect(changeOf(plan, 'dct_signed_tag.it')).toMatchObject({
      before: { renewal_due: true },
      after: { renewal_due: false, digest },
    });
    const ends = (verb: string) => `${verb} on ${dayOf(new Date(start.getTime() + 1095 * DAY))}, and`;
    const [one, many] = at < 1095 ? ['expires', 'expire'] : ['expired', 'expired'];
    for (const said of [
      `The list of signers (targets) of ${world.gun} ${ends(one)} is signed again by this apply`,
      `The file of the signer alice (targets/alice) of ${world.gun} ${ends(one)} is signed again by this apply`,
      `The released tags (targets/releases) of ${world.gun} ${ends(many)} are signed again by this apply`,
    ]) {
      expect(warningsOf(plan)).toContain(said);
    }
    await terraform.must(terraform.applyPlan());
    expect(await Promise.all([days('targets'), days('targets/alice'), days('targets/releases')])).toEqual(
      Array<number>(3).fill(at + 1095),
    );
    expect((await read()).signature('1', 'alice')).toMatchObject({ isReleased: true });
  });

  it('the root and its certificate are renewed a year before their end, over the same key', async () => {
    const { gun, terraform } = world;
    await configure();
    await apply();
    const before = (await read()).trust.rootKeys[0];
    for (const at of [1080, 2160, 3240]) {
      travel(at);
      await apply();
    }
    travel(3650 - 366);
    expect(await terraform.must(terraform.plan())).toMatchObject({ empty: true, warnings: [] });
    travel(3650 - 364);
    // without the root key nothing is due, and it is early to say so
    await configure({}, { store: `${world.directory}/empty` });
    expect(await terraform.must(terraform.plan('-target=dct_repository.it'))).toMatchObject({ empty: true });
    expect(warningsOf(await terraform.plan('-target=dct_repository.it'))).not.toContain('The root');
    await configure();
    const plan = await terraform.must(terraform.plan());
    expect(actions(plan)).toEqual(['dct_repository.it update']);
    for (const what of ['root', 'root certificate']) {
      expect(warningsOf(plan)).toContain(
        `The ${what} of ${gun} expires on ${dayOf(new Date(start.getTime() + 3650 * DAY))}, and is signed again by this apply`,
      );
    }
    await apply();
    const [after] = (await read()).trust.rootKeys;
    expect([after?.canonicalId, after?.tufId === before?.tufId]).toEqual([before?.canonicalId, false]);
    expect(await days('root')).toBe(3650 - 364 + 3650);
    // whoever knew the old certificate only follows to the new one
    await byHand(world, (repository) => repository.read({ expectedRootKeyIds: [before!.tufId] }), { clock: () => now });
  });

  it('says what remains once the root certificate has expired, and that way works as it is printed', async () => {
    const { terraform, gun } = world;
    await configure();
    await apply();
    const { rootKeyIds } = await read();
    await configure({ expected_root_key_ids: rootKeyIds });
    await apply();
    travel(3700);
    const said = complaints(await terraform.plan());
    expect(said).toMatch(/the certificate of root key [0-9a-f]{64} expired on /);
    expect(said).toContain(`notary delete --remote ${gun}`);
    expect(said).toContain(
      'In the configuration: set when_lost = "recreate" in its dct_repository and apply that once with -refresh=false, ' +
        'which sends nothing; once the trust data is deleted, the next apply makes it again; to destroy it, use -refresh=false',
    );
    await configure({ expected_root_key_ids: rootKeyIds, when_lost: 'recreate' });
    expect(await terraform.apply()).toMatchObject({ ok: false });
    forget(world);
    const unread = terraform.leaving('its trust data cannot be read any more');
    await terraform.must(unread.apply('-refresh=false'));
    expect(writes(world)).toEqual([]);
    await byHand(world, (repository) => repository.deleteTrustData());
    await apply();
    expect((await read()).signature('1', 'alice')).toMatchObject({ isReleased: true });
  });

  it('can be destroyed once the root certificate has expired, also in parts', async () => {
    const { terraform, gun } = world;
    await configure();
    await apply();
    travel(3700);
    const nothing = `Nothing can be taken out of the trust data of ${gun}, and nothing in it counts any more`;
    const unread = () => terraform.leaving('its trust data cannot be read any more');
    await configure({}, { tag: null });
    forget(world);
    expect(warningsOf(await terraform.must(unread().apply('-refresh=false')))).toContain(nothing);
    expect(writes(world)).toEqual([]);
    expect(warningsOf(await terraform.must(terraform.destroy('-refresh=false')))).toContain(nothing);
    expect([...new Set(writes(world))]).toEqual([`registry DELETE /v2/${gun}/_trust/tuf/`]);
  });

  it('a failure of the server is not taken for the end of a snapshot that the server signs', async () => {
    const { terraform, sandbox } = world;
    await configure();
    await apply();
    travel(1095 + 20);
    const body = JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'unknown error' }] });
    for (const status of [500, 502]) {
      const match = { method: 'GET', path: '^.*timestamp\\.json$' };
      sandbox.dtr.endpoint.faults.add({ match, kind: 'status', status, body, count: 100 });
      const said = complaints(await terraform.plan());
      expect(said).toContain(`answered ${status}`);
      expect(said).not.toContain('makes no timestamp');
      sandbox.dtr.endpoint.faults.clear();
    }
    await apply();
  });

  it('nothing is due while everything is good for longer than asked for, and only what is not is signed again', async () => {
    const longer = () => configure({ min_validity_days: 700 }, { tag: { min_validity_days: 700 } });
    await configure();
    await apply();
    travel(1095 - 31);
    await world.terraform.expectNoChanges();
    travel(0);
    await longer();
    forget(world);
    await apply();
    expect(writes(world)).toEqual([]);
    travel(500);
    await configure();
    await apply();
    await longer();
    await apply();
    expect(await Promise.all([days('targets'), days('targets/alice')])).toEqual([1595, 1595]);
  });

  describe('when keys are not at hand', () => {
    const begin = async (): Promise<void> => {
      await configure();
      await apply();
    };
    const clientsSnapshot = async (): Promise<void> => {
      await begin();
      const snapshotKey = PrivateKey.generate();
      await byHand(world, (_, store) => store.add(snapshotKey, { role: 'snapshot', gun: world.gun }));
      await changeTrust(world, (draft) => draft.rotate({ snapshot: snapshotKey.publicKey }), { clock: () => now });
    };
    const SUBJECTS: readonly [Expiring['what'], string, string][] = [
      ['root', 'The root of', 'expires'],
      ['root_certificate', 'The root certificate of', 'expires'],
      ['targets', 'The list of signers (targets) of', 'expires'],
      ['snapshot', 'The snapshot of', 'expires'],
      ['targets/alice', 'The file of the signer alice (targets/alice) of', 'expires'],
      ['targets/releases', 'The released tags (targets/releases) of', 'expire'],
    ];

    it.each([
      ['root, certificate, targets and delegations', begin, SUBJECTS.filter(([what]) => what !== 'snapshot')],
      ['a client’s snapshot', clientsSnapshot, SUBJECTS.filter(([what]) => what === 'snapshot')],
    ])('half a year before the end that is a warning, and no plan: %s', async (_, prepare, subjects) => {
      await prepare();
      const { gun, terraform } = world;
      const parts = expiringParts(await read());
      await configure({}, { keys: false, store: `${world.directory}/empty` });
      const planned = async (at: number) => {
        now = new Date(at);
        return terraform.plan('-target=dct_repository.it');
      };
      for (const [what, subject, verb] of subjects) {
        const { expires, keys } = parts.find((part) => part.what === what)!;
        const [end, name] = [expires.getTime(), what === 'snapshot' ? `${gun}, which a client signs,` : gun];
        expect(warningsOf(await planned(end - 181 * DAY))).not.toContain(`${subject} ${name} `);
        const plan = await terraform.must(planned(end - 179 * DAY));
        expect(actions(plan)).toEqual([]);
        expect(warningsOf(plan)).toContain(`${subject} ${name} ${verb} on ${dayOf(expires)}\n`);
        expect(warningsOf(plan)).toContain(keys[0]!.canonicalId);
        const over = await planned(end + DAY / 4);
        if (what === 'root' || what === 'root_certificate') {
          expect(complaints(over)).toContain(`expired on ${dayOf(expires)}`);
        } else if (what === 'snapshot') {
          expect(complaints(over)).toContain('The server makes no timestamp, since its snapshot');
          expect(complaints(over)).toContain(`expired on ${dayOf(expires)}`);
          expect(complaints(over)).toContain(`notary delete --remote ${gun}`);
        } else expect(warningsOf(over)).toContain(`${subject} ${name} expired on ${dayOf(expires)}\nSince then `);
      }
      travel(0);
    });

    it('that is so of everything where it is the key of a client’s snapshot, until the server signs that', async () => {
      await clientsSnapshot();
      const { gun, terraform } = world;
      const store = join(world.directory, 'no-snapshot-key');
      await cp(world.trustStore, store, { recursive: true });
      for (const file of await readdir(join(store, 'private'))) {
        const path = join(store, 'private', file);
        if (/^role: snapshot$/m.test(await readFile(path, 'utf8'))) await rm(path);
      }
      await configure({}, { store });
      travel(1095 - 20);
      const plan = await terraform.must(terraform.plan());
      expect(actions(plan)).toEqual([]);
      for (const [, subject] of SUBJECTS.slice(2)) expect(warningsOf(plan)).toContain(`${subject} ${gun}`);
      expect(warningsOf(plan)).toContain(`notary key rotate ${gun} snapshot -r`);
      forget(world);
      await terraform.must(terraform.apply());
      expect(writes(world)).toEqual([]);

      await configure({ snapshot_managed_by: 'server' }, { store });
      await terraform.must(terraform.leaving('the files of signers are due once that is done').apply());
      expect(await days('targets')).toBe(1095 - 20 + 1095);
      await apply();
      expect(await Promise.all([days('targets/alice'), days('targets/releases')])).toEqual([2170, 2170]);
    });

    it('a delegation that has a key here but no signature of ours is reported by its repository', async () => {
      await configure();
      await apply();
      await world.terraform.run('state', 'rm', 'dct_signed_tag.it');
      await configure({}, { tag: null });
      travel(1095 - 20);
      const plan = await world.terraform.must(world.terraform.plan());
      expect(actions(plan)).toEqual(['dct_repository.it update']);
      expect(warningsOf(plan)).toContain('The file of the signer alice (targets/alice)');
      expect(warningsOf(plan)).toContain('without one, signing any tag again does');
      travel(0);
      await configure();
      await apply();
    });
  });
});
