import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ZipFile } from 'yazl';
import { readClientBundle } from '../../src/ucp';
import { type IssuedCertificate, type TestAuthority, testAuthority } from '../support/certificates';

type Files = Record<string, string | Buffer>;

let directory: string;
let authority: TestAuthority;
let mine: IssuedCertificate;
let files: Files;

beforeAll(async () => {
  authority = await testAuthority('swarm-ca');
  mine = await authority.issue({
    usage: 'client',
    commonName: 'cluster2admin',
    organization: 'Orca: ABCD:EFGH',
    organizationalUnit: 'Client',
  });
  files = { 'ca.pem': authority.certificate, 'cert.pem': mine.certificate, 'key.pem': mine.privateKey };
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function folder(content: Files): Promise<string> {
  for (const [name, text] of Object.entries(content)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

function zipped(content: Files, options: { mode?: number } = {}): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(content)) zip.addBuffer(Buffer.from(text), name, options);
  zip.end();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
    zip.outputStream.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    zip.outputStream.on('error', reject);
  });
}

async function zipFile(bytes: Buffer): Promise<string> {
  const path = join(directory, 'bundle.zip');
  await writeFile(path, bytes);
  return path;
}

const environment =
  'export DOCKER_TLS_VERIFY=1\nexport COMPOSE_TLS_VERSION=TLSv1_2\nexport DOCKER_HOST=tcp://ucp.example.com:8443\n#\n';
const meta = JSON.stringify({
  Name: 'x',
  Endpoints: { docker: { Host: 'tcp://meta.example.com:443', SkipTLSVerify: true } },
});
const kube = 'apiVersion: v1\nclusters:\n- cluster:\n    server: https://kube.example.com:6443\n';

describe('when a client bundle is read', () => {
  it('says who the user is, to which UCP, and where that is', async () => {
    const path = await folder({ ...files, 'cert.pub': 'x', 'env.sh': environment });
    expect(await readClientBundle(path)).toEqual({
      path: directory,
      certificate: mine.certificate,
      privateKey: mine.privateKey,
      caBundle: authority.certificate,
      endpoint: 'https://ucp.example.com:8443',
      user: 'cluster2admin',
      instanceId: 'ABCD:EFGH',
      validFrom: expect.any(Date) as Date,
      validTo: expect.any(Date) as Date,
    });
  });

  const inFolder = (prefix: string, content: Files): Files =>
    Object.fromEntries(Object.entries(content).map(([name, text]) => [prefix + name, text]));

  it.each<[string, () => Files | Promise<Files>, string | undefined]>([
    ['UCP 1.x', () => ({ ...files, 'env.sh': environment }), 'https://ucp.example.com:8443'],
    [
      'UCP 2.x',
      () => ({ ...files, 'env.sh': "export DOCKER_HOST='tcp://10.0.0.1:443'", 'env.cmd': 'x', 'env.ps1': 'x' }),
      'https://10.0.0.1:443',
    ],
    ['UCP 3.0', () => ({ ...files, 'kube.yml': kube }), 'https://kube.example.com:443'],
    [
      'UCP 3.2',
      () => ({ ...files, 'meta.json': meta, 'kube.yml': kube, ...inFolder('tls/docker/', files) }),
      'https://meta.example.com:443',
    ],
    [
      'a docker context',
      () => ({ 'meta.json': meta, ...inFolder('tls/docker/', files) }),
      'https://meta.example.com:443',
    ],
    [
      'MKE 3.x',
      async () => ({ 'ucp-docker-bundle.zip': await zipped({ 'meta.json': meta, ...inFolder('tls/docker/', files) }) }),
      'https://meta.example.com:443',
    ],
    [
      'zipped with its folder',
      () => inFolder('ucp-bundle-admin/', { ...files, 'env.sh': environment }),
      'https://ucp.example.com:8443',
    ],
    [
      'no endpoint',
      () => ({ ...files, 'env.sh': 'export DOCKER_HOST=unix:///var/run/docker.sock', 'meta.json': '{' }),
      undefined,
    ],
  ])('knows the layout of %s', async (name, content, endpoint) => {
    const made = await content();
    const path = await zipFile(await zipped(made));
    expect(await readClientBundle(path)).toMatchObject({ user: 'cluster2admin', endpoint });
    if (name === 'zipped with its folder') return;
    expect(await readClientBundle(await folder(made))).toMatchObject({ user: 'cluster2admin', endpoint });
  });

  it('takes text around the blocks and other line breaks', async () => {
    const path = await folder({
      ...files,
      'cert.pem': `\uFEFFsubject=x\r\n${mine.certificate.replaceAll('\n', '\r\n')}`,
      'key.pem': `\uFEFF${mine.privateKey}`,
    });
    expect(await readClientBundle(path)).toMatchObject({ user: 'cluster2admin' });
  });

  it.each(['P-384', 'RSA-2048', 'Ed25519'] as const)('takes %s keys', async (key) => {
    const { certificate, privateKey } = await authority.issue({ usage: 'client', commonName: 'me', key });
    const path = await folder({ ...files, 'cert.pem': certificate, 'key.pem': privateKey });
    expect(await readClientBundle(path)).toMatchObject({ user: 'me', instanceId: undefined });
  });
});

