import type { X509Certificate } from 'node:crypto';
import { ConnectFailure } from './connect';
import { HttpError } from './error';
import { certificateName, issuerName } from './pem';
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

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

/** Says why a request got no answer. */
export function explainFailure(cause: unknown, attempt: Attempt): HttpError {
  const { request, host, timeoutSeconds } = attempt;
  if (cause instanceof HttpError) return cause;
  if (attempt.signal?.aborted)
    return new HttpError('aborted', host, `${request}: stopped before it was answered.`, { cause });
  const error = cause instanceof ConnectFailure ? cause.cause : cause;
  const code = errorCode(error);
  const what = error instanceof Error ? error.message : String(error);

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
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
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

function explainTls(
  code: string,
  error: unknown,
  peer: X509Certificate | undefined,
  attempt: Attempt,
): HttpError | undefined {
  const { request, host, trust } = attempt;
  const shown = peer ? ` (${certificateName(peer)}, issued by ${issuerName(peer)})` : '';
  if (untrusted.has(code)) {
    const hint = trust.withoutRoot ? ' The CA given holds no self-signed (root) certificate: add the root.' : '';
    return new HttpError(
      'tls_untrusted',
      host,
      `${request}: the certificate of ${host}${shown} is not vouched for by ${trust.ca}.`,
      {
        cure: `Give the certificate of the CA that issued it, in PEM, as ca_bundle for ${host}.${hint}`,
        cause: error,
      },
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const dates = peer ? `; it is valid from ${peer.validFrom} to ${peer.validTo}` : '';
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return new HttpError('tls_expired', host, `${request}: a certificate of ${host}${shown} ${when}${dates}.`, {
      cure: "Renew the server's certificate, and check this machine's clock.",
      cause: error,
    });
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = peer?.subjectAltName ?? 'no names at all';
    return new HttpError(
      'tls_wrong_host',
      host,
      `${request}: the certificate of ${host}${shown} is for other hosts: ${names}.`,
      {
        cure: 'Use one of those names, or give the server a certificate that holds this one (on a DTR: its load balancer address).',
        cause: error,
      },
    );
  }
  const text = error instanceof Error ? error.message : '';
  if (
    /alert (?:bad certificate|certificate (?:required|expired|revoked|unknown)|unknown ca|unsupported certificate|access denied)/i.test(
      text,
    ) ||
    clientAlert.test(code)
  ) {
    return refusedClientCertificate(text, error, attempt);
  }
  if (/^ERR_SSL_|^EPROTO$|^ERR_TLS_/.test(code) || /^(?:CERT_|CRL_|HOSTNAME_MISMATCH)/.test(code)) {
    return new HttpError('tls', host, `${request}: no secure connection to ${host} (${code}: ${firstLine(text)}).`, {
      cure: 'Check that the port speaks HTTPS with TLS 1.2 or newer.',
      cause: error,
    });
  }
  return undefined;
}

const clientAlert =
  /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/;

function refusedClientCertificate(text: string, cause: unknown, { request, host, trust }: Attempt): HttpError {
  const mine = trust.clientCertificate;
  const message = mine
    ? `${request}: ${host} does not accept the client certificate (${certificateName(mine)}, issued by ${issuerName(mine)}, valid to ${mine.validTo}): ${firstLine(text)}.`
    : `${request}: ${host} asks for a client certificate and none is configured.`;
  return new HttpError('tls_client_certificate', host, message, {
    cure: 'Use a client bundle of this cluster; replacing the CA or certificates of a cluster makes earlier bundles invalid, so download a new one.',
    cause,
  });
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/^[0-9A-F]+:error:/, '');
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
