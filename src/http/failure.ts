import { ConnectFailure } from './connect';
import { HttpError, errorText } from './error';
import { explainTls } from './tls-failure';
import type { Trust } from './trust';

/** What was tried, for the text of an error. */
export interface Attempt {
  /** `GET https://host/path` */
  readonly request: string;
  readonly host: string;
  readonly trust: Trust;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
}

/** Says why a request got no answer. */
export function explainFailure(cause: unknown, attempt: Attempt): HttpError {
  const { request, host, timeoutSeconds } = attempt;
  if (cause instanceof HttpError) return cause;
  if (attempt.signal?.aborted)
    return new HttpError('aborted', host, `${request}: stopped before it was answered.`, {
      cure: 'Run the same again: it completes what this left undone.',
      cause,
    });
  const error = cause instanceof ConnectFailure ? cause.cause : cause;
  const code = errorCode(error);
  const what = errorText(error);

  const tls = explainTls(code, error, cause instanceof ConnectFailure ? cause.peer : undefined, attempt);
  if (tls) return tls;
  if (cause instanceof ConnectFailure) return explainConnection(code, what, attempt, error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const part = code === 'UND_ERR_BODY_TIMEOUT' ? 'the rest of its answer' : 'its answer';
    return new HttpError('timeout', host, `${request}: ${host} did not send ${part} within ${timeoutSeconds} s.`, {
      cure: 'Check that the server is healthy, or raise request_timeout_seconds.',
      cause,
    });
  }
  // undici's own parser errors have a code only where its list of them has one.
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || isParserError(error)) {
    return new HttpError('protocol', host, `${request}: what ${host} answered is not HTTP (${what}).`, {
      cure: 'Check the address and port.',
      cause,
    });
  }
  return new HttpError(
    'reset',
    host,
    `${request}: ${host} closed the connection before its answer was complete (${what}).`,
    {
      cure: 'Try again; if it stays so, look at the server and at load balancers or proxies before it.',
      cause,
    },
  );
}

function explainConnection(
  code: string,
  what: string,
  { request, host, timeoutSeconds }: Attempt,
  cause: unknown,
): HttpError {
  if (code === 'ETIMEDOUT') {
    return new HttpError('timeout', host, `${request}: no connection to ${host} within ${timeoutSeconds} s.`, {
      cure: 'Check the address and port, and that no firewall drops the connection.',
      cause,
    });
  }
  const why: Readonly<Record<string, readonly [string, string]>> = {
    ECONNREFUSED: [
      'nothing listens there (connection refused)',
      'Check the address and port, and that the server is running.',
    ],
    ENOTFOUND: [
      'this name cannot be resolved',
      'Check the spelling of the host name and the DNS settings of this machine.',
    ],
    EAI_AGAIN: ['the name server does not answer', 'Check the network and the DNS settings of this machine.'],
  };
  const [text, cure] = why[code] ?? [`no connection (${what})`, 'Check the address, the port and the network.'];
  return new HttpError('unreachable', host, `${request}: ${host} cannot be reached: ${text}.`, { cure, cause });
}

function isParserError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'HTTPParserError';
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
