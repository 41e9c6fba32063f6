import type { Pool } from 'undici';
import { type LateAlerts, tlsConnector } from './connect';
import { HttpError } from './error';
import type { Trust } from './trust';
import type { HttpResponse, Origin } from './types';

/** A request as it goes over the wire. */
export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly maxBytes: number;
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal | undefined;
  /** `GET https://host/path`, for error texts. */
  readonly request: string;
  readonly host: string;
}

/** The keep-alive connections to one origin. */
export interface Connections {
  readonly pool: Pick<Pool, 'request'>;
  readonly alerts: LateAlerts;
  /** Waits for what is under way. */
  readonly close: () => Promise<void>;
}

/** `origin` as the client was given it, `trust` what was read from it. */
export type OpenConnections = (origin: Origin, trust: Trust, timeoutMilliseconds: number) => Promise<Connections>;

/** undici is loaded here and not before: it is heavy. */
export const openConnections: OpenConnections = async ({ url }, trust, timeoutMilliseconds) => {
  trust.context();
  const { Pool } = await import('undici');
  const alerts: LateAlerts = new Map();
  const connect = tlsConnector(trust, timeoutMilliseconds, alerts);
  const pool = new Pool(new URL(url).origin, { connect, connections: 8, pipelining: 1 });
  return { pool, alerts, close: () => pool.close() };
};

/**
 * Sends one request and reads the whole answer.
 * @throws HttpError `too_large`, or whatever undici or the socket throws
 */
export async function exchange({ pool, alerts }: Connections, sent: Exchange): Promise<HttpResponse> {
  try {
    return await send(pool, sent);
  } catch (error) {
    throw alertBehind(error, alerts) ?? error;
  }
}

async function send(pool: Connections['pool'], sent: Exchange): Promise<HttpResponse> {
  const answer = await pool.request({
    method: sent.method,
    path: sent.path,
    headers: sent.headers,
    body: sent.body ?? null,
    signal: sent.signal ?? null,
    headersTimeout: sent.timeoutMilliseconds,
    bodyTimeout: sent.timeoutMilliseconds,
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  const bytes = await readBody(answer.body, sent);
  return {
    status: answer.statusCode,
    headers,
    bytes,
    request: sent.request,
    host: sent.host,
    text: () => bytes.toString('utf8'),
    json: (): unknown => JSON.parse(bytes.toString('utf8')),
  };
}

/** After the time-out an answer has to have come faster than this, or one byte now and then would hold a reader for ever. */
const slowestBytesPerMillisecond = 1;

async function readBody(body: AsyncIterable<Buffer>, sent: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const started = performance.now();
  let length = 0;
  // Leaving the loop early destroys the body, and with it the connection: nothing more is read.
  for await (const chunk of body) {
    length += chunk.length;
    if (length > sent.maxBytes) {
      throw new HttpError(
        'too_large',
        sent.host,
        `${sent.request}: the answer is longer than ${sent.maxBytes} bytes; the rest was not read.`,
        {
          cure: 'Check that the address is the right one.',
        },
      );
    }
    const over = performance.now() - started - sent.timeoutMilliseconds;
    if (over > 0 && length < over * slowestBytesPerMillisecond) {
      throw new HttpError('timeout', sent.host, `${sent.request}: ${sent.host} sends its answer by drops.`, {
        cure: 'Check that the server is healthy, and the network and proxies on the way to it.',
      });
    }
    chunks.push(chunk);
  }
  // undici marks the connection free a moment after the body's end; a request right after this one may then use it.
  await new Promise(setImmediate);
  return Buffer.concat(chunks, length);
}

function alertBehind(error: unknown, alerts: LateAlerts): Error | undefined {
  if (typeof error !== 'object' || error === null || !('socket' in error)) return undefined;
  const { socket } = error;
  if (typeof socket !== 'object' || socket === null || !('localPort' in socket)) return undefined;
  return typeof socket.localPort === 'number' ? alerts.get(socket.localPort) : undefined;
}
