import type { OpenConnections } from './exchange';

/** A server to talk to: where it is, who vouches for it, and who we are to it. */
export interface Origin {
  /** `https://host[:port]`, nothing after it. Plain HTTP is refused. */
  readonly url: string;
  /** PEM certificates that vouch for the server. Left out: the system's root certificates. */
  readonly caBundle?: string | undefined;
  /** PEM certificate (leaf first) and its private key, for servers that ask who we are. */
  readonly clientCertificate?: ClientCertificate | undefined;
}

export interface ClientCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface HttpOptions {
  /** Longest wait for the connection, for the answer's headers, and between two pieces of its body. Seconds. @default 30 */
  readonly timeoutSeconds?: number | undefined;
  /** How often a request that is safe to repeat is repeated. @default 4 */
  readonly maxRetries?: number | undefined;
  /** Called once for every attempt. Never sees a secret. */
  readonly log?: ((line: RequestLog) => void) | undefined;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** @default a timer */
  readonly sleep?: Sleep | undefined;
  /** @default new ones for each client, closed with it */
  readonly connections?: OpenConnections | undefined;
}

/** Waits that many milliseconds; rejects as soon as the signal aborts. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** One attempt. `url` has no secret in it; `status` when the server answered, `failure` (an HttpError code) when it did not. */
export interface RequestLog {
  readonly method: string;
  readonly url: string;
  readonly attempt: number;
  readonly milliseconds: number;
  readonly status?: number;
  readonly failure?: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Starts with `/`; already percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Text, bytes, or the parts of a `multipart/form-data` body (an empty list is a body with no part). */
  readonly body?: string | Uint8Array | readonly BodyPart[] | undefined;
  /** May be sent again when it is not known whether the server acted on it. @default true for GET and HEAD */
  readonly safeToRetry?: boolean | undefined;
  /** Longest answer that is read. Bytes. @default 16 MiB */
  readonly maxBytes?: number | undefined;
  /** Instead of the client's. */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One part of a `multipart/form-data` body. */
export interface BodyPart {
  readonly name: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** What the server answered, whatever its status. Redirects are answers too: none is followed. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The request, for error texts: `GET https://host/path`. */
  readonly request: string;
  readonly host: string;
  text(): string;
  /** @throws SyntaxError when the body is not JSON */
  json(): unknown;
}
