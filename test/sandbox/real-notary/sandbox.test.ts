import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryClient } from '../../../src/dtr';
import { HttpClient } from '../../../src/http';
import { keysAtHand, PrivateKey, PublicKey, TrustRepository, TrustStore } from '../../../src/notary';
import { type Sandbox, startSandbox } from '../../../src/sandbox';
import { dct } from '../../cli/a-terminal';
import { createOperator, type Operator, passphrases } from '../../interop/docker';
import { describeInterop } from '../../interop/programs';
import { basic, caller } from '../client';

const root = join(__dirname, '../../..');
const signer = 'cluster1admin';
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dct-real-notary-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describeInterop('when a sandbox has the real Notary', () => {
  let sandbox: Sandbox;
  let gun: string;
  let caBundle: string;
  let operator: Operator;

  beforeAll(async () => {
    sandbox = await startSandbox({ directory: join(directory, 'sandbox'), clusters: 1, notary: 'real' });
    gun = `${sandbox.registry.hostAddress}/admin/trustdemo`;
    caBundle = await readFile(sandbox.registry.caFile, 'utf8');
    operator = await createOperator({
      directory: join(directory, 'operator'),
      trustServer: `https://${sandbox.registry.hostAddress}`,
      caFile: sandbox.registry.caFile,
      engineSocket: join(directory, 'none.sock'),
      credentials: sandbox.registry,
    });
    await sign();
  });

  afterAll(() => sandbox.close());

  /** What the demo deploys, by our client: the repository, a cluster's user as its signer, and a signed tag. */
  async function sign(): Promise<void> {
    const { hostAddress, username, password } = sandbox.registry;
    const bundle = (name: string): Promise<string> =>
      readFile(join(sandbox.clusters[0]!.clientBundle, `${name}.pem`), 'utf8');
    const key = PrivateKey.fromPem(await bundle('key'), { label: 'key.pem' });
    const http = new HttpClient({ url: `https://${hostAddress}`, caBundle });
    const client = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
    const store = new TrustStore({ directory: join(directory, 'trust'), passphrase: () => 'a passphrase' });
    const repository = new TrustRepository(gun, { http, authorizer: client, keys: keysAtHand(store, [key]) });
    await repository.initialise({
      rootKey: () => store.rootKey({ create: true }),
      add: (made, about) => store.add(made, about),
    });
    const certificate = PublicKey.fromPem(await bundle('cert'), { label: 'cert.pem' });
    const { digest, length } = await client.manifest('admin/trustdemo', '1');
    await repository.change(async (draft) => {
      draft.addSigner(signer, [certificate]);
      await draft.signTag(signer, '1', { sha256: digest.slice('sha256:'.length), length });
    });
    await Promise.all([http.close(), client.close()]);
  }

  it('says that trust data goes with it', () => {
    expect(sandbox.warnings).toEqual([
      'the real notary-server keeps trust data in memory: it is gone when the sandbox stops',
    ]);
  });

  it('keeps what our client signs, as docker sees', async () => {
    const { SignedTags, Signers } = await operator.inspect(gun);
    expect(SignedTags.map(({ SignedTag, Signers: by }) => [SignedTag, by])).toEqual([['1', [signer]]]);
    expect(Signers.map(({ Name }) => Name)).toEqual([signer]);
  });

  it('a key that dct revokes in what docker made is gone for docker, and what it alone had released is not', async () => {
    const revoked = `${sandbox.registry.hostAddress}/admin/revoked`;
    const bundle = (name: string, file: string): string => join(sandbox.directory, 'bundles', name, file);
    const sign = (...roles: string[]): Promise<unknown> => {
      const as = roles.flatMap((role) => ['-r', `targets/${role}`]);
      return operator.notary(['addhash', revoked, '1', '1', '--sha256', 'ab'.repeat(32), ...as, '-p']);
    };
    for (const name of [signer, 'cluster1dev']) {
      const folder = name === signer ? 'cluster1' : name;
      await operator.docker(['trust', 'signer', 'add', '--key', bundle(folder, 'cert.pem'), name, revoked]);
      await operator.docker(['trust', 'key', 'load', '--name', name, bundle(folder, 'key.pem')]);
      // The first of them alone is there to release the tag.
      await (name === signer ? sign(signer, 'releases') : sign(name));
    }
    const key = PublicKey.fromPem(await readFile(bundle('cluster1', 'cert.pem'), 'utf8'), { label: 'cert.pem' });
    const { code, out } = await dct(
      ['revoke-key', key.canonicalId, '-r', revoked, '--ca', sandbox.registry.caFile, '--yes'],
      {
        environment: {
          DOCKER_CONFIG: operator.configDirectory,
          DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
          DCT_REGISTRY_USERNAME: sandbox.registry.username,
          DCT_REGISTRY_PASSWORD: sandbox.registry.password,
        },
      },
    );
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('targets/releases was signed again by other keys') as string,
    ]);
    const { SignedTags, Signers } = await operator.inspect(revoked);
    expect(Signers.map(({ Name }) => Name)).toEqual(['cluster1dev']);
    expect(SignedTags.map(({ SignedTag, Signers: by }) => [SignedTag, by])).toEqual([['1', ['cluster1dev']]]);
  });

  it('the registry’s own API and a cluster’s admission know what is signed', async () => {
    const { username, password } = sandbox.registry;
    const call = caller(sandbox.dtr.endpoint, caBundle);
    const headers = { authorization: basic(username, password) };
    const { body } = await call('/api/v0/repositories/admin/trustdemo/tags', { headers });
    const tags = JSON.parse(body) as { name: string; inNotary: boolean }[];
    expect(tags.map(({ name, inNotary }) => [name, inNotary])).toEqual([
      ['1', true],
      ['2', false],
    ]);
    const ucp = sandbox.ucp('cluster1');
    await ucp.setConfig(ucp.config.replace('require_content_trust = false', 'require_content_trust = true'));
    expect(ucp.config).toContain('require_content_trust = true');
    const own = sandbox.clusters[0]!;
    const key = { key: await readFile(join(own.clientBundle, 'key.pem')) };
    const cert = { cert: await readFile(join(own.clientBundle, 'cert.pem')) };
    const create = (tag: string): Promise<{ status: number; body: string }> =>
      caller(ucp.endpoint, caBundle)(
        '/services/create',
        { method: 'POST', headers: { 'content-type': 'application/json' }, ...key, ...cert },
        JSON.stringify({ TaskTemplate: { ContainerSpec: { Image: `${gun}:${tag}` } } }),
      );
    expect((await create('1')).status).toBe(201);
    expect((await create('2')).body).toContain('image or trust data does not exist for');
  });

  it('what notary-server refuses comes through as it says it', async () => {
    const reply = await caller(sandbox.dtr.endpoint, caBundle)(`/v2/${gun}/_trust/tuf/root.json`);
    expect(reply.status).toBe(401);
    const { hostAddress } = sandbox.registry;
    expect(reply.headers['www-authenticate']).toBe(
      `Bearer realm="https://${hostAddress}/auth/token",service="${hostAddress}",scope="repository:${gun}:pull"`,
    );
  });
});

