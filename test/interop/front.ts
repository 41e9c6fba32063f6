import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { Identity } from './pki';

/** One request that came through the front. `status` 0: the reply was withheld. */
export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  status: number;
}

/**
 * What to do with a request before it is passed on: `undefined` passes it; `drop-reply` lets the server act and then cuts the
 * connection; an answer is given instead of the server's.
 */
export type Fault = (request: FrontRequest) => undefined | 'drop-reply' | { status: number; body: string };

export interface Upstreams {
  readonly notary: string;
  readonly registry: string;
  readonly caBundle: string;
  /** Answers requests to `/auth/token`. */
  readonly token?: (request: IncomingMessage) => Promise<{ status: number; body: string }>;
}

/** One TLS host in front of Notary and registry, as a DTR is: `…/_trust/…` goes to Notary, the rest of `/v2/` to the registry. */
export interface Front {
  /** 0 on a unix socket. */
  readonly port: number;
  readonly requests: FrontRequest[];
  fault: Fault | undefined;
  readonly close: () => Promise<void>;
}

/** `listen`: a port on loopback, or the path of a unix socket. */
export async function startFront(
  identity: Identity,
  upstreams: Upstreams,
  listen: number | string = 0,
): Promise<Front> {
  const requests: FrontRequest[] = [];
  const onward = new Agent({ keepAlive: true, ca: upstreams.caBundle });
  const server = createServer({ cert: identity.certificate, key: identity.privateKey }, (incoming, outgoing) => {
    const entry: FrontRequest = { method: incoming.method ?? '', path: incoming.url ?? '', status: 0 };
    requests.push(entry);
    const fault = front.fault?.(entry);
    if (typeof fault === 'object') {
      incoming.resume();
      answer(outgoing, entry, fault);
    } else if (entry.path.startsWith('/auth/token') && upstreams.token !== undefined) {
      void upstreams.token(incoming).then((reply) => {
        answer(outgoing, entry, reply);
      });
    } else {
      pass(incoming, outgoing, entry, { upstreams, agent: onward, dropReply: fault === 'drop-reply' });
    }
  });
  await new Promise<void>((resolve) => {
    if (typeof listen === 'string') server.listen(listen, resolve);
    else server.listen(listen, '127.0.0.1', resolve);
  });
  const address = server.address();
  const front: Front = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    requests,
    fault: undefined,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      onward.destroy();
      await closed;
    },
  };
  return front;
}

function answer(outgoing: ServerResponse, entry: FrontRequest, reply: { status: number; body: string }): void {
  entry.status = reply.status;
  outgoing.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  entry: FrontRequest,
  { upstreams, agent, dropReply }: { upstreams: Upstreams; agent: Agent; dropReply: boolean },
): void {
  // docker's ping of a trust server is /v2/ on the same host: with auth on it needs Notary's challenge, not the registry's
  const toNotary = entry.path.includes('/_trust/') || (entry.path === '/v2/' && upstreams.token !== undefined);
  const base = toNotary ? upstreams.notary : upstreams.registry;
  const url = new URL(entry.path, base);
  const about = { method: entry.method, headers: endToEnd(incoming.headers) };
  // the Host header is of the front, the certificate of the server behind it
  const tls = { agent, servername: url.hostname };
  const send = (take: (reply: IncomingMessage) => void) =>
    url.protocol === 'https:' ? httpsRequest(url, { ...about, ...tls }, take) : httpRequest(url, about, take);
  const onward = send((reply) => {
    if (dropReply) {
      reply.resume();
      reply.once('end', () => incoming.socket.destroy());
      return;
    }
    entry.status = reply.statusCode ?? 0;
    outgoing.writeHead(entry.status, endToEnd(reply.headers));
    reply.pipe(outgoing);
  });
  onward.once('error', (error) => {
    answer(outgoing, entry, { status: 502, body: JSON.stringify({ message: error.message }) });
  });
  incoming.pipe(onward);
}

/** Without what is between two hosts only: docker has each connection closed, which is no reason to close the next one. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'keep-alive'));
}
