import { Authority } from '../../../src/sandbox/authority';
import { Endpoint } from '../../../src/sandbox/endpoint';
import { NotaryServer } from '../../../src/sandbox/notary';
import { HttpClient, type HttpRequest, type HttpResponse } from '../../../src/http';
import {
  type Authorizer,
  keysAtHand,
  type NextRootOfTrust,
  PrivateKey,
  TrustRepository,
  type TrustRepositoryOptions,
} from '../../../src/notary';

/** Stands between a repository and the server: may look, change, answer itself, or lose the reply. */
export type Tap = (
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;

/** A Notary server and clients of it. */
export class Wire {
  tap: Tap = (request, send) => send(request);
  readonly requests: HttpRequest[] = [];
  private constructor(
    private readonly notary: NotaryServer,
    private readonly endpoint: Endpoint,
    private readonly http: HttpClient,
    private readonly clock: { look?: (() => void) | undefined },
  ) {}

  static async open(): Promise<Wire> {
    const authority = await Authority.create('test CA');
    const clock: Wire['clock'] = {};
    const now = (): Date => {
      clock.look?.();
      return new Date();
    };
    const notary = await NotaryServer.open({ clock: { now } });
    const endpoint = await Endpoint.start({ tls: await authority.issueServer(), routes: notary.routes });
    const http = new HttpClient({ url: endpoint.origin, caBundle: authority.certificate }, { maxRetries: 0 });
    return new Wire(notary, endpoint, http, clock);
  }

  /** A client as a process of its own would have it: what one knows the other does not. */
  repository(
    name: string,
    keys: readonly PrivateKey[],
    options: Partial<TrustRepositoryOptions> & { authorizer?: Authorizer } = {},
  ): TrustRepository {
    const http = {
      host: this.http.host,
      request: (request: HttpRequest): Promise<HttpResponse> => {
        this.requests.push(request);
        return this.tap(request, (sent) => this.http.request(sent));
      },
    };
    const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    return new TrustRepository(`dtr.test/${name}`, { http, keys: keysAtHand(undefined, keys), sleep, ...options });
  }

  /**
   * Somebody deletes trust data between the two steps of the next publish: a server checks what it is sent, and then stores it.
   * The first thing it does is to look at the clock; it stores a little later.
   */
  deleteDuringNextPublish(name: string): void {
    this.clock.look = () => {
      this.clock.look = undefined;
      setImmediate(() => void this.notary.delete(`dtr.test/${name}`));
    };
  }

  /** A request by somebody else. */
  send(request: HttpRequest): Promise<HttpResponse> {
    return this.http.request(request);
  }

  /** Requests so far with this method, counted from the last `forget`. */
  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  forget(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    await this.http.close();
    await this.endpoint.close();
  }
}

/** A store that keeps what it is given in memory. */
export function memoryStore(rootKey = PrivateKey.generate()): NextRootOfTrust & { readonly kept: PrivateKey[] } {
  const kept: PrivateKey[] = [];
  return {
    kept,
    rootKey: () => Promise.resolve(rootKey),
    add: (key) => {
      kept.push(key);
      return Promise.resolve();
    },
    nextRootKey: (current) => Promise.resolve(current.includes(rootKey.canonicalId) ? undefined : rootKey),
    makeRootKey: () => {
      const key = PrivateKey.generate();
      kept.push(key);
      return Promise.resolve(key);
    },
  };
}

/** An answer in Notary's words. */
export function answer(
  response: HttpResponse,
  status: number,
  error: { code: string; detail?: unknown },
): HttpResponse {
  const body = JSON.stringify({ errors: [{ message: 'said by the test', detail: {}, ...error }] });
  return { ...response, status, bytes: Buffer.from(body), text: () => body, json: () => JSON.parse(body) as unknown };
}

/** The text of a publish, to look for a role or name in it. */
export function bodyOf(request: HttpRequest): string {
  if (!Array.isArray(request.body)) return '';
  return request.body
    .map((part: { filename: string; bytes: Uint8Array }) => `${part.filename} ${Buffer.from(part.bytes).toString()}`)
    .join('\n');
}
