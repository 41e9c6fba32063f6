import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { KeyPair } from './authority';
import { type Clock, systemClock } from './clock';
import { controlRoutes } from './control';
import { type Fault, Faults } from './faults';
import { RequestLog } from './request-log';
import { derHash } from './ucp/key-id';
import {
  type ClientCertificate,
  empty,
  json,
  matchRoute,
  type Reply,
  type Route,
  type SandboxRequest,
  text,
} from './route';

export interface EndpointOptions {
  /** The server's certificate. */
  readonly tls: KeyPair;
  /** PEM of the authority whose client certificates are accepted; without it none is asked for. */
  readonly clientCa?: string;
  /** @default 0, a free port */
  readonly port?: number;
  readonly routes: readonly Route[];
  readonly clock?: Clock;
  /** The answer where no route matches. @default 404 `{"message":"page not found"}`, as UCP has it */
  readonly notFound?: (request: SandboxRequest) => Reply;
  /** Headers of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An HTTPS server on 127.0.0.1 with a table of routes, a log of its requests and faults to order. Every endpoint also has
 * `GET|DELETE /_sandbox/requests` and `GET|POST|DELETE /_sandbox/faults`, which are neither logged nor disturbed.
 */
export class Endpoint {
  /** Stays what it was after closing, so that a later run can take it again. */
  readonly port: number;
  readonly requests = new RequestLog();
  readonly faults = new Faults();
  private readonly clock: Clock;
  private readonly control: readonly Route[];

  private constructor(
    private readonly options: EndpointOptions,
    private readonly server: Server,
  ) {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
    this.port = address.port;
    this.clock = options.clock ?? systemClock;
    this.control = controlRoutes(this.requests, this.faults);
    server.keepAliveTimeout = 60_000;
    server.on('request', (message, response) => void this.serve(message, response));
    server.on('secureConnection', refuseForeignCertificate);
  }

  static async start(options: EndpointOptions): Promise<Endpoint> {
    const server = createServer({
      cert: options.tls.certificate,
      key: options.tls.privateKey,
      minVersion: 'TLSv1.2',
      ...(options.clientCa === undefined ? {} : { ca: options.clientCa, requestCert: true, rejectUnauthorized: false }),
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return new Endpoint(options, server);
  }

  /** `localhost:<port>`, as it stands in a GUN. */
  get host(): string {
    return `localhost:${this.port}`;
  }

  get origin(): string {
    return `https://${this.host}`;
  }

  /** Takes no new connection, lets requests under way finish for a moment, then cuts what is left. */
  async close(): Promise<void> {
    const cut = setTimeout(() => {
      this.server.closeAllConnections();
    }, 1_000);
    await new Promise<void>((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
    clearTimeout(cut);
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = message.method ?? 'GET';
    const url = message.url ?? '/';
    let request: OpenRequest;
    try {
      request = await readRequest(message, method, url);
    } catch (error) {
      if (!message.destroyed) send(response, text(String(error), 400), method);
      return;
    }
    if (request.path.startsWith('/_sandbox/')) {
      send(response, await answer(this.control, request, () => empty(404)), method);
      return;
    }
    const fault = this.faults.take(method, url);
    const log = (status: number): void => {
      this.requests.add({
        time: this.clock.now().toISOString(),
        method,
        path: url,
        status,
        ...(request.user === undefined ? {} : { user: request.user }),
        bodyBytes: request.body.length,
        ...(fault === undefined ? {} : { fault: fault.kind }),
      });
    };
    if (fault !== undefined && !fault.after) {
      if (fault.kind === 'reset') {
        log(0);
        message.socket.destroy();
        return;
      }
      if (fault.kind === 'status') {
        log(fault.status);
        send(response, faultReply(fault), method);
        return;
      }
      if (fault.kind === 'delay') await pause(fault.delayMs);
    }
    const notFound = this.options.notFound ?? (() => json({ message: 'page not found' }, 404));
    const reply = await answer(this.options.routes, request, notFound);
    log(reply.status);
    const full = { ...reply, headers: { ...this.options.headers, ...reply.headers } };
    if (fault?.kind === 'truncate') {
      sendHalf(response, full);
      return;
    }
    if (fault?.after) {
      if (fault.kind === 'delay') await pause(fault.delayMs);
      if (fault.kind === 'reset') message.socket.destroy();
      if (fault.kind === 'status') send(response, faultReply(fault), method);
      if (fault.kind !== 'delay') return;
    }
    send(response, full, method);
  }
}

/** The request while its route is being looked for. */
interface OpenRequest extends SandboxRequest {
  params: Readonly<Record<string, string>>;
}

async function answer(
  routes: readonly Route[],
  request: OpenRequest,
  notFound: (request: SandboxRequest) => Reply,
): Promise<Reply> {
  for (const route of routes) {
    const params = matchRoute(route, request.method, request.path);
    if (params === undefined) continue;
    try {
      request.params = params;
      return await route.handle(request);
    } catch (error) {
      return json({ message: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 500);
    }
  }
  return notFound(request);
}

async function readRequest(message: IncomingMessage, method: string, url: string): Promise<OpenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const parsed = new URL(url, 'https://localhost');
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) headers[name] = String(value);
  return {
    method,
    path: decodeURIComponent(parsed.pathname),
    query: parsed.searchParams,
    headers,
    body: Buffer.concat(chunks),
    params: {},
    clientCertificate: clientCertificate(message),
    user: undefined,
  };
}

/** Of connections that stay open for many requests. */
const known = new WeakMap<TLSSocket, ClientCertificate>();

function clientCertificate({ socket }: IncomingMessage): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = known.get(socket) ?? readCertificate(socket);
  if (certificate !== undefined) known.set(socket, certificate);
  return certificate;
}

function readCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const field = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(certificate.subject)?.[1] ?? '';
  return { commonName: field('CN'), organisation: field('O'), publicKeyId: derHash(certificate.publicKey) };
}

/** Go's servers verify a client certificate if one is given: a foreign one ends the connection, none is fine. */
function refuseForeignCertificate(socket: TLSSocket): void {
  if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) socket.destroy();
}

function send(response: ServerResponse, reply: Reply, method: string): void {
  const body = bytes(reply);
  response.writeHead(reply.status, { ...reply.headers, ...lengthOf(reply, body) });
  response.end(method === 'HEAD' ? undefined : body);
}

function sendHalf(response: ServerResponse, reply: Reply): void {
  const body = bytes(reply);
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': String(Math.max(body.length, 2)) });
  response.write(body.subarray(0, Math.max(1, body.length >> 1)), () => response.destroy());
}

function bytes(reply: Reply): Buffer {
  return Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(reply.body ?? '', 'utf8');
}

/** A HEAD's reply may carry the length of the body it does not send. */
function lengthOf(reply: Reply, body: Buffer): Record<string, string> {
  if (reply.status === 204 || reply.headers?.['Content-Length'] !== undefined) return {};
  return { 'Content-Length': String(body.length) };
}

function faultReply(fault: Fault): Reply {
  const body = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body);
  const type = typeof fault.body === 'string' ? 'text/plain' : 'application/json';
  return { status: fault.status, headers: { 'Content-Type': type, ...fault.headers }, body };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
