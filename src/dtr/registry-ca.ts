import type { X509Certificate } from 'node:crypto';
import { DctError } from '../error';
import {
  HttpClient,
  HttpError,
  type HttpOptions,
  certificateFingerprint,
  certificateName,
  certificatesOf,
  checkHostAddress,
  serverMessage,
} from '../http';
import { readUnverifiedCa } from './unverified-ca';

export interface FetchRegistryCaOptions {
  /** SHA-256 of the CA certificate's DER bytes, hexadecimal, with or without colons. */
  readonly sha256?: string | undefined;
  readonly http?: HttpOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The CA certificate of a DTR, PEM, from `GET /ca`. It is accepted when the system's root certificates vouch for the server, or
 * when it is the one that `sha256` names; where `sha256` is given it must be that one in any case. Afterwards the server's own
 * certificate has to verify against what was accepted, so what is returned is of use.
 * @throws DctError `registry_ca_not_pinned` with the fingerprint seen; `registry_ca_other_fingerprint`; `registry_ca_unusable`;
 *   `invalid_fingerprint`. HttpError when the server cannot be reached, or its certificate does not come from that CA
 */
export async function fetchRegistryCa(hostAddress: string, options: FetchRegistryCaOptions = {}): Promise<string> {
  checkHostAddress(hostAddress, 'registry host address');
  const pin = options.sha256 === undefined ? undefined : parseFingerprint(options.sha256);
  const vouched = await readVouched(hostAddress, options);
  const text = vouched ?? (await readUnverifiedCa(hostAddress, options.http?.timeoutSeconds ?? 30, options.signal));
  const certificates = readCertificates(text, hostAddress);
  if (vouched === undefined && pin === undefined) throw notPinned(hostAddress, certificates);
  const accepted = pin === undefined ? certificates : pinned(certificates, pin, hostAddress);
  const pem = accepted.map((certificate) => certificate.toString()).join('');
  await verify(hostAddress, pem, options);
  return pem;
}

/** What a server says for which the system's roots vouch; undefined when they do not. */
async function readVouched(hostAddress: string, options: FetchRegistryCaOptions): Promise<string | undefined> {
  const client = new HttpClient({ url: `https://${hostAddress}` }, options.http);
  try {
    const response = await client.request({
      method: 'GET',
      path: '/ca',
      maxBytes: 1024 * 1024,
      signal: options.signal,
    });
    if (response.status === 200) return response.text();
    throw unusable(hostAddress, `it answered with status ${response.status}: ${serverMessage(response)}`);
  } catch (error) {
    if (error instanceof HttpError && error.code === 'tls_untrusted') return undefined;
    throw error;
  } finally {
    await client.close();
  }
}

/** Only the certificate that was pinned counts: others of the same answer were not vouched for by anybody. */
function pinned(certificates: readonly X509Certificate[], pin: string, hostAddress: string): X509Certificate[] {
  const match = certificates.find((certificate) => certificateFingerprint(certificate) === pin);
  if (match) return [match];
  throw new DctError(
    'registry_ca_other_fingerprint',
    `https://${hostAddress}/ca gave ${inWords(certificates)}, not the certificate with SHA-256 ${pin}.`,
    {
      cure: 'If the CA was replaced on purpose, compare the fingerprint with the administrator of the DTR and change ca_sha256; if not, somebody may be in between.',
    },
  );
}

async function verify(hostAddress: string, pem: string, options: FetchRegistryCaOptions): Promise<void> {
  const client = new HttpClient({ url: `https://${hostAddress}`, caBundle: pem }, options.http);
  try {
    // Any answer will do: that there is one means that the certificate was verified.
    await client.request({ method: 'GET', path: '/ca', signal: options.signal });
  } finally {
    await client.close();
  }
}

function readCertificates(text: string, hostAddress: string): X509Certificate[] {
  try {
    return certificatesOf(text);
  } catch (cause) {
    throw unusable(
      hostAddress,
      `what it answered is no PEM certificate: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
}

/** Throws `invalid_fingerprint`. Takes what openssl prints. */
export function parseFingerprint(text: string): string {
  const plain = text
    .trim()
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  throw new DctError(
    'invalid_fingerprint',
    `${JSON.stringify(text)} is not a SHA-256 fingerprint: it takes 64 hexadecimal digits.`,
    {
      cure: 'Take it from: openssl x509 -in ca.pem -noout -fingerprint -sha256',
    },
  );
}

function notPinned(hostAddress: string, certificates: readonly X509Certificate[]): DctError {
  return new DctError(
    'registry_ca_not_pinned',
    `The system's root certificates do not vouch for ${hostAddress}. Its /ca gave ${inWords(certificates)}.`,
    {
      cure:
        'Compare that fingerprint with one you got another way (on the DTR: openssl x509 -in ca.pem -noout -fingerprint -sha256), ' +
        'then give it as ca_sha256, or the certificate itself as ca_bundle.',
    },
  );
}

function inWords(certificates: readonly X509Certificate[]): string {
  return certificates
    .map((certificate) => `${certificateName(certificate)} with SHA-256 ${certificateFingerprint(certificate)}`)
    .join(', and ');
}

function unusable(hostAddress: string, why: string, cause?: unknown): DctError {
  return new DctError('registry_ca_unusable', `https://${hostAddress}/ca gave no CA certificate: ${why}.`, {
    cure: 'Check that this is the address of a DTR, or give its CA certificate as ca_bundle.',
    cause,
  });
}