describeInterop('when the sandbox ends', () => {
  it.each([
    ['SIGINT', 0],
    ['SIGKILL', null],
  ] as const)('by %s, no notary-server is left behind', async (signal, code) => {
    const folder = join(directory, signal);
    const args = ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'sandbox', '--notary', 'real', '--json'];
    const child = spawn(process.execPath, [...args, '--clusters', '1', '--dir', folder], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const exit = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), exit]);
      const ports = await Promise.all([port(folder, 'server'), port(folder, 'signer')]);
      expect(await Promise.all(ports.map(isOpen))).toEqual([true, true]);
      child.kill(signal);
      expect((await exit)[0]).toBe(code);
      // Ended by itself it has waited for its servers; a killed one cannot.
      let open = await Promise.all(ports.map(isOpen));
      for (let attempt = 0; code === null && open.includes(true) && attempt < 200; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        open = await Promise.all(ports.map(isOpen));
      }
      expect(open).toEqual([false, false]);
      if (code === 0) expect(await readdir(join(folder, 'state/dtr'))).toEqual(['registry']);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('when the programs are not there', () => {
  const { PATH } = process.env;

  afterEach(() => {
    process.env['PATH'] = PATH;
  });

  it('says which, and what to do, and makes nothing', async () => {
    process.env['PATH'] = '';
    const folder = join(directory, 'without');
    await expect(startSandbox({ directory: folder, clusters: 1, notary: 'real' })).rejects.toMatchObject({
      code: 'program_missing',
      message: 'a real Notary needs notary-server and notary-signer, not found on PATH',
      cure: expect.stringContaining('apt-get install notary') as string,
    });
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** What one of the two listens on. */
async function port(folder: string, which: 'server' | 'signer'): Promise<number> {
  const text = await readFile(join(folder, 'state/dtr/real-notary', `${which}.json`), 'utf8');
  const { server } = JSON.parse(text) as { server: { http_addr?: string; grpc_addr?: string } };
  return Number((server.http_addr ?? server.grpc_addr ?? '').split(':')[1]);
}

function isOpen(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(number, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
