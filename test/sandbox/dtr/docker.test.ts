import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperator, type Operator, runCommand } from '../../interop/docker';
import { type EngineStandIn, startEngine } from '../../interop/engine';
import { describeInterop } from '../../interop/programs';
import { basic } from '../client';
import { digest, type DtrUnderTest, passwords, push, startDtr } from './a-dtr';

describeInterop('when the real clients use the sandbox DTR', () => {
  let directory: string;
  let dtr: DtrUnderTest;
  let engine: EngineStandIn;
  let operator: Operator;
  let manifest: string;
  const repository = (): string => `${dtr.dtr.hostAddress}/admin/demo`;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dct-sandbox-'));
    dtr = await startDtr();
    const caFile = join(directory, 'ca.pem');
    await writeFile(caFile, dtr.authority.certificate);
    engine = await startEngine(join(directory, 'engine.sock'));
    const credentials = { username: 'admin', password: passwords.admin };
    const trustServer = dtr.dtr.endpoint.origin;
    operator = await createOperator({ directory, trustServer, caFile, engineSocket: engine.socket, credentials });
    await mkdir(join(operator.configDirectory, 'tls', dtr.dtr.hostAddress), { recursive: true });
    await writeFile(join(operator.configDirectory, 'tls', dtr.dtr.hostAddress, 'ca.crt'), dtr.authority.certificate);
    manifest = await push(dtr, 'admin/demo', 'v1', 'a layer');
    engine.images.set(`${repository()}:v1`, { sha256: manifest.slice(7), length: 300 });
  });
  afterAll(async () => {
    await engine.close();
    await dtr.dtr.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('docker trust adds a signer, signs, and reads it back', async () => {
    await operator.docker(['trust', 'key', 'generate', 'alice', '--dir', directory]);
    await operator.docker(['trust', 'signer', 'add', '--key', join(directory, 'alice.pub'), 'alice', repository()]);
    await operator.docker(['trust', 'sign', `${repository()}:v1`]);
    const found = await operator.inspect(repository());
    expect(found.Signers.map(({ Name }) => Name)).toEqual(['alice']);
    expect(found.SignedTags).toMatchObject([{ SignedTag: 'v1', Digest: manifest.slice(7), Signers: ['alice'] }]);
  });

  test('the API says that the tag is signed, and it is not deleted', async () => {
    const headers = { authorization: basic('admin', passwords.admin) };
    const tags = await dtr.call('/api/v0/repositories/admin/demo/tags', { headers });
    expect(JSON.parse(tags.body)).toMatchObject([{ name: 'v1', inNotary: true, hashMismatch: false }]);
    const tag = await dtr.call('/api/v0/repositories/admin/demo/tags/v1', { method: 'DELETE', headers });
    expect([tag.status, tag.body]).toEqual([409, expect.stringContaining('"TAG_IN_NOTARY"')]);
    const whole = await dtr.call('/api/v0/repositories/admin/demo', { method: 'DELETE', headers });
    expect([whole.status, whole.body]).toEqual([405, expect.stringContaining('"REPOSITORY_CONTAINS_TAGS_IN_NOTARY"')]);
    await push(dtr, 'admin/demo', 'v1', 'a moved tag');
    const moved = await dtr.call('/api/v0/repositories/admin/demo/tags/v1', { headers });
    expect(JSON.parse(moved.body)).toMatchObject([{ name: 'v1', inNotary: true, hashMismatch: true }]);
    await push(dtr, 'admin/demo', 'v1', 'a layer');
  });

  test('notary lists, adds a delegation, rotates keys and deletes', async () => {
    expect((await operator.notary(['list', repository()])).stdout).toContain(manifest.slice(7));
    expect((await operator.notary(['delegation', 'list', repository()])).stdout).toContain('targets/alice');
    await operator.notary([
      'delegation',
      'add',
      '-p',
      repository(),
      'targets/bob',
      join(directory, 'alice.pub'),
      '--all-paths',
    ]);
    expect((await operator.notary(['delegation', 'list', repository()])).stdout).toContain('targets/bob');
    for (const role of ['snapshot', 'timestamp']) await operator.notary(['key', 'rotate', repository(), role, '-r']);
    await operator.notary(['key', 'rotate', repository(), 'targets']);
    await operator.notary(['key', 'rotate', repository(), 'root'], { input: 'yes\n' });
    expect((await operator.notary(['list', repository()])).stdout).toContain('v1');
    expect((await operator.inspect(repository())).SignedTags).toHaveLength(1);
    await operator.notary(['delete', '--remote', repository()]);
    await expect(operator.docker(['trust', 'inspect', repository()])).rejects.toThrow(
      /no signatures or cannot access/i,
    );
  });

  test('notary init holds the snapshot key itself', async () => {
    const gun = `${dtr.dtr.hostAddress}/admin/by-notary`;
    await operator.notary(['init', '-p', gun]);
    await operator.notary([
      'delegation',
      'add',
      '-p',
      gun,
      'targets/releases',
      join(directory, 'alice.pub'),
      '--all-paths',
    ]);
    expect((await operator.notary(['delegation', 'list', gun])).stdout).toContain('targets/releases');
    await operator.notary(['key', 'rotate', gun, 'snapshot', '-r']);
    await operator.docker(['trust', 'signer', 'add', '--key', join(directory, 'alice.pub'), 'carol', gun]);
    expect((await operator.inspect(gun)).Signers.map(({ Name }) => Name)).toEqual(['carol']);
  });

  test('docker manifest inspect reads the image', async () => {
    const { stdout } = await operator.docker(['manifest', 'inspect', '--insecure', `${repository()}:v1`]);
    expect(JSON.parse(stdout)).toMatchObject({ layers: [{ digest: digest('a layer') }] });
  });

  test('a wrong password is refused', async () => {
    const config = { auths: { [dtr.dtr.hostAddress]: { auth: basic('admin', 'wrong').slice('Basic '.length) } } };
    const elsewhere = join(directory, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'config.json'), JSON.stringify(config));
    await expect(
      operator.docker(['trust', 'inspect', repository()], { env: { DOCKER_CONFIG: elsewhere } }),
    ).rejects.toThrow();
  });

  test('skopeo copies an image out and in', async () => {
    const login = ['--src-creds', `admin:${passwords.admin}`, '--src-tls-verify=false'];
    const copy = join(directory, 'copied');
    const run = (args: string[]): Promise<unknown> =>
      runCommand('skopeo', args, { env: { PATH: process.env.PATH ?? '', HOME: directory } });
    await run(['--insecure-policy', 'copy', ...login, `docker://${repository()}:v1`, `dir:${copy}`]);
    const target = `docker://${dtr.dtr.hostAddress}/admin/copied:v1`;
    const there = ['--dest-creds', `admin:${passwords.admin}`, '--dest-tls-verify=false'];
    await run(['--insecure-policy', 'copy', ...there, `dir:${copy}`, target]);
    const got = await dtr.as('admin', 'repository:admin/copied:pull', 'GET', '/v2/admin/copied/manifests/v1');
    expect(digest(got.body)).toBe(manifest);
  });
});
