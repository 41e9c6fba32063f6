import { DctError } from '../../error';
import { type HttpClient, type HttpRequest, type HttpResponse, serverMessage } from '../../http';
import type { Gun } from '../documents';

/** What a request may do, as token servers name it. `*` is for deleting trust data and rotating the server's keys. */
export type Actions = 'pull' | 'pull,push' | '*';

/** Finds the Authorization header that a challenge asks for. */
export interface Authorizer {
  authorize(request: {
    /** `repository:<gun>:<actions>` */
    readonly scope: string;
    /** The `WWW-Authenticate` header. */
    readonly challenge: string;
    readonly signal?: AbortSignal | undefined;
  }): Promise<string | undefined>;
}

/** What the session needs of an HTTP client. */
export type Transport = Pick<HttpClient, 'request' | 'host'>;

/** Requests about one GUN, authorised as the server asks for it. Any status but 401 is an answer. */
export class Session {
  private readonly headers = new Map<Actions, string>();
  private readonly pending = new Map<Actions, Promise<string | undefined>>();

  constructor(
    readonly gun: Gun,
    private readonly http: Transport,
    private readonly authorizer: Authorizer | undefined,
  ) {}

  get host(): string {
    return this.http.host;
  }

  /** A request below `/v2/<gun>/_trust/tuf/`. Throws HttpError without an answer, `unauthorised` where we are not let in. */
  async request(path: string, actions: Actions, request: Omit<HttpRequest, 'path'>): Promise<HttpResponse> {
    const full = `/v2/${this.gun}/_trust/tuf/${path}`;
    const send = (authorization: string | undefined): Promise<HttpResponse> => {
      const headers = authorization === undefined ? request.headers : { ...request.headers, authorization };
      return this.http.request({ ...request, path: full, headers });
    };
    const used = this.headers.get(actions);
    const response = await send(used);
    if (response.status !== 401) return response;
    const authorization = await this.authorize(actions, response, used);
    if (authorization === undefined) throw this.unauthorised(response, actions);
    const again = await send(authorization);
    if (again.status === 401) throw this.unauthorised(again, actions);
    return again;
  }

  /** One token for all requests that are refused at the same time. */
  private async authorize(
    actions: Actions,
    response: HttpResponse,
    refused: string | undefined,
  ): Promise<string | undefined> {
    const newer = this.headers.get(actions);
    if (newer !== refused) return newer;
    const challenge = response.headers['www-authenticate'];
    if (this.authorizer === undefined || challenge === undefined) return undefined;
    const scope = `repository:${this.gun}:${actions}`;
    const answer = this.pending.get(actions) ?? this.authorizer.authorize({ scope, challenge });
    this.pending.set(actions, answer);
    try {
      const header = await answer;
      if (header !== undefined) this.headers.set(actions, header);
      return header;
    } finally {
      this.pending.delete(actions);
    }
  }

  private unauthorised(response: HttpResponse, actions: Actions): DctError {
    const said = `${this.host} answered ${response.status}: ${serverMessage(response)}`;
    const what = { pull: 'read', 'pull,push': 'change', '*': 'delete, or rotate keys of,' }[actions];
    return new DctError('unauthorised', `not allowed to ${what} the trust data of ${this.gun}; ${said}`, {
      cure:
        actions === '*'
          ? 'give a user who administers this repository (registry.username): this needs the scope "*", which others may not have'
          : `give a user who may ${actions === 'pull' ? 'read' : 'push to'} this repository (registry.username and registry.password)`,
    });
  }
}
