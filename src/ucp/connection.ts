import * as v from 'valibot';
import { DctError } from '../error';
import { type ClientCertificate, HttpClient, type HttpOptions, type HttpRequest, type HttpResponse } from '../http';
import { isSuccess, refusal } from './refusal';
import { type Credentials, Session } from './session';

export interface UcpConnectionOptions {
  /** The name the user gave the cluster, for error texts. */
  readonly name: string;
  /** `https://host[:port]`. */
  readonly endpoint: string;
  readonly caBundle?: string | undefined;
  /** From a client bundle. Preferred over `credentials`: it needs no session. */
  readonly clientCertificate?: ClientCertificate | undefined;
  readonly credentials?: Credentials | undefined;
  readonly http?: HttpOptions | undefined;
}

/** Requests to one UCP, as the user of the client bundle or of a session. */
export class UcpConnection {
  readonly name: string;
  readonly endpoint: string;
  readonly http: HttpClient;
  private readonly session: Session | undefined;

  /** @throws DctError `ucp_no_identity`; HttpError `invalid` for an endpoint, CA, certificate or key that cannot be used */
  constructor(options: UcpConnectionOptions) {
    const { name, endpoint, caBundle, clientCertificate, credentials } = options;
    this.name = name;
    this.endpoint = endpoint;
    if (clientCertificate === undefined && credentials === undefined) {
      throw new DctError(
        'ucp_no_identity',
        `Cluster "${name}" has neither a client bundle nor a user name and password.`,
        {
          cure: 'Give client_bundle_path, or certificate and private_key, or username and password.',
        },
      );
    }
    this.http = new HttpClient({ url: endpoint, caBundle, clientCertificate }, options.http);
    if (clientCertificate === undefined && credentials !== undefined)
      this.session = new Session(name, this.http, credentials);
  }

  /** Sends a request and gives the answer, whatever its status. A session that has ended is renewed, once. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    if (this.session === undefined) return this.http.request(request);
    const token = await this.session.token();
    const response = await this.http.request(withToken(request, token));
    if (response.status !== 401) return response;
    return this.http.request(withToken(request, await this.session.renew(token)));
  }

  /**
   * Reads JSON of a shape.
   * @throws DctError by status (see refusal), or `ucp_unexpected_answer` when the shape is another
   */
  async read<T>(
    path: string,
    schema: v.GenericSchema<unknown, T>,
    what: string,
    query?: HttpRequest['query'],
    signal?: AbortSignal,
  ): Promise<T> {
    const response = await this.send({ method: 'GET', path, query, headers: { accept: 'application/json' }, signal });
    if (!isSuccess(response)) throw refusal(this.name, what, response);
    return this.parse(response, schema, what);
  }

  parse<T>(response: HttpResponse, schema: v.GenericSchema<unknown, T>, what: string): T {
    return this.check(jsonOf(response), schema, what);
  }

  check<T>(value: unknown, schema: v.GenericSchema<unknown, T>, what: string): T {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    const where = result.issues.map((issue) => v.getDotPath(issue) ?? 'the answer').join(', ');
    throw new DctError(
      'ucp_unexpected_answer',
      `Cluster "${this.name}" (${this.http.host}): ${what} gave an answer of another shape than expected (at ${where}).`,
      { cure: 'Check that endpoint is the address of a UCP or MKE.' },
    );
  }

  /** Logs out and closes the connections. */
  async close(): Promise<void> {
    await this.session?.end();
    await this.http.close();
  }
}

function withToken(request: HttpRequest, token: string): HttpRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}
