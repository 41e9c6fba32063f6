/** Why there was no answer. */
export type HttpErrorCode =
  | 'invalid' // nothing was sent: a URL, PEM or key that cannot be used
  | 'unreachable'
  | 'timeout'
  | 'tls_untrusted'
  | 'tls_expired'
  | 'tls_wrong_host'
  | 'tls_client_certificate' // the server does not accept who we are
  | 'tls'
  | 'reset'
  | 'protocol' // what came back is not HTTP
  | 'too_large'
  | 'aborted';

/**
 * A request that got no usable answer. `message` names the request and host and what happened; `cure` what to do.
 * An answer with a status of 400 or more is not an HttpError: the client returns it.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly cure: string | undefined;

  constructor(
    readonly code: HttpErrorCode,
    readonly host: string,
    message: string,
    options: { readonly cure?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.cure = options.cure;
  }
}

/** The message of whatever was thrown. Asks for the shape and not the class: Node's own errors may be of another realm. */
export function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message;
  return String(error);
}
