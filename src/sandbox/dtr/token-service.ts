import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import * as v from 'valibot';
import type { KeyPair } from '../authority';
import type { Clock } from '../clock';
import { basicCredentials, json, type Reply, route, type Route, type SandboxRequest } from '../route';
import { type Access, covers, parseScope } from './scope';
import type { Users } from './users';

export interface TokenServiceOptions {
  readonly users: Users;
  readonly clock: Clock;
  /** Signs the tokens, each of which brings the certificate along: others know them by the authority it is from. */
  readonly identity: KeyPair;
  /** Whether everybody may pull. */
  readonly isPublic: (repository: string) => boolean;
  /** `localhost:<port>`: host of the realm, service, issuer, and first part of GUNs. Known once the endpoint is up. */
  readonly host: () => string;
}

const lifetimeSeconds = 300;
const claimsSchema = v.object({
  sub: v.string(),
  /** Seconds. */
  nbf: v.number(),
  exp: v.number(),
  access: v.array(v.object({ type: v.string(), name: v.string(), actions: v.array(v.string()) })),
});
type Claims = v.InferOutput<typeof claimsSchema>;

/**
 * `/auth/token` and the check of its tokens, as docker's token authentication has it: a Basic login or an OAuth2 form in, an
 * ES256 JWT with the access that is allowed out. A token comes back even when nothing is allowed (reference: DTR, token).
 */
export class TokenService {
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly certificate: string;
  private readonly refreshTokens = new Map<string, string>();
  private readonly verified = new Map<string, Claims>();

  constructor(private readonly options: TokenServiceOptions) {
    const { certificate, privateKey } = options.identity;
    this.privateKey = createPrivateKey(privateKey);
    this.publicKey = createPublicKey(this.privateKey);
    this.certificate = new X509Certificate(certificate).raw.toString('base64');
  }

  get routes(): readonly Route[] {
    return [
      route('GET', '/auth/token', (request) => this.get(request)),
      route('POST', '/auth/token', (request) => this.post(request)),
    ];
  }

  /**
   * Undefined when the request carries a token that covers the scope (any valid token without one), else the 401 with its
   * challenge. Never 403: that is how notary and the registry do it.
   */
  async authorize(request: SandboxRequest, scope?: string): Promise<Reply | undefined> {
    const asked = scope === undefined ? undefined : parseScope(scope);
    const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '') ?? [];
    if (token === undefined) return this.challenge(asked);
    const claims = await this.verify(token);
    if (claims === undefined) return this.challenge(asked, 'invalid_token');
    request.user = claims.sub;
    return asked === undefined || covers(claims.access, asked)
      ? undefined
      : this.challenge(asked, 'insufficient_scope');
  }

  private async get(request: SandboxRequest): Promise<Reply> {
    const credentials = basicCredentials(request);
    if (credentials === undefined) {
      // nobody in particular gets a token too: for what is public
      return request.headers['authorization'] === undefined
        ? this.grant(undefined, scopesOf(request.query))
        : refused();
    }
    if (!this.options.users.knows(credentials.username, credentials.password)) return refused();
    request.user = credentials.username;
    return this.grant(credentials.username, scopesOf(request.query));
  }

  private async post(request: SandboxRequest): Promise<Reply> {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const user =
      form.get('grant_type') === 'refresh_token'
        ? this.refreshTokens.get(form.get('refresh_token') ?? '')
        : this.passwordUser(form);
    if (user === undefined) return refused();
    request.user = user;
    const offline = form.get('access_type') === 'offline';
    return this.grant(user, scopesOf(form), offline ? this.refreshToken(user) : undefined);
  }

  private passwordUser(form: URLSearchParams): string | undefined {
    const name = form.get('username') ?? '';
    return this.options.users.knows(name, form.get('password') ?? '') ? name : undefined;
  }

  private refreshToken(user: string): string {
    const token = randomUUID();
    this.refreshTokens.set(token, user);
    return token;
  }

  /** A token for the DTR's own use. */
  issue(user: string, access: readonly Access[]): Promise<string> {
    const seconds = Math.floor(this.options.clock.now().getTime() / 1000);
    return new SignJWT({ access })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c: [this.certificate] })
      .setIssuer(this.options.host())
      .setSubject(user)
      .setAudience(this.options.host())
      .setIssuedAt(seconds)
      .setNotBefore(seconds - 10)
      .setExpirationTime(seconds + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(this.privateKey);
  }

  private async grant(user: string | undefined, scopes: readonly string[], refreshToken?: string): Promise<Reply> {
    const access = scopes.map(parseScope).flatMap((asked) => (asked === undefined ? [] : this.allowed(user, asked)));
    const token = await this.issue(user ?? '', access);
    return json({
      token,
      access_token: token,
      expires_in: lifetimeSeconds,
      issued_at: this.options.clock.now().toISOString(),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    });
  }

  private allowed(user: string | undefined, asked: Access): Access[] {
    const { users, isPublic } = this.options;
    if (asked.type !== 'repository') return user !== undefined && users.isAdmin(user) ? [asked] : [];
    const prefix = `${this.options.host()}/`;
    const repository = asked.name.startsWith(prefix) ? asked.name.slice(prefix.length) : asked.name;
    const may = [...users.actions(user, repository), ...(isPublic(repository) ? ['pull'] : [])];
    const actions = asked.actions.filter((action) => may.includes(action));
    return actions.length === 0 ? [] : [{ ...asked, actions }];
  }

  /** A token that was good is good until it ends: clients send the same one with every request. */
  private async verify(token: string): Promise<Claims | undefined> {
    const known = this.verified.get(token);
    const now = this.options.clock.now().getTime() / 1000;
    if (known !== undefined && known.nbf <= now && now < known.exp) return known;
    const claims = await this.claimsOf(token);
    if (claims !== undefined) this.verified.set(token, claims);
    return claims;
  }

  private async claimsOf(token: string): Promise<Claims | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.publicKey, {
        algorithms: ['ES256'],
        issuer: this.options.host(),
        audience: this.options.host(),
        currentDate: this.options.clock.now(),
      });
      return v.parse(claimsSchema, payload);
    } catch {
      return undefined;
    }
  }

  private challenge(asked: Access | undefined, error?: string): Reply {
    const host = this.options.host();
    const scope = asked === undefined ? '' : `,scope="${asked.type}:${asked.name}:${asked.actions.join(',')}"`;
    const reason = error === undefined ? '' : `,error="${error}"`;
    const detail = asked?.actions.map((action) => ({ Type: asked.type, Class: '', Name: asked.name, Action: action }));
    return json(
      { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: detail ?? null }] },
      401,
      {
        'WWW-Authenticate': `Bearer realm="https://${host}/auth/token",service="${host}"${scope}${reason}`,
        'Docker-Distribution-Api-Version': 'registry/2.0',
      },
    );
  }
}

/** `scope` may come several times, and several in one. */
function scopesOf(parameters: URLSearchParams): string[] {
  return parameters
    .getAll('scope')
    .flatMap((scope) => scope.split(' '))
    .filter((scope) => scope !== '');
}

function refused(): Reply {
  return json({ errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password', detail: null }] }, 401);
}
