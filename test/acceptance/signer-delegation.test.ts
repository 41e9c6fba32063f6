import { PublicKey } from '../../src/notary';
import { makeCertificate, type Made } from '../notary/certificates';
import { changeTrust } from './by-hand';
import { provider, resource, type Settings } from './configuration';
import { changeOf, complaints } from './observed';
import { type Step, steps } from './steps';
import { World } from './world';

const ADDRESS = 'dct_signer_delegation.it';

describe('dct_signer_delegation', () => {
  let world: World;
  let alice: Made;
  let bob: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 1 });
    alice = await makeCertificate({ name: 'CN=alice' });
    bob = await makeCertificate({ name: 'CN=bob', kind: 'RSA-2048' });
  });
  afterAll(() => world.close());

  const repositories = (): string =>
    resource('repository', 'demo', { name: 'admin/trustdemo', on_destroy: 'delete' }) +
    resource('repository', 'other', { name: 'admin/unsigned', on_destroy: 'delete' });
  const signer = (settings: Settings = {}): string =>
    repositories() +
    resource(
      'signer_delegation',
      'it',
      { repository: 'admin/trustdemo', signer: 'alice', public_keys: [alice.certificate], ...settings },
      { after: ['dct_repository.demo', 'dct_repository.other'] },
    );
  const keyOf = (pem: string): PublicKey => PublicKey.fromPem(pem, { label: 'a key of the test' });
  const idsOf = (...pems: readonly string[]): string[] => pems.map((pem) => keyOf(pem).canonicalId).sort();
  const forgotten = () => world.terraform.run('state', 'rm', ADDRESS);
  const publish = () => [`registry POST /v2/${world.gun}/_trust/tuf/`];

  it('is known before it is applied, updated in place, and replaced for another signer or repository', async () => {
    const updated = (settings: Settings, changed: readonly string[], sent = publish()): Step => ({
      resources: signer(settings),
      planned: [`${ADDRESS} update`],
      changed: { [ADDRESS]: changed },
      sent,
    });
    await steps(world, [
      {
        resources: signer(),
        plan: (plan) => {
          const { after, unknown } = changeOf(plan, ADDRESS);
          expect(after).toMatchObject({
            id: `${world.gun}#alice`,
            role: 'targets/alice',
            key_ids: idsOf(alice.certificate),
            allow_unsigning: false,
          });
          expect(unknown).toEqual({ public_keys: [false], key_ids: [false], root_key_ids: true });
        },
        check: (state) => expect(state.get(ADDRESS)?.values).toMatchObject({ public_keys: [alice.certificate] }),
      },
      updated({ public_keys: [alice.publicKey] }, ['public_keys']),
      updated({ public_keys: [alice.publicKey, bob.certificate] }, ['key_ids', 'public_keys']),
      updated({ public_keys: [bob.certificate] }, ['key_ids', 'public_keys']),
      updated({ public_keys: [bob.certificate], allow_unsigning: true }, ['allow_unsigning'], []),
      {
        resources: signer({ public_keys: [bob.certificate], allow_unsigning: true, signer: 'bob' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['signer']]),
        planned: [`${ADDRESS} replace cannot_update`],
        changed: { [ADDRESS]: ['id', 'role', 'signer'] },
      },
      {
        resources: signer({
          public_keys: [bob.certificate],
          allow_unsigning: true,
          signer: 'bob',
          repository: 'admin/unsigned',
        }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['repository']]),
        planned: [`${ADDRESS} replace cannot_update`],
        check: (state) => expect(state.get(ADDRESS)?.values['id']).toMatch(/\/admin\/unsigned#bob$/),
      },
    ]);
  });

  it('takes name and GUN, and keys in other words and order, for the same; what is new is new', async () => {
    const crlf = `# alice\r\n${alice.certificate.replaceAll('\n', '\r\n')}`;
    const bag = `Bag Attributes\n    friendlyName: alice\nsubject=CN = alice\n${alice.certificate}`;
    const blank = `\n${alice.certificate.replaceAll('\n', ' \n')}\n\n`;
    const more = (await makeCertificate()).certificate;
    await steps(world, [
      {
        resources: signer({ public_keys: [crlf] }),
        check: (state) => expect(state.get(ADDRESS)?.values).toMatchObject({ public_keys: [crlf] }),
      },
      { resources: signer({ repository: world.gun, public_keys: [bag] }), same: true },
      { resources: signer({ repository: '${dct_repository.demo.gun}', public_keys: [blank] }), same: true },
      { resources: signer({ public_keys: [alice.certificate, bob.certificate] }), planned: [`${ADDRESS} update`] },
      { resources: signer({ public_keys: [bob.certificate, crlf] }), same: true },
      {
        resources: signer({ public_keys: [bob.certificate, crlf, more] }),
        planned: [`${ADDRESS} update`],
        check: (state) =>
          expect(state.get(ADDRESS)?.values['key_ids']).toEqual(idsOf(alice.certificate, bob.certificate, more)),
      },
    ]);
  });

  it('shows what changed behind its back, and repairs it', async () => {
    const has = (...pems: readonly string[]): Step => ({
      before: () => changeTrust(world, (draft) => draft.setSignerKeys('alice', pems.map(keyOf))),
      resources: signer(),
      drift: { [ADDRESS]: ['key_ids', 'public_keys'] },
      plan: (plan) => {
        const { before, after } = changeOf(plan, ADDRESS);
        expect([before?.['key_ids'], after?.['key_ids']]).toEqual([idsOf(...pems), idsOf(alice.certificate)]);
      },
      planned: [`${ADDRESS} update`],
    });
    await steps(world, [
      { resources: signer() },
      has(alice.certificate, bob.certificate),
      has(bob.certificate),
      {
        before: () => changeTrust(world, (draft) => draft.removeSigner('alice')),
        resources: signer(),
        drift: { [ADDRESS]: ['gone'] },
        planned: [`${ADDRESS} create`],
      },
    ]);
  });

  it('imports by GUN and by name, takes the same signer for its own, and refuses one with other keys', async () => {
    const { terraform } = world;
    const keys = [alice.certificate, bob.publicKey];
    await steps(world, [
      {
        resources: signer({ public_keys: keys }),
        check: async (state) => {
          for (const repository of [world.gun, 'admin/trustdemo']) {
            await forgotten();
            expect(await terraform.import(ADDRESS, `${repository}#alice`)).toMatchObject({ ok: true });
            const { public_keys, ...rest } = (await terraform.state()).get(ADDRESS)?.values ?? {};
            expect(state.get(ADDRESS)?.values).toMatchObject(rest);
            expect(public_keys).toHaveLength(2);
          }
          const { stderr } = await terraform.import('dct_signer_delegation.it2', `${world.gun}#carol`);
          expect(stderr).toMatch(/does not exist|non-existent/);
        },
      },
      { before: forgotten, resources: signer({ public_keys: keys }), planned: [`${ADDRESS} create`], sent: [] },
      {
        before: async () => {
          await forgotten();
          await terraform.configure(provider(world) + signer({ public_keys: [bob.certificate] }));
          const said = complaints(await terraform.apply());
          expect(said).toContain(`${world.gun} has a signer alice already, with the keys `);
          for (const id of idsOf(...keys)) expect(said).toContain(id);
          expect(said).toContain(`id = "${world.gun}#alice"`);
        },
        resources: `${signer({ public_keys: [bob.publicKey] })}import {\n  to = ${ADDRESS}\n  id = "${world.gun}#alice"\n}\n`,
        planned: [`${ADDRESS} update`],
        sent: publish(),
      },
      {
        resources: signer({ repository: 'admin/nobody' }),
        error: { text: /\/admin\/nobody has no trust data yet[^]*dct_repository/, at: `${ADDRESS} repository` },
        // The old one goes first.
        sent: publish(),
      },
    ]);
  });
});
