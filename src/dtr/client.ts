import {
  type ClientCertificate,
  HttpClient,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  checkHostAddress,
} from '../http';
import { type AuthorizationRequest, type Authorizer, TokenAuthorizer } from './authorizer';
import { parseChallenges } from './challenge';
import { type Manifest, checkReference, manifestMediaTypes, manifestRefusal, readManifest } from './manifest';

export interface RegistryClientOptions {
  /** `host[:port]`, the first part of every GUN. */
  readonly hostAddress: string;
  /** PEM. Left out: the system's root certificates. */
  readonly caBundle?: string | undefined;
  /** `password` may be an access token. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** A UCP client bundle's, which DTR takes since 2.7. */
  readonly clientCertificate?: ClientCertificate | undefined;
  readonly http?: HttpOptions | undefined;
  /** Milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** The central DTR: logins for it and its Notary server, and manifests. */
export class RegistryClient implements Authorizer {
  readonly hostAddress: string;
  private readonly clients = new Map<string, HttpClient>();
  private readonly http: HttpClient;
  private readonly tokens: TokenAuthorizer;
  /** The challenge seen last for a repository: the next request to it can bring its token along. */
  private readonly challenges = new Map<string, string>();

  /** @throws HttpError `invalid` for a host address, CA, certificate or key that cannot be used */
  constructor(private readonly options: RegistryClientOptions) {
    const { credentials, now } = options;
    this.hostAddress = checkHostAddress(options.hostAddress, 'registry host address');
    this.http = this.clientOf(`https://${this.hostAddress}`);
    this.tokens = new TokenAuthorizer({
      hostAddress: this.hostAddress,
      credentials,
      now,
      clientOf: (origin) => this.clientOf(origin),
    });
  }

  /** An Authorization header for this registry and the Notary server behind it, for those who talk to it themselves. */
  authorize(request: AuthorizationRequest): Promise<string | undefined> {
    return this.tokens.authorize(request);
  }

  /**
   * What a tag or digest of a repository (`admin/trustdemo`) stands for, from the manifest's own bytes.
   * @throws DctError `invalid_reference`, `image_not_found`, `registry_not_authorized`, `registry_login_refused`,
   *   `manifest_digest_mismatch`, `manifest_unsupported`, `registry_refused`
   */
  async manifest(repository: string, reference: string, signal?: AbortSignal): Promise<Manifest> {
    checkReference(reference);
    const image = `${this.hostAddress}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
    const path = `/v2/${repository.split('/').map(encodeURIComponent).join('/')}/manifests/${reference}`;
    const response = await this.send(repository, {
      method: 'GET',
      path,
      headers: { accept: manifestMediaTypes.join(', ') },
      maxBytes: 4 * 1024 * 1024,
      signal,
    });
    if (response.status !== 200)
      throw manifestRefusal(response, image, reference, this.options.credentials?.username ?? 'this client');
    return readManifest(response, image, reference);
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }

  /** Sends a request to the registry; answers its challenge, and once more when a token that was brought along is refused. */
  private async send(repository: string, request: HttpRequest): Promise<HttpResponse> {
    const known = this.challenges.get(repository);
    const first = await this.sendAuthorized(repository, request, known);
    const challenge = first.headers['www-authenticate'];
    if (first.status !== 401 || challenge === undefined) return first;
    if (known !== undefined) this.tokens.forget(scopeOf(known, repository));
    this.challenges.set(repository, withoutError(challenge));
    return this.sendAuthorized(repository, request, challenge);
  }

  private async sendAuthorized(
    repository: string,
    request: HttpRequest,
    challenge: string | undefined,
  ): Promise<HttpResponse> {
    if (challenge === undefined) return this.http.request(request);
    const scope = scopeOf(challenge, repository);
    const authorization = await this.tokens.authorize({ scope, challenge, signal: request.signal });
    const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization }) };
    return this.http.request({ ...request, headers });
  }

  /**
   * The one client of a server that goes with this registry: its Notary server, whoever gives out its tokens. It is closed
   * with this.
   * @throws HttpError `invalid` for a URL that cannot be used
   */
  clientOf(url: string): HttpClient {
    const key = URL.canParse(url) ? new URL(url).href : url;
    let client = this.clients.get(key);
    if (client === undefined) {
      const { caBundle, clientCertificate, http } = this.options;
      client = new HttpClient({ url, caBundle, clientCertificate }, http);
      this.clients.set(key, client);
    }
    return client;
  }
}

/** The server knows best how it names a repository in a scope. */
function scopeOf(challenge: string, repository: string): string {
  const bearer = parseChallenges(challenge).find(({ scheme }) => scheme === 'bearer');
  return bearer?.parameters['scope'] ?? `repository:${repository}:pull`;
}

/** `error="invalid_token"` is about one token; kept, it would throw away every next one too. */
function withoutError(challenge: string): string {
  return challenge.replace(/,?\s*error(?:_description)?="[^"]*"/g, '');
}
