import * as v from 'valibot';
import { HttpClient } from '../../src/http';
import { byHand } from './by-hand';
import { block, provider, resource } from './configuration';
import { expectSound } from './settled';
import { readState } from './state-file';
import { secretsIn, secretsOf } from './state-secrets';
import { steps } from './steps';
import { World } from './world';

// What every other acceptance test relies on: that the checks of the harness can fail.
describe('the harness', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 2 })));
  afterAll(() => world.close());

  const registration = (): string => resource('trusted_registry', 'it', { cluster: 'cluster2' });
  const repository = (on_destroy: string): string =>
    resource('repository', 'it', { name: 'admin/trustdemo', on_destroy });

  it('sees what a refresh-only plan sees, where a plan has nothing to do', async () => {
    const { terraform, sandbox } = world;
    const ucp = sandbox.ucp('cluster2');
    const untouched = ucp.config;
    await terraform.configure(provider(world) + registration());
    await terraform.must(terraform.apply());
    const ours = ucp.config;
    await ucp.setConfig(ours.replace('service_id = ""', 'service_id = "sso"'));
    expect(await terraform.run('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 });
    expect(await terraform.run('plan', '-refresh-only', '-detailed-exitcode')).toMatchObject({ exitCode: 2 });
    await expect(terraform.expectNoChanges()).rejects.toThrow(/-refresh-only is not empty[^]*sso/);
    await ucp.setConfig(ours);
    await terraform.expectNoChanges();
    // Only by what hangs on what does an import differ.
    await terraform.configure(
      `${provider(world)}${registration()}${resource('enforcement', 'it', { cluster: 'cluster2' }, { after: ['dct_trusted_registry.it'] })}`,
    );
    await terraform.must(terraform.apply());
    await terraform.run('state', 'rm', 'dct_enforcement.it');
    expect(await terraform.import('dct_enforcement.it', 'cluster2')).toMatchObject({ ok: true });
    expect(await terraform.run('plan', '-refresh-only', '-detailed-exitcode')).toMatchObject({ exitCode: 2 });
    await expect(terraform.expectNoChanges()).rejects.toThrow('-refresh-only is not empty');
    await terraform.must(terraform.refresh());
    await terraform.expectNoChanges();
    await terraform.must(terraform.destroy());
    await ucp.setConfig(untouched);
  });

  it('looks after every apply, unless that says why it leaves something to do', async () => {
    const { terraform } = world;
    await terraform.configure(`${provider(world)}resource "terraform_data" "it" {\n  input = timestamp()\n}\n`);
    await expect(terraform.apply()).rejects.toThrow(/plan is not empty[^]*will be updated/);
    await terraform.must(terraform.outline());
    await expect(terraform.applyPlan()).rejects.toThrow(/plan is not empty/);
    expect(await terraform.leaving('it is never done').apply()).toMatchObject({ ok: true });
    expect(await terraform.apply('-target=terraform_data.it')).toMatchObject({ ok: true });
    await terraform.must(terraform.destroy());
  });

  it('sees a state that changes while nothing is applied, also where that is not begun', async () => {
    const { terraform } = world;
    await terraform.configure(`${provider(world)}resource "terraform_data" "it" {\n  input = 1\n}\n`);
    const before = await readState(terraform.directory);
    await terraform.must(terraform.apply());
    const outcome = await terraform.leaving('it is not there').apply('-target=none');
    expect(outcome).toMatchObject({ ok: false });
    await expect(expectSound(terraform, {}, { before, outcome })).rejects.toThrow('nothing was applied, but the state');
    await terraform.must(terraform.destroy());
  });

  it('sees what a plan would change', async () => {
    const { terraform } = world;
    await terraform.configure(provider(world) + registration());
    await expect(terraform.expectNoChanges()).rejects.toThrow(/plan is not empty[^]*will be created/);
  });

  it('sees what a destroy leaves', async () => {
    await expect(steps(world, [{ resources: repository('keep') }])).rejects.toThrow(world.gun);
    await steps(world, [{ resources: repository('delete') }]);
  });

  it('sees what is left that no state knows: trust data, and a session', async () => {
    const { sandbox } = world;
    await byHand(world, (data, store) =>
      data.initialise({
        rootKey: () => store.rootKey({ create: true }),
        add: (key, about) => store.add(key, about),
      }),
    );
    const { password } = sandbox.clusters[1]!;
    const caBundle = await world.pem('cluster2', 'ca.pem');
    const http = new HttpClient({ url: sandbox.ucp('cluster2').endpoint.origin, caBundle });
    const login = {
      method: 'POST',
      path: '/auth/login',
      body: JSON.stringify({ username: 'admin', password }),
    } as const;
    const { auth_token } = v.parse(v.object({ auth_token: v.string() }), (await http.request(login)).json());
    await expect(world.expectNothingLeft()).rejects.toThrow();
    await world.expectNothingLeft([world.gun, 'sessions of cluster2']);
    await byHand(world, (data) => data.deleteTrustData());
    const headers = { authorization: `Bearer ${auth_token}` };
    await http.request({ method: 'POST', path: '/id/logout', headers });
    await http.close();
    await world.expectNothingLeft();
  });

  it('sees a step that fails, or does not fail as it should', async () => {
    await expect(steps(world, [{ resources: registration(), error: 'no such thing' }])).rejects.toThrow(/^step 1: /);
    await expect(
      steps(world, [{ resources: resource('trusted_registry', 'it', { cluster: 'none' }) }]),
    ).rejects.toThrow(/step 1: .*has no cluster/s);
  });

  it('sees a secret in the state', async () => {
    const resources = block('resource "terraform_data" "it"', { input: world.sandbox.registry.password });
    await expect(steps(world, [{ resources }])).rejects.toThrow('the state holds the registry’s password');
  });

  it('finds passwords, passphrases, keys and tokens', async () => {
    const key = await world.pem('cluster2', 'key.pem');
    const secrets = await secretsOf(world.sandbox, provider(world, { keys: { alice: key } }));
    expect(secretsIn(`{"password": "${world.sandbox.registry.password}"}`, secrets)).toEqual([
      'the registry’s password',
    ]);
    expect(secretsIn('the root passphrase', secrets)).toEqual(['the root passphrase']);
    expect(secretsIn(key.split('\n')[2] ?? '', secrets)).toEqual(['a line of a private key']);
    expect(secretsIn('eyJhbGciOi.eyJpc3MiOi.c2lnbmF0', secrets)).toHaveLength(1);
    expect(secretsIn('nothing of it', secrets)).toEqual([]);
  });
});