describe('when a client bundle cannot be used', () => {
  const refused = async (path: string, code: string, message: string | RegExp): Promise<void> => {
    const error: unknown = await readClientBundle(path).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      cure: expect.any(String) as string,
    });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('PRIVATE KEY');
  };

  it('says where it looked', async () => {
    await refused(
      join(directory, 'nowhere.zip'),
      'bundle_not_found',
      `${directory}/nowhere.zip: there is nothing there`,
    );
    await refused(
      'does/not/exist',
      'bundle_not_found',
      /^The client bundle "does\/not\/exist" was looked for at \/.*\/does\/not\/exist/,
    );
  });

  it('says what is missing', async () => {
    await refused(
      await folder({ 'ca.pem': 'x', 'env.sh': environment }),
      'bundle_incomplete',
      /lacks cert\.pem and key\.pem/,
    );
    await refused(
      await zipFile(await zipped({ readme: 'x' })),
      'bundle_incomplete',
      /lacks ca\.pem and cert\.pem and key\.pem/,
    );
  });

  it.each([
    ['ca.pem', 'nonsense', /ca\.pem is not usable: it has no "-----BEGIN CERTIFICATE-----" line/],
    [
      'cert.pem',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      /cert\.pem is not usable: its block is not a certificate/,
    ],
    ['cert.pem', '-----BEGIN CERTIFICATE-----\nAAAA', /cert\.pem is not usable: its PEM block is cut off/],
    [
      'key.pem',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      /key\.pem is not usable: it is not a PEM private key/,
    ],
    [
      'key.pem',
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----',
      /key\.pem is not usable: it is encrypted/,
    ],
  ])('says what is wrong with %s', async (name, text, message) => {
    await refused(await folder({ ...files, [name]: text }), 'bundle_malformed', message);
  });

  it('notices a key of another download', async () => {
    const { privateKey } = await authority.issue({ usage: 'client' });
    await refused(
      await folder({ ...files, 'key.pem': privateKey }),
      'bundle_key_mismatch',
      /key\.pem does not belong to cert\.pem \(O=Orca: ABCD:EFGH, OU=Client, CN=cluster2admin\)/,
    );
  });

  it('names the dates of a certificate that has expired, and reads it when told to', async () => {
    const expired = await authority.issue({
      usage: 'client',
      notBefore: new Date('2009-04-18T00:00:00Z'),
      notAfter: new Date('2019-04-15T00:00:00Z'),
    });
    const path = await folder({ ...files, 'cert.pem': expired.certificate, 'key.pem': expired.privateKey });
    await refused(
      path,
      'bundle_certificate_expired',
      /expired on 2019-04-15T00:00:00\.000Z \(valid from 2009-04-18T00:00:00\.000Z to/,
    );
    expect(await readClientBundle(path, { allowExpired: true })).toMatchObject({
      validTo: new Date('2019-04-15T00:00:00Z'),
    });
    expect(await readClientBundle(path, { now: new Date('2015-01-01T00:00:00Z') })).toMatchObject({ user: 'user' });
    await expect(readClientBundle(path, { now: new Date('2001-01-01T00:00:00Z') })).rejects.toThrow(
      'is not valid before 2009-04-18',
    );
  });
});

