import { ConnectFailure } from './connect';
import type { HttpError } from './error';
import type { HttpRequest, HttpResponse, Sleep } from './types';

const longestWait = 30_000;

/** May be sent again although the server could have acted on it. */
export function safeToRepeat(request: HttpRequest): boolean {
  return request.safeToRetry ?? (request.method === 'GET' || request.method === 'HEAD');
}

/** Answers that say "not now". */
export function worthRepeating(response: HttpResponse): boolean {
  return response.status === 429 || response.status === 502 || response.status === 503 || response.status === 504;
}

/**
 * A failure after which the request may be sent again. Where no connection was made nothing was sent, so that is safe for
 * every request; a certificate that is not accepted and a name that does not exist will not get better.
 */
export function repeatable(error: HttpError, cause: unknown, request: HttpRequest): boolean {
  switch (error.code) {
    case 'unreachable':
      return !(cause instanceof ConnectFailure && cause.cause.code === 'ENOTFOUND');
    case 'timeout':
    case 'reset':
      return cause instanceof ConnectFailure || safeToRepeat(request);
    default:
      return false;
  }
}

/** Milliseconds before attempt `attempt + 1`: what the server asked for, else 200 ms doubled each time, half of it jitter. */
export function delay(attempt: number, random: () => number, retryAfter?: string): number {
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter);
  if (asked !== undefined) return Math.min(asked, longestWait);
  const full = Math.min(200 * 2 ** (attempt - 1), longestWait);
  return Math.round(full / 2 + (full / 2) * random());
}

/** RFC 9110, 10.2.3: seconds or a date. Milliseconds. */
function parseRetryAfter(value: string): number | undefined {
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The timer behind {@link Sleep}. */
export const sleep: Sleep = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(new Error('stopped while waiting'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
