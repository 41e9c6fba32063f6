/** A request as a handler sees it: read to its end, the client's certificate checked against the endpoint's client CA. */
export interface SandboxRequest {
  readonly method: string;
  /** Decoded path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Named parts of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly clientCertificate: ClientCertificate | undefined;
  /** Who the request turned out to be from; shows in the request log. */
  user: string | undefined;
}

export interface ClientCertificate {
  readonly commonName: string;
  readonly organisation: string;
  /** As eNZi has it: `derHash`. */
  readonly publicKeyId: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export type Handler = (request: SandboxRequest) => Reply | Promise<Reply>;

/** One entry of an endpoint's table; the first that matches method and path answers. */
export interface Route {
  readonly methods: readonly string[];
  readonly pattern: RegExp;
  readonly handle: Handler;
}

/**
 * @param methods one method, or several with `|` between (`GET|HEAD`), or `*`
 * @param path either a path in which `:name` stands for one segment and a last `*` for any rest, or a regular expression
 *   over the decoded path whose named groups become `params`
 */
export function route(methods: string, path: string | RegExp, handle: Handler): Route {
  return { methods: methods.split('|'), pattern: typeof path === 'string' ? patternOf(path) : path, handle };
}

/** The parts of the path when the route is for it. */
export function matchRoute(route: Route, method: string, path: string): Record<string, string> | undefined {
  if (!route.methods.includes('*') && !route.methods.includes(method)) return undefined;
  const match = route.pattern.exec(path);
  if (match === null) return undefined;
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(match.groups ?? {})) if (typeof value === 'string') params[name] = value;
  return params;
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function text(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body };
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers };
}

/** The request's body as JSON; undefined when it is none. */
export function jsonBody(request: SandboxRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** User and password of a Basic `Authorization` header. */
export function basicCredentials(request: SandboxRequest): { username: string; password: string } | undefined {
  const match = /^Basic\s+(\S+)$/i.exec(request.headers['authorization'] ?? '');
  const [, encoded] = match ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((segment) => {
      if (segment.startsWith(':')) return `(?<${segment.slice(1)}>[^/]+)`;
      if (segment === '*') return '.*';
      return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
