import { readFile, rm } from 'node:fs/promises';
import { RegistryClient } from '../../src/dtr';
import { type BodyPart, HttpClient, type HttpRequest } from '../../src/http';
import {
  dockerPassphrases,
  keysAtHand,
  PrivateKey,
  type TrustDraft,
  TrustRepository,
  TrustStore,
} from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { withStaleTargets } from '../sandbox/notary/stale-targets';
import { byHand, changeTrust, send } from './by-hand';
import { provider, resource, type Changes } from './configuration';
import { actions, changed, changeOf, complaints, forget, warningsOf, writes } from './observed';
import { World } from './world';

const REPOSITORY = 'dct_repository.it';

describe('a repository that somebody has bricked', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    alice = await makeCertificate({ notAfter: new Date('2060-01-01T00:00:00Z') });
    digest = await world.digest('1');
  });
  afterAll(() => world.close());
  afterEach(async () => {
    for (const address of (await world.terraform.state()).keys()) await world.terraform.run('state', 'rm', address);
    await byHand(world, (repository) => repository.deleteTrustData());
    await rm(world.trustStore, { recursive: true, force: true });
  });

  const configure = (changes: Changes = { keys: { alice: alice.privateKey } }, more = ''): Promise<void> =>
    world.terraform.configure(
      [
        provider(world, changes),
        resource('repository', 'it', { name: 'admin/trustdemo' }),
        resource('signer_delegation', 'alice', {
          repository: '${dct_repository.it.gun}',
          signer: 'alice',
          public_keys: [alice.certificate],
        }),
        resource(
          'signed_tag',
          'it',
          { repository: '${dct_repository.it.gun}', tag: '1', signer: 'alice', digest },
          { after: ['dct_signer_delegation.alice'] },
        ),
        more,
      ].join('\n'),
    );
  const apply = async (): Promise<string> => {
    const done = await world.terraform.must(world.terraform.apply());
    return warningsOf(done);
  };

  /** Publishes a change with a newline after each file: the server takes it, and nobody can read it any more. */
  async function brick(change: (draft: TrustDraft) => unknown): Promise<void> {
    const { hostAddress, caFile, username, password } = world.sandbox.registry;
    const caBundle = await readFile(caFile, 'utf8');
    const http = new HttpClient({ url: `https://${hostAddress}`, caBundle });
    const registry = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
    const store = new TrustStore({ directory: world.trustStore, passphrase: dockerPassphrases(process.env) });
    const reformat = (request: HttpRequest): HttpRequest =>
      Array.isArray(request.body)
        ? {
            ...request,
            body: request.body.map((part: BodyPart) => ({
              ...part,
              bytes: Buffer.concat([part.bytes, Buffer.from('\n')]),
            })),
          }
        : request;
    const repository = new TrustRepository(world.gun, {
      http: { host: http.host, request: (request) => http.request(reformat(request)) },
      authorizer: registry,
      keys: keysAtHand(store, [PrivateKey.fromPem(alice.privateKey, { label: 'alice' })]),
      sleep: () => Promise.resolve(),
    });
    await expect(repository.change(change)).rejects.toMatchObject({ code: 'not_byte_exact' });
    await Promise.all([http.close(), registry.close()]);
    await expect(byHand(world, (reader) => reader.read())).rejects.toMatchObject({ code: 'missing_metadata' });
  }
  const addBob = (draft: TrustDraft) => draft.addSigner('bob', [PrivateKey.generate().publicKey]);

  it('is healed by the next apply, which says what it vouches for', async () => {
    await configure();
    await apply();
    await brick(addBob);
    const plan = await world.terraform.must(world.terraform.plan());
    expect(actions(plan)).toEqual([`${REPOSITORY} update`]);
    expect(changed(changeOf(plan, REPOSITORY))).toEqual(['renewal_due']);
    expect(warningsOf(plan)).toContain(`docker cannot read the trust data of ${world.gun}`);
    const said = 'its content verifies and is signed again: signer alice, bob';
    expect(warningsOf(plan)).toContain(said);
    forget(world);
    expect(warningsOf(await world.terraform.must(world.terraform.applyPlan()))).toContain(said);
    expect(writes(world)).toHaveLength(1);
    const data = await byHand(world, (repository) => repository.read());
    expect(data?.signers.map(({ name }) => name)).toEqual(['alice', 'bob']);
    expect(data?.signature('1', 'alice')).toMatchObject({ isReleased: true });
  });

  it('without the key is told of, plans all the same, and data sources refuse it', async () => {
    await configure();
    await apply();
    const targets = (await world.terraform.state()).get(REPOSITORY)?.values['targets_key_id'] as string;
    await brick(addBob);
    const strange = { keys: {}, trustStore: { directory: `${world.directory}/empty` } };
    await configure(strange);
    const plan = await world.terraform.must(world.terraform.plan());
    expect(actions(plan)).toEqual([]);
    expect(warningsOf(plan)).toContain(`whoever has ${targets} can`);
    await configure(strange, 'data "dct_trust_data" "it" {\n  repository = "admin/trustdemo"\n}\n');
    expect(complaints(await world.terraform.plan())).toContain(
      `docker cannot read the trust data of ${world.gun}: the server does not give out targets as it is named`,
    );
  });

  it('restores signers that went out of force when somebody signed at the same moment', async () => {
    const { terraform, gun } = world;
    await configure();
    await apply();
    const bob = await makeCertificate({ notAfter: new Date('2060-01-01T00:00:00Z') });
    const signer = { repository: '${dct_repository.it.gun}', signer: 'bob', public_keys: [bob.certificate] };
    await configure(undefined, resource('signer_delegation', 'bob', signer));
    await apply();
    // The server has read the targets before bob came.
    const sign = (draft: TrustDraft) => draft.signTag('alice', '2', { sha256: '2'.repeat(64), length: 2 });
    await withStaleTargets(2, () => changeTrust(world, sign, { keys: [alice.privateKey] }));
    const read = () => byHand(world, (repository) => repository.read());
    expect((await read())?.signers.map(({ name }) => name)).toEqual(['alice']);

    const plan = await terraform.must(terraform.plan());
    expect(warningsOf(plan)).toContain(`Version 3 of targets of ${gun} is not in force any more`);
    expect(actions(plan)).toEqual(['dct_signer_delegation.bob create']);
    forget(world);
    expect(warningsOf(await terraform.must(terraform.applyPlan()))).toContain('is signed again: signer alice, bob');
    // A number that is refused again and again is what shows it.
    expect(writes(world)).toHaveLength(3 + 1);
    expect((await read())?.signers.map(({ name }) => name)).toEqual(['alice', 'bob']);
    expect((await read())?.tags).toEqual(['1', '2']);
  });

  it('is not healed with content older than an apply has seen', async () => {
    const { terraform, sandbox, gun } = world;
    await configure();
    await terraform.must(terraform.apply(`-target=${REPOSITORY}`));
    const files: Record<string, string> = {};
    for (const role of ['root', 'targets'])
      files[role] = (await sandbox.dtr.notary.current(gun, role))?.bytes.toString() ?? '';
    await apply();
    // As from a backup: what it began with.
    await byHand(world, (repository) => repository.deleteTrustData());
    await send(world, files);
    await brick(addBob);
    expect(complaints(await world.terraform.plan())).toContain('is older than it was');
  });
});
