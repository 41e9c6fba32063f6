import { type X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { HttpError, errorText } from './error';
import { certificateFingerprint, certificateName, certificatesOf } from './pem';
import { systemRoots } from './roots';
import type { ClientCertificate, Origin } from './types';

/** Who vouches for the server, and who we are to it, checked before anything is sent. */
export interface Trust {
  /** Made once, at the first connection: reading the system's roots takes a while. */
  readonly context: () => SecureContext;
  /** The CA in words, for error texts. */
  readonly ca: string;
  /** The given CA bundle ends in no self-signed certificate, which TLS here needs. */
  readonly withoutRoot: boolean;
  readonly clientCertificate: X509Certificate | undefined;
}

/**
 * Reads the PEM of an origin. TLS 1.2 is the least that is spoken.
 * @throws HttpError `invalid` when CA, client certificate or key cannot be read or do not belong together
 */
export function trustOf(origin: Origin, host: string): Trust {
  const authorities =
    origin.caBundle === undefined ? undefined : readCertificates(origin.caBundle, host, 'CA bundle (ca_bundle)');
  const clientCertificate = origin.clientCertificate && readClientCertificate(origin.clientCertificate, host);
  let context: SecureContext | undefined;
  const make = (): SecureContext =>
    createSecureContext({
      ca: authorities?.map((certificate) => certificate.toString()) ?? systemRoots(),
      cert: origin.clientCertificate?.certificate,
      key: origin.clientCertificate?.privateKey,
      minVersion: 'TLSv1.2',
    });
  return {
    context: () => (context ??= make()),
    ca:
      authorities === undefined
        ? "this machine's root certificates"
        : `the CA given (${authorities.map(inWords).join('; ')})`,
    withoutRoot: authorities !== undefined && !authorities.some((certificate) => certificate.checkIssued(certificate)),
    clientCertificate,
  };
}

function inWords(certificate: X509Certificate): string {
  return `${certificateName(certificate)}, SHA-256 ${certificateFingerprint(certificate)}`;
}

function readClientCertificate(pair: ClientCertificate, host: string): X509Certificate {
  const [leaf] = readCertificates(pair.certificate, host, 'client certificate');
  const key = readPrivateKey(pair.privateKey, host);
  if (leaf === undefined || !leaf.checkPrivateKey(key)) {
    throw new HttpError(
      'invalid',
      host,
      `The private key for ${host} does not belong to the client certificate${leaf ? ` (${certificateName(leaf)})` : ''}.`,
      {
        cure: 'Take cert.pem and key.pem from the same client bundle.',
      },
    );
  }
  return leaf;
}

function readCertificates(pem: string, host: string, what: string): X509Certificate[] {
  try {
    return certificatesOf(pem);
  } catch (cause) {
    throw new HttpError('invalid', host, `The ${what} for ${host} is not usable: ${errorText(cause)}.`, {
      cure: 'Give PEM text: one or more "-----BEGIN CERTIFICATE-----" blocks, complete.',
      cause,
    });
  }
}

function readPrivateKey(pem: string, host: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause is left out: nothing of a private key, however broken, belongs into an error.
    const why = pem.includes('ENCRYPTED') ? 'it is encrypted' : 'it is not a PEM private key';
    throw new HttpError(
      'invalid',
      host,
      `The private key of the client certificate for ${host} is not usable: ${why}.`,
      {
        cure: 'Give the unencrypted key.pem of the client bundle.',
      },
    );
  }
}
