import { type KeyObject, type X509Certificate, createPrivateKey } from 'node:crypto';
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
  const identity = origin.clientCertificate && readIdentity(origin.clientCertificate, host);
  let context: SecureContext | undefined;
  return {
    context: () =>
      (context ??= createSecureContext({
        ca: authorities === undefined ? readRoots(host) : authorities.map((certificate) => certificate.toString()),
        cert: identity?.certificate,
        key: identity?.privateKey,
        minVersion: 'TLSv1.2',
      })),
    ca:
      authorities === undefined
        ? "this machine's root certificates"
        : `the CA given (${authorities.map(inWords).join('; ')})`,
    withoutRoot: authorities !== undefined && !authorities.some((certificate) => certificate.checkIssued(certificate)),
    clientCertificate: identity?.leaf,
  };
}

function readRoots(host: string): string[] {
  try {
    return systemRoots();
  } catch (cause) {
    throw new HttpError('invalid', host, `The root certificates of this machine cannot be read: ${errorText(cause)}.`, {
      cure: 'Correct SSL_CERT_FILE, or unset it.',
      cause,
    });
  }
}

function inWords(certificate: X509Certificate): string {
  return `${certificateName(certificate)}, SHA-256 ${certificateFingerprint(certificate)}`;
}

/** Written anew from what was read, so that byte order marks and text around the blocks do not get in the way. */
function readIdentity(pair: ClientCertificate, host: string): ClientCertificate & { readonly leaf: X509Certificate } {
  const chain = readCertificates(pair.certificate, host, 'client certificate');
  const key = readPrivateKey(pair.privateKey, host);
  const [leaf] = chain;
  if (leaf === undefined || !leaf.checkPrivateKey(key)) {
    const which = leaf ? ` (${certificateName(leaf)})` : '';
    throw new HttpError(
      'invalid',
      host,
      `The private key for ${host} does not belong to the client certificate${which}.`,
      {
        cure: 'Take cert.pem and key.pem from the same client bundle.',
      },
    );
  }
  return {
    leaf,
    certificate: chain.map((certificate) => certificate.toString()).join(''),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
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

function readPrivateKey(pem: string, host: string): KeyObject {
  try {
    return createPrivateKey(pem.replace(/^\uFEFF/, ''));
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
