import * as x509 from '@peculiar/x509';
import { spawn, type ChildProcess } from 'node:child_process';
import { webcrypto, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { connect as connectTls } from 'node:tls';
import type { Print } from './print';

const RUNS = 25;
const PROVIDER = resolve(__dirname, '../dist/provider/terraform-provider-dct');

/** Terraform spawns a provider three or four times a command: what that costs against a Node process that does nothing. */
export async function coldStart(print: Print): Promise<void> {
  const client = await makeClient();
  const bare: number[] = [];
  const handshake: number[] = [];
  const schema: number[] = [];
  // The first round warms the disk's cache and is not counted.
  for (let run = 0; run <= RUNS; run += 1) {
    const node = await timeBareNode();
    const provider = await timeProvider(client);
    if (run === 0) continue;
    bare.push(node);
    handshake.push(provider.handshake);
    schema.push(provider.schema);
  }
  const floor = median(bare);
  print(`${RUNS} interleaved runs, Node ${process.versions.node}, medians\n`);
  print('| from spawn to | ms | against `node -e 0` | target |');
  print('|---|---|---|---|');
  print(`| exit of \`node -e 0\` | ${floor.toFixed(1)} | 1.00 | |`);
  print(`| handshake line | ${row(handshake, floor)} | 1.50 |`);
  print(`| first schema reply | ${row(schema, floor)} | 1.60 |`);
}

function row(times: readonly number[], floor: number): string {
  return `${median(times).toFixed(1)} | ${(median(times) / floor).toFixed(2)}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function timeBareNode(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}

interface Client {
  readonly certificate: string;
  readonly key: string;
}

async function timeProvider(client: Client): Promise<{ handshake: number; schema: number }> {
  const start = performance.now();
  const provider = spawn(PROVIDER, {
    env: {
      ...process.env,
      TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
      PLUGIN_PROTOCOL_VERSIONS: '5,6',
      PLUGIN_CLIENT_CERT: client.certificate,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [, , , path = '', , der = ''] = (await firstLine(provider)).split('|');
  const handshake = performance.now() - start;

  const server = new X509Certificate(Buffer.from(der, 'base64')).toString();
  const session = connect('https://localhost', {
    createConnection: () =>
      connectTls({
        path,
        ca: server,
        cert: client.certificate,
        key: client.key,
        servername: 'localhost',
        ALPNProtocols: ['h2'],
      }),
  });
  await call(session, '/tfplugin6.Provider/GetProviderSchema');
  const schema = performance.now() - start;

  const exit = once(provider, 'exit');
  await call(session, '/plugin.GRPCController/Shutdown').catch(() => undefined);
  session.destroy();
  await exit;
  return { handshake, schema };
}

async function firstLine(provider: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of provider.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
  }
  throw new Error(`The provider ended without a handshake line: ${text}`);
}

/** One gRPC call with an empty message; resolves when the whole reply is there. */
async function call(session: ClientHttp2Session, path: string): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status: unknown;
  stream.on('trailers', (trailers: IncomingHttpHeaders) => (status = trailers['grpc-status']));
  stream.end(Buffer.alloc(5));
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  if (status !== '0' || (bytes < 6 && path.includes('Schema')))
    throw new Error(`${path}: grpc-status ${String(status)}`);
}

/** Terraform's own client certificates are P-521. */
async function makeClient(): Promise<Client> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}
