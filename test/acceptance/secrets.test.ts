import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { block, provider, resource } from './configuration';
import { entriesOf } from './saved-plan';
import type { Finished, Terraform } from './terraform';
import { World } from './world';

// Rule 8 and the README's promise: secrets that come by ephemeral variables, the environment or files are nowhere else.
describe('when secrets are used', () => {
  let world: World;
  let terraform: Terraform;
  const log: string[] = [];
  const secrets = new Map<string, string>();
  beforeAll(async () => {
    world = await World.start({ clusters: 3, log: (line) => log.push(line) });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const passphrase = 'the passphrase of the signing key';
    const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
    const cluster3 = world.sandbox.clusters[2];
    const values: Readonly<Record<string, string>> = {
      registry_password: world.sandbox.registry.password,
      root_passphrase: 'the root passphrase of this test',
      repository_passphrase: 'the repository passphrase of this test',
      signing_key: encrypted,
      signing_passphrase: passphrase,
      cluster_password: cluster3?.password ?? '',
      client_key: await world.pem('cluster2', 'key.pem'),
    };
    for (const [name, value] of Object.entries(values)) secrets.set(name, value);
    secrets.set('what a server repeats', 'hunter2hunter2');
    secrets.set('signing key, opened', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const variables = Object.entries(values).map(([name, value]): [string, string] => [`TF_VAR_${name}`, value]);
    delete process.env['DCT_REGISTRY_PASSWORD'];
    terraform = await world.anotherTerraform({ ...Object.fromEntries(variables), TF_LOG: 'TRACE' });
    const ephemeral = Object.keys(values).map(
      (name) => `variable "${name}" {\n  type = string\n  ephemeral = true\n  sensitive = true\n}\n`,
    );
    await terraform.configure(
      [
        ...ephemeral,
        provider(world, {
          registry: { password: '${var.registry_password}' },
          clusters: {
            cluster2: {
              endpoint: world.sandbox.clusters[1]?.endpoint ?? '',
              certificate: await world.pem('cluster2', 'cert.pem'),
              private_key: '${var.client_key}',
              ca_bundle: await world.pem('cluster2', 'ca.pem'),
            },
            cluster3: {
              endpoint: cluster3?.endpoint ?? '',
              ca_bundle: await world.pem('cluster3', 'ca.pem'),
              username: cluster3?.username ?? '',
              password: '${var.cluster_password}',
            },
          },
          trustStore: {
            root_passphrase: '${var.root_passphrase}',
            repository_passphrase: '${var.repository_passphrase}',
          },
          more: {
            signing_keys: { alice: { private_key: '${var.signing_key}', passphrase: '${var.signing_passphrase}' } },
          },
        }).replace('  signing_keys = {}\n', ''),
        ...['cluster2', 'cluster3'].map((cluster) => resource('trusted_registry', cluster, { cluster })),
        resource('enforcement', 'cluster3', { cluster: 'cluster3' }, { after: ['dct_signed_tag.one'] }),
        resource('repository', 'demo', { name: 'admin/trustdemo', on_destroy: 'delete' }),
        resource('signer_delegation', 'alice', {
          repository: '${dct_repository.demo.gun}',
          signer: 'alice',
          public_keys: [publicKey.export({ type: 'spki', format: 'pem' }).toString()],
        }),
        resource('signed_tag', 'one', {
          repository: '${dct_repository.demo.gun}',
          tag: '1',
          signer: '${dct_signer_delegation.alice.signer}',
          digest: await world.digest('1'),
        }),
        block('data "dct_cluster" "cluster3"', { name: 'cluster3' }),
      ].join('\n'),
    );
  });
  afterAll(async () => {
    await terraform.close();
    await world.close();
  });

  /** The bare secret, and each line of base64 of a key: a key's lines may be broken or joined elsewhere. */
  const needles = (): [string, string][] =>
    [...secrets].flatMap(([name, value]): [string, string][] =>
      value.includes('-----BEGIN')
        ? value
            .split('\n')
            .filter((line) => line.length >= 20 && !line.startsWith('---'))
            .map((line) => [name, line])
        : [[name, value]],
    );
  const expectNone = (where: string, text: string): void => {
    const found = needles().filter(([, needle]) => text.includes(needle));
    expect(found.map(([name]) => `${where}: ${name}`)).toEqual([]);
    // Tokens: of the registry (a JWT) and of UCP sessions.
    expect(text.match(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+|[Bb]earer [\w.-]{12,}|auth_token":"/g) ?? []).toEqual([]);
  };
  const traces: Finished[] = [];
  const run = async (...options: string[]): Promise<Finished> => {
    const finished = await terraform.run(...options);
    traces.push(finished);
    return finished;
  };

  it('keeps them out of plan, state and every file of the stack', async () => {
    expect(await run('plan', '-out=plan.bin', '-input=false')).toMatchObject({ exitCode: 0 });
    expectNone('show -json', (await run('show', '-json', 'plan.bin')).stdout);
    for (const [entry, text] of await entriesOf(join(terraform.directory, 'plan.bin')))
      expectNone(`plan.bin ${entry}`, text);
    expect(await run('apply', 'plan.bin')).toMatchObject({ exitCode: 0 });
    expect(await run('plan', '-detailed-exitcode', '-input=false')).toMatchObject({ exitCode: 0 });
    expectNone('show -json', (await run('show', '-json')).stdout);
    for (const file of await readdir(terraform.directory))
      expectNone(file, await readFile(join(terraform.directory, file), 'latin1'));
  });

  it('keeps them out of the trace when something fails', async () => {
    await world.sandbox
      .ucp('cluster3')
      .setConfig(world.sandbox.ucp('cluster3').config.replace('content_trust = true', 'content_trust = false'));
    const faults = [world.sandbox.dtr.endpoint, world.sandbox.ucp('cluster3').endpoint];
    for (const { faults: orders } of faults)
      orders.add({ kind: 'status', status: 500, body: 'password=hunter2hunter2', count: 9 });
    await run('apply', '-auto-approve', '-input=false');
    for (const { faults: orders } of faults) orders.clear();
    expect(await run('destroy', '-auto-approve', '-input=false')).toMatchObject({ exitCode: 0 });
  });

  it('keeps them out of TF_LOG=TRACE, Terraform’s and the provider’s', () => {
    expect(traces.map(({ stderr }) => stderr).join('')).toContain('[TRACE]');
    expect(log.join('\n')).toContain('/_trust/tuf/');
    expectNone('stdout', traces.map(({ stdout }) => stdout).join('\n'));
    expectNone('TF_LOG', traces.map(({ stderr }) => stderr).join('\n'));
    expectNone('provider’s log', log.join('\n'));
  });

  it('keeps keys encrypted on disk', async () => {
    for (const file of await readdir(join(world.trustStore, 'private')))
      expect(await readFile(join(world.trustStore, 'private', file), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
  });
});
