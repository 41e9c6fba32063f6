import { HttpError } from './error';
import { type Connections, type Exchange, exchange, openConnections } from './exchange';
import { explainFailure } from './failure';
import { multipart } from './multipart';
import { redactUrl } from './redact';
import { delay, repeatable, safeToRepeat, sleep, worthRepeating } from './retry';
import { type Trust, trustOf } from './trust';
import type { HttpOptions, HttpRequest, HttpResponse, Origin, RequestLog } from './types';

const defaultMaxBytes = 16 * 1024 * 1024;

/**
 * Talks to one server over verified TLS, on connections that are kept alive. Nothing is loaded or connected before the
 * first request. No redirect is followed, so nothing is ever sent to another host than the origin's.
 */
export class HttpClient {
  /** `host[:port]`, as in error texts. */
  readonly host: string;
  private readonly url: URL;
  private readonly trust: Trust;
  private readonly timeoutSeconds: number;
  private readonly maxRetries: number;
  private connections: Promise<Connections> | undefined;
  private attempts = 0;

  /** @throws HttpError `invalid` when the URL, the CA bundle, the client certificate or its key cannot be used */
  constructor(
    private readonly origin: Origin,
    private readonly options: HttpOptions = {},
  ) {
    this.url = originUrl(origin.url);
    this.host = this.url.host;
    this.trust = trustOf(origin, this.host);
    this.timeoutSeconds = options.timeoutSeconds ?? 30;
    this.maxRetries = options.maxRetries ?? 4;
  }

  /** How many times something was sent or tried to be sent, repetitions included. */
  get requestCount(): number {
    return this.attempts;
  }

  /**
   * Sends a request and returns the answer, whatever its status. What is safe to repeat is repeated: failures to connect
   * always; for GET, HEAD and `safeToRetry` also lost answers, timeouts, 429, 502, 503 and 504 (honouring Retry-After).
   * @throws HttpError when there was no answer
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const sent = this.prepare(request);
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt > this.maxRetries;
      let retryAfter: string | undefined;
      try {
        const response = await this.attempt(sent, attempt);
        if (last || !worthRepeating(response) || !safeToRepeat(request)) return response;
        retryAfter = response.headers['retry-after'];
      } catch (cause) {
        const error = this.explain(cause, sent);
        if (last || !repeatable(error, cause, request)) throw error;
      }
      await this.wait(delay(attempt, this.options.random ?? Math.random, retryAfter), sent);
    }
  }

  /** Waits for what is under way and closes the connections. The client may be used again; it then opens new ones. */
  async close(): Promise<void> {
    const connections = this.connections;
    this.connections = undefined;
    await (await connections)?.close();
  }

  private async attempt(sent: Exchange, attempt: number): Promise<HttpResponse> {
    this.attempts += 1;
    const started = performance.now();
    const line = (result: { status: number } | { failure: string }): RequestLog => ({
      method: sent.method,
      url: redactUrl(this.url.origin + sent.path),
      attempt,
      milliseconds: Math.round(performance.now() - started),
      ...result,
    });
    try {
      sent.signal?.throwIfAborted();
      const connections = await this.connect();
      const response = await exchange(connections, sent);
      this.options.log?.(line({ status: response.status }));
      return response;
    } catch (cause) {
      this.options.log?.(line({ failure: this.explain(cause, sent).code }));
      throw cause;
    }
  }

  private connect(): Promise<Connections> {
    if (this.connections === undefined) {
      const open = this.options.connections ?? openConnections;
      const opening = open(this.origin, this.trust, this.timeoutSeconds * 1000);
      this.connections = opening;
      opening.catch(() => {
        if (this.connections === opening) this.connections = undefined;
      });
    }
    return this.connections;
  }

  private explain(cause: unknown, sent: Exchange): HttpError {
    return explainFailure(cause, { ...sent, trust: this.trust, timeoutSeconds: sent.timeoutMilliseconds / 1000 });
  }

  private async wait(milliseconds: number, sent: Exchange): Promise<void> {
    try {
      await (this.options.sleep ?? sleep)(milliseconds, sent.signal);
    } catch (cause) {
      throw this.explain(cause, sent);
    }
  }

  private prepare(request: HttpRequest): Exchange {
    const path = withQuery(request.path, request.query);
    const form = Array.isArray(request.body) ? multipart(request.body) : undefined;
    const body = form?.bytes ?? (isText(request.body) ? request.body : undefined);
    return {
      method: request.method,
      path,
      headers: {
        'user-agent': 'cdktf-dct',
        ...(form ? { 'content-type': form.contentType } : {}),
        ...request.headers,
      },
      body,
      maxBytes: request.maxBytes ?? defaultMaxBytes,
      timeoutMilliseconds: (request.timeoutSeconds ?? this.timeoutSeconds) * 1000,
      signal: request.signal,
      request: `${request.method} ${redactUrl(this.url.origin + path)}`,
      host: this.host,
    };
  }
}

function isText(body: HttpRequest['body']): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}

function withQuery(path: string, query: HttpRequest['query'] = {}): string {
  if (!path.startsWith('/')) throw new RangeError(`not a request path: ${path}`);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'object' ? value : [String(value)]) parameters.append(name, one);
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** @throws HttpError `invalid` for what is not `https://host[:port]` */
export function originUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): HttpError =>
    new HttpError(
      'invalid',
      url?.host ?? '',
      `${JSON.stringify(redactedAddress(text))} is not an address to connect to: ${why}.`,
      {
        cure: 'Write it as https://host or https://host:port (endpoint of a cluster, notary_url of the registry).',
      },
    );
  if (url === undefined) throw refuse('it is not a URL');
  if (url.protocol !== 'https:') throw refuse('only https is spoken');
  if (url.username !== '' || url.password !== '') throw refuse('it holds a user name or password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw refuse('there is something after the host');
  return url;
}

function redactedAddress(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//[redacted]@');
}
