import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { IssuedCertificate } from './certificates';

/** A request as a test server saw it, with its whole body. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Common name on the client certificate, if there was one. */
  readonly client: string | undefined;
}

export interface TestAnswer {
  status?: number;
  headers?: Record<string, string | string[]>;
  /** Objects are sent as JSON. */
  body?: unknown;
}

export type TestHandler = (
  request: SeenRequest,
  response: ServerResponse,
) => TestAnswer | undefined | Promise<TestAnswer | undefined>;

export interface TlsTestServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly port: number;
  readonly requests: SeenRequest[];
  readonly connections: () => number;
  /** Those of them that went on where an earlier one had begun. */
  readonly resumed: () => number;
  close(): Promise<void>;
}

export interface TlsServerOptions {
  readonly certificate: IssuedCertificate;
  /** PEM of the CA of client certificates; with it, `clients` says whether one is needed. */
  readonly clientCa?: string;
  /** @default 'optional' */
  readonly clients?: 'optional' | 'required';
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** @default 0: any free port */
  readonly port?: number;
}

/** A real HTTPS server on 127.0.0.1. A handler that answers nothing (undefined) has used the response itself. */
export async function startTlsServer(options: TlsServerOptions, handler: TestHandler): Promise<TlsTestServer> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  let resumed = 0;
  const server = createServer(
    {
      cert: options.certificate.certificate,
      key: options.certificate.privateKey,
      ...(options.clientCa === undefined ? {} : { ca: options.clientCa, requestCert: true }),
      rejectUnauthorized: options.clients === 'required',
      ...(options.maxVersion === undefined
        ? {}
        : {
            maxVersion: options.maxVersion,
            ...(options.maxVersion === 'TLSv1.1'
              ? { minVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
              : {}),
          }),
    },
    (incoming, response) => {
      void (async () => {
        const seen = await seenRequest(incoming);
        requests.push(seen);
        const answer = await handler(seen, response);
        if (answer) send(response, answer);
      })().catch((error: unknown) => {
        send(response, { status: 500, body: { message: `test handler: ${String(error)}` } });
      });
    },
  );
  server.on('secureConnection', (socket) => {
    connections += 1;
    if (socket.isSessionReused()) resumed += 1;
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    resumed: () => resumed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function seenRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  const path = incoming.url ?? '/';
  const { socket } = incoming;
  const subject = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().subject : undefined;
  return {
    method: incoming.method ?? '',
    path,
    url: new URL(path, 'https://server.test'),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    client: subject === undefined ? undefined : String(subject.CN),
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: TestAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const bytes =
    typeof body === 'string' || Buffer.isBuffer(body) ? body : body === undefined ? '' : JSON.stringify(body);
  const type = typeof body === 'object' && !Buffer.isBuffer(body) ? { 'content-type': 'application/json' } : {};
  response.writeHead(status, { ...type, ...headers }).end(bytes);
}
