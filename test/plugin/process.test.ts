import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import * as http2 from 'node:http2';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as tls from 'node:tls';
import { localhostCertificate } from '../../src/plugin/transport/certificate';
import { Terraform } from '../acceptance/terraform';
import { bundleProvider } from './bundle';
import { ADDRESS, book } from './library-stage';

// The provider as a process of its own, one file as it is delivered, started by hand and by Terraform.
const COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';
let bundle: Awaited<ReturnType<typeof bundleProvider>>;
let sockets: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  bundle = await bundleProvider(ADDRESS);
  sockets = await mkdtemp(path.join(tmpdir(), 'sockets-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await bundle.close();
  await rm(sockets, { recursive: true });
});

function start(environment: Record<string, string>) {
  const child = spawn(bundle.executable, {
    env: { PATH: process.env.PATH, PLUGIN_UNIX_SOCKET_DIR: sockets, ...environment },
  });
  started.push(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const line = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) resolve(stdout);
    });
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, line, exited, stderr: () => stderr };
}
const client = localhostCertificate();
const handshake = { TF_PLUGIN_MAGIC_COOKIE: COOKIE, PLUGIN_PROTOCOL_VERSIONS: '5,6' };

async function connect(line: string, identity: { pem: string; key: string }) {
  const [, , , socket = '', , der = ''] = line.trim().split('|');
  const ca = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der, 'base64').toString('base64')}\n-----END CERTIFICATE-----\n`;
  const connection = tls.connect({
    path: socket,
    cert: identity.pem,
    key: identity.key,
    ca,
    servername: 'localhost',
    ALPNProtocols: ['h2'],
  });
  await new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.once('secureConnect', resolve);
  });
  const session = http2.connect('https://localhost', { createConnection: () => connection });
  session.on('error', () => undefined);
  return session;
}

/** Sends an empty request. @returns the gRPC status */
function call(session: http2.ClientHttp2Session, method: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': method, 'content-type': 'application/grpc' });
    let status: unknown;
    stream.on('response', (headers) => (status = headers['grpc-status']));
    stream.on('trailers', (trailers: http2.IncomingHttpHeaders) => (status = trailers['grpc-status']));
    stream.on('error', reject);
    stream.on('close', () => {
      resolve(typeof status === 'string' ? status : undefined);
    });
    stream.resume();
    stream.end(Buffer.alloc(5));
  });
}

describe('when it is started by hand', () => {
  it('says what it is and ends with 1', async () => {
    const { exited, stderr } = start({});
    expect(await exited).toBe(1);
    expect(stderr()).toBe(
      'This is the Terraform provider "library". It is started by Terraform and does nothing on its own: name it in required_providers of a configuration.\n',
    );
  });

  it('refuses a Terraform that does not speak protocol 6', async () => {
    const { exited, stderr } = start({ ...handshake, PLUGIN_PROTOCOL_VERSIONS: '4,5' });
    expect(await exited).toBe(1);
    expect(stderr()).toContain('speaks plugin protocol 6, this Terraform 4, 5');
  });
});

describe('when Terraform shakes hands', () => {
  it('writes one line with a certificate in unpadded base64, and nothing else to stdout', async () => {
    const { line } = start({ ...handshake, PLUGIN_CLIENT_CERT: client.pem });
    const text = await line;
    expect(text).toMatch(
      new RegExp(`^1\\|6\\|unix\\|${sockets}/plugin-[0-9a-f]{12}\\.sock\\|grpc\\|[A-Za-z0-9+/]+\n$`),
    );
    const certificate = new X509Certificate(Buffer.from(text.trim().split('|')[5] ?? '', 'base64'));
    expect(certificate).toMatchObject({ subject: 'CN=localhost', subjectAltName: 'DNS:localhost' });
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  it('says that it does not multiplex when asked', async () => {
    const { line } = start({ ...handshake, PLUGIN_CLIENT_CERT: client.pem, PLUGIN_MULTIPLEX_GRPC: 'true' });
    expect(await line).toMatch(/\|false\n$/);
  });

  it('works without TLS when there is no client certificate', async () => {
    const { line } = start(handshake);
    expect(await line).toMatch(/\|grpc\|\n$/);
  });

  it('talks only to the client whose certificate it was given', async () => {
    const { line } = start({ ...handshake, PLUGIN_CLIENT_CERT: client.pem });
    const stranger = await connect(await line, localhostCertificate());
    // Under TLS 1.3 a client learns only afterwards that it was refused.
    const answer = await call(stranger, '/tfplugin6.Provider/GetMetadata').catch(() => 'refused');
    expect(answer ?? 'refused').toBe('refused');
    const session = await connect(await line, client);
    expect(await call(session, '/tfplugin6.Provider/GetMetadata')).toBe('0');
    session.destroy();
  });

  it('ends by itself, and takes its socket with it, when asked to shut down', async () => {
    const { line, exited } = start({ ...handshake, PLUGIN_CLIENT_CERT: client.pem });
    const session = await connect(await line, client);
    const before = await readdir(sockets);
    expect(before).toContain(path.basename((await line).split('|')[3] ?? ''));
    expect(await call(session, '/plugin.GRPCController/Shutdown')).toBe('0');
    expect(await exited).toBe(0);
    expect(await readdir(sockets)).not.toContain(path.basename((await line).split('|')[3] ?? ''));
    session.destroy();
  });

  it('goes on after ^C, which Terraform deals with', async () => {
    const { child, line } = start({ ...handshake, PLUGIN_CLIENT_CERT: client.pem });
    const session = await connect(await line, client);
    child.kill('SIGINT');
    expect(await call(session, '/tfplugin6.Provider/GetMetadata')).toBe('0');
    session.destroy();
  });

  it('ends when Terraform is gone without a word', async () => {
    const { line, exited } = start({ ...handshake, PLUGIN_CLIENT_CERT: client.pem });
    const session = await connect(await line, client);
    await call(session, '/tfplugin6.Provider/GetMetadata');
    session.destroy();
    expect(await exited).toBe(0);
  });
});

describe('when Terraform starts it', () => {
  async function terraform(environment: Record<string, string> = {}): Promise<Terraform> {
    const one = await Terraform.start({ TF_CLI_CONFIG_FILE: bundle.cliConfig, ...environment });
    await one.configure(book('title = "A"\npages = 3'));
    return one;
  }

  it('is created, refreshed and destroyed over mutual TLS', async () => {
    const one = await terraform();
    try {
      await one.must(one.apply());
      // Each command is another process with an empty library.
      const { changes } = await one.must(one.plan());
      expect(changes).toMatchObject([{ actions: ['create'], after: { pages: 3 } }]);
      await one.must(one.destroy());
    } finally {
      await one.close();
    }
  });

  it('shows what crashed it', async () => {
    const one = await terraform({ LIBRARY_CRASH_IN: 'create' });
    try {
      const { exitCode, stdout, stderr } = await one.run('apply', '-auto-approve', '-no-color');
      expect(exitCode).toBe(1);
      expect(stdout + stderr).toContain('Plugin did not respond');
      expect(stdout + stderr).toContain('panic: library: Error: the roof fell in');
      expect(stdout + stderr).toContain('plugin crashed!');
    } finally {
      await one.close();
    }
  });

  it('writes its log, and what goes to the console, as log lines of Terraform', async () => {
    const one = await terraform({ TF_LOG: 'INFO', LIBRARY_LOG: '1' });
    try {
      const { stderr } = await one.run('apply', '-auto-approve', '-no-color');
      expect(stderr).toMatch(/\[INFO\]\s+provider\.terraform-provider-library: create was called/);
    } finally {
      await one.close();
    }
  });
});
