import type { Pool } from 'undici';
import { tlsConnector } from './connect';
import { HttpError } from './error';
import type { Trust } from './trust';
import type { HttpResponse } from './types';

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

/** The keep-alive connections to one origin. undici is loaded here and not before: it is heavy. */
export async function openPool(origin: string, trust: Trust, connectTimeoutMilliseconds: number): Promise<Pool> {
  const { Pool } = await import('undici');
  return new Pool(origin, {
    connect: tlsConnector(trust, connectTimeoutMilliseconds),
    connections: 8,
    pipelining: 1,
  });
}

/**
 * Sends one request and reads the whole answer.
 * @throws HttpError `too_large`, or whatever undici or the socket throws
 */
export async function exchange(pool: Pool, sent: Exchange): Promise<HttpResponse> {
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

async function readBody(body: AsyncIterable<Buffer>, sent: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
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
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
