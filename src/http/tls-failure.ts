import type { X509Certificate } from 'node:crypto';
import { HttpError, errorText } from './error';
import type { Attempt } from './failure';
import { certificateName, issuerName } from './pem';

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

/** Says why no secure connection came about; nothing when the failure is of another kind. `peer`: what the server showed. */
export function explainTls(
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
  const text = errorText(error);
  if (clientAlert.test(code)) {
    return refusedClientCertificate(text, error, attempt);
  }
  if (/^ERR_SSL_|^EPROTO$|^ERR_TLS_/.test(code) || /^(?:CERT_|CRL_|HOSTNAME_MISMATCH)/.test(code)) {
    return new HttpError('tls', host, `${request}: no secure connection to ${host} (${code}: ${reason(text)}).`, {
      cure:
        code.includes('ALERT_HANDSHAKE_FAILURE') && !trust.clientCertificate
          ? 'The server may ask for a client certificate, and none is configured; and it must speak TLS 1.2 or newer.'
          : 'Check that the port speaks HTTPS with TLS 1.2 or newer.',
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
    ? `${request}: ${host} does not accept the client certificate (${certificateName(mine)}, issued by ${issuerName(mine)}, valid to ${mine.validTo}): ${reason(text)}.`
    : `${request}: ${host} asks for a client certificate and none is configured.`;
  return new HttpError('tls_client_certificate', host, message, {
    cure: 'Use a client bundle of this cluster; replacing the CA or certificates of a cluster makes earlier bundles invalid, so download a new one.',
    cause,
  });
}

/** OpenSSL's text is `0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:<file>:<line>:…`. */
function reason(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return /SSL routines:[^:]*:([^:]+)/.exec(line)?.[1] ?? line;
}
