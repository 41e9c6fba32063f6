import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestAuthority } from '../support/certificates';

/** A server that ends every handshake with the fatal alert unknown_ca (RFC 8446, 6.2). */
export async function alertingServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 48]))).resume();
  });
  const port = await listen(server);
  return { url: `https://127.0.0.1:${port}`, close: () => closed(server) };
}

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/**
 * OpenSSL's own server, which checks client certificates inside the handshake as Go's does; Node's lets the handshake
 * pass and drops the connection without an alert.
 */
export async function lateAlertingServer(authority: TestAuthority): Promise<{ url: string; close(): Promise<void> }> {
  const { certificate, privateKey } = await authority.issue();
  const directory = await mkdtemp(join(tmpdir(), 'openssl-'));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const port = await freePort();
  const child = spawn(
    'openssl',
    [
      ...['s_server', '-accept', `127.0.0.1:${port}`, '-tls1_3', '-www', '-Verify', '1', '-verify_return_error'],
      ...['-CAfile', await file('ca.pem', authority.certificate)],
      ...['-cert', await file('cert.pem', certificate), '-key', await file('key.pem', privateKey)],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('ACCEPT')) resolve();
    });
  });
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await closed(server);
  return port;
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
}
