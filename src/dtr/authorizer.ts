import * as v from 'valibot';
import { DctError } from '../error';
import { type HttpClient, type HttpResponse, redact, serverMessage } from '../http';
import { parseChallenges } from './challenge';

/** Answers the challenge of a registry or Notary server. */
export interface Authorizer {
  /** @returns an Authorization header, or undefined when there is nothing to answer with */
  authorize(request: AuthorizationRequest): Promise<string | undefined>;
}

export interface AuthorizationRequest {
  /** What the request is about: `repository:<name or GUN>:pull,push`. */
  readonly scope: string;
  /** The WWW-Authenticate header of the 401. */
  readonly challenge: string;
  readonly signal?: AbortSignal | undefined;
}

export interface TokenAuthorizerOptions {
  /** `host[:port]`: whose user the credentials are of. They are sent to this host only. */
  readonly hostAddress: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** Requests to one origin, with the registry's CA and client certificate. */
  readonly clientOf: (origin: string) => HttpClient;
  /** Milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
}

interface CachedToken {
  readonly token: string;
  readonly until: number;
}

const answerSchema = v.pipe(
  v.object({
    token: v.nullish(v.string(), ''),
    access_token: v.nullish(v.string(), ''),
    expires_in: v.nullish(v.number()),
  }),
  v.check(({ token, access_token }) => token !== '' || access_token !== ''),
);

/**
 * The token flow of Docker registries (distribution spec, "Token Authentication"): Bearer tokens from the realm of the challenge,
 * kept until shortly before they expire; Basic where the server asks for that.
 */
export class TokenAuthorizer implements Authorizer {
  private readonly tokens = new Map<string, Promise<CachedToken>>();

  constructor(private readonly options: TokenAuthorizerOptions) {}

  async authorize({ scope, challenge, signal }: AuthorizationRequest): Promise<string | undefined> {
    const challenges = parseChallenges(challenge);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      const token = await this.token(bearer.parameters, scope, signal);
      return `Bearer ${token}`;
    }
    return challenges.some(({ scheme }) => scheme === 'basic') ? this.basic() : undefined;
  }

  /** The user and password themselves, for the registry's own API. */
  private basic(): string | undefined {
    const { credentials } = this.options;
    return credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  }

  /** Throws away the tokens of a scope: the server does not take them any more. */
  forget(scope: string): void {
    for (const key of this.tokens.keys()) {
      if (key.endsWith(`,${JSON.stringify(scope)}]`)) this.tokens.delete(key);
    }
  }

  private async token(
    parameters: Readonly<Record<string, string>>,
    scope: string,
    signal?: AbortSignal,
  ): Promise<string> {
    const realm = this.checkRealm(parameters['realm'] ?? '');
    const service = parameters['service'] ?? '';
    const key = JSON.stringify([realm.href, service, scope]);
    // The server has just said that the token it was shown is no good.
    if (parameters['error'] === 'invalid_token') this.tokens.delete(key);
    const before = this.tokens.get(key);
    if (before) {
      const known = await before.catch(() => undefined);
      if (known && known.until > this.now()) return known.token;
      if (this.tokens.get(key) === before) this.tokens.delete(key);
    }
    return (await (this.tokens.get(key) ?? this.start(key, this.ask(realm, service, scope, signal)))).token;
  }

  /** Remembers what is being asked for, so that others wait for the same; not a failure. */
  private start(key: string, asked: Promise<CachedToken>): Promise<CachedToken> {
    this.tokens.set(key, asked);
    asked.catch(() => {
      if (this.tokens.get(key) === asked) this.tokens.delete(key);
    });
    return asked;
  }

  private async ask(realm: URL, service: string, scope: string, signal?: AbortSignal): Promise<CachedToken> {
    const { credentials } = this.options;
    const basic = this.basic();
    const asked = this.now();
    const response = await this.options.clientOf(realm.origin).request({
      method: 'GET',
      path: realm.pathname,
      query: {
        ...Object.fromEntries(realm.searchParams),
        service: service || undefined,
        scope,
        account: credentials?.username,
      },
      headers: { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) },
      signal,
    });
    if (response.status !== 200) throw this.refused(response, scope);
    const answer = v.safeParse(answerSchema, jsonOf(response));
    if (!answer.success) {
      throw new DctError('registry_unexpected_answer', `${realm.origin}${realm.pathname} gave no token for ${scope}.`, {
        cure: 'Check that this is the address of a DTR.',
      });
    }
    const { token, access_token, expires_in } = answer.output;
    // 60 s where the server does not say (distribution spec); a tenth less, so that it does not expire on the way.
    return { token: token || access_token, until: asked + (expires_in ?? 60) * 900 };
  }

  /** A server can name any realm it likes, and gets the password there: so only one on its own host. */
  private checkRealm(text: string): URL {
    const { hostAddress } = this.options;
    const realm = URL.canParse(text) ? new URL(text) : undefined;
    const own = new URL(`https://${hostAddress}`).hostname;
    const allowed = realm?.protocol === 'https:' && realm.username === '' && realm.hostname === own;
    if (realm && allowed) return realm;
    throw new DctError(
      'registry_foreign_realm',
      `${hostAddress} wants the login sent to ${JSON.stringify(redact(text))}, which is not https on its own host; nothing was sent.`,
      { cure: 'Use the host name the DTR itself uses (its load balancer address), so that both are the same.' },
    );
  }

  private refused(response: HttpResponse, scope: string): DctError {
    const { hostAddress, credentials } = this.options;
    const who = credentials ? `the login of ${credentials.username}` : 'anonymous access';
    const said = redact(serverMessage(response), credentials ? [credentials.password] : []);
    if (response.status === 401 || response.status === 403) {
      return new DctError(
        'registry_login_refused',
        `${hostAddress}: ${who} for ${scope} was refused with status ${response.status}: ${said}`,
        {
          cure: 'Correct registry.username and registry.password (a password or an access token).',
        },
      );
    }
    return new DctError(
      'registry_refused',
      `${hostAddress}: no token for ${scope}; status ${response.status}: ${said}`,
      {
        cure: 'Check the health of the DTR (its /_ping) and try again.',
      },
    );
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}