describe('when a zip is hostile', () => {
  const refused = async (bytes: Buffer, why: RegExp): Promise<void> => {
    const path = await zipFile(bytes);
    await expect(readClientBundle(path)).rejects.toMatchObject({
      code: 'bundle_refused',
      message: expect.stringMatching(why) as string,
      cure: expect.any(String) as string,
    });
  };
  /** yazl makes honest zips only: the name is put in afterwards, of the same length. */
  const renamed = async (name: string, content: Files = files): Promise<Buffer> => {
    const stand = 'x'.repeat(name.length);
    const bytes = await zipped({ ...content, [stand]: 'evil' });
    return Buffer.from(bytes.toString('latin1').replaceAll(stand, name), 'latin1');
  };

  it.each([
    ['../evil.sh', /invalid relative path: \.\.\/evil\.sh/],
    ['tls/../../evil', /invalid relative path/],
    ['/etc/passwd', /absolute path: \/etc\/passwd/],
    ['C:/evil.sh', /absolute path: C:\/evil/],
    ['..\\evil.sh', /invalid/],
    ['\\\\server\\x', /absolute path|invalid/],
    ['e\0vil', /an entry is named "e\\u0000vil"/],
    ['cert.pem', /it has "cert\.pem" twice/],
    ['CERT.PEM', /it has "CERT\.PEM" twice/],
    ['./key.pem', /it has "\.\/key\.pem" twice/],
  ])('refuses an entry %j', async (name, why) => {
    await refused(await renamed(name), why);
  });

  it('refuses symbolic links', async () => {
    await refused(await zipped({ 'cert.pem': '/etc/passwd' }, { mode: 0o120777 }), /"cert\.pem" is a symbolic link/);
  });

  it('refuses too many entries', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, '']));
    await refused(await zipped({ ...files, ...many }), /it has 303 entries/);
  });

  it('refuses large files, alone and together, and those that lie about it', async () => {
    await refused(
      await zipped({ ...files, 'ca.pem': Buffer.alloc(2 * 1024 * 1024) }),
      /"ca\.pem" is 2097152 bytes long/,
    );
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`f${n}`, Buffer.alloc(1_000_000)]));
    await refused(await zipped({ ...files, ...many }), /more than 8388608 bytes together/);
    const bomb = await zipped({ ...files, 'kube.yml': Buffer.alloc(5 * 1024 * 1024) });
    const size = Buffer.alloc(4);
    size.writeUInt32LE(5 * 1024 * 1024);
    const lie = Buffer.alloc(4);
    lie.writeUInt32LE(1000);
    await refused(
      Buffer.from(bomb.toString('latin1').replaceAll(size.toString('latin1'), lie.toString('latin1')), 'latin1'),
      /too many bytes|more than/,
    );
  });

  it('refuses what is cut off, damaged or no zip', async () => {
    const bytes = await zipped(files);
    await refused(bytes.subarray(0, bytes.length - 30), /is not a whole zip file/);
    await refused(bytes.subarray(100), /./);
    await refused(Buffer.from('-----BEGIN CERTIFICATE-----'), /is not a whole zip file/);
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 60, 200);
    await refused(damaged, /./);
  });

  it('refuses a hostile zip in the zip', async () => {
    await refused(
      await zipped({ 'ucp-docker-bundle.zip': await renamed('../evil.sh') }),
      /ucp-docker-bundle\.zip is refused: .*relative path/,
    );
  });

  it('refuses what is neither file nor folder', async () => {
    await symlink('/dev/zero', join(directory, 'bundle.zip'));
    await expect(readClientBundle(join(directory, 'bundle.zip'))).rejects.toThrow('is not a file');
  });
});
