import * as v from 'valibot';
import { DctError } from '../error';
import { type HttpClient, redact, serverMessage } from '../http';
import { isSuccess, refusal } from './refusal';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const loginSchema = v.object({ auth_token: v.pipe(v.string(), v.minLength(1)) });

/**
 * A login at UCP (`POST /auth/login`). One for everybody who asks: UCP keeps few sessions per user and drops the oldest, so
 * several would push each other, and people, out. A refused login is not tried again: that could lock the account.
 */
export class Session {
  private current: Promise<string> | undefined;

  constructor(
    private readonly cluster: string,
    private readonly http: HttpClient,
    private readonly credentials: Credentials,
  ) {}

  /** @throws DctError `ucp_login_refused`, and what HttpClient throws */
  token(): Promise<string> {
    if (this.current === undefined) {
      const login = this.login();
      this.current = login;
      login.catch((error: unknown) => {
        const final = error instanceof DctError && error.code === 'ucp_login_refused';
        if (!final && this.current === login) this.current = undefined;
      });
    }
    return this.current;
  }

  /** A token in place of one that UCP no longer takes; whoever finds the same one stale gets the same new one. */
  async renew(stale: string): Promise<string> {
    const before = this.current;
    if (before !== undefined && (await before) === stale && this.current === before) this.current = undefined;
    return this.token();
  }

  /** Ends the session at UCP, so that it does not push out another one. Failures do not matter: it ends by itself. */
  async end(): Promise<void> {
    const ending = this.current;
    this.current = undefined;
    const token = await ending?.catch(() => undefined);
    if (token === undefined) return;
    const headers = { authorization: `Bearer ${token}` };
    await this.http.request({ method: 'POST', path: '/id/logout', headers, timeoutSeconds: 5 }).catch(() => undefined);
  }

  private async login(): Promise<string> {
    const { username, password } = this.credentials;
    const response = await this.http.request({
      method: 'POST',
      path: '/auth/login',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    if (response.status === 401 || response.status === 403) {
      const said = redact(serverMessage(response), [password]);
      throw new DctError(
        'ucp_login_refused',
        `Cluster "${this.cluster}" (${response.host}): the login of ${username} was refused: ${said}`,
        {
          cure: `Correct the user name and password of cluster "${this.cluster}". It is not tried again, so that the account is not locked.`,
        },
      );
    }
    if (!isSuccess(response)) throw refusal(this.cluster, `the login of ${username}`, response, [password]);
    const answer = v.safeParse(loginSchema, jsonOf(response.text()));
    if (answer.success) return answer.output.auth_token;
    throw new DctError(
      'ucp_unexpected_answer',
      `Cluster "${this.cluster}" (${response.host}): the login of ${username} gave no token.`,
      {
        cure: 'Check that endpoint is the address of a UCP or MKE.',
      },
    );
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
