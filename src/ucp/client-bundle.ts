import { type X509Certificate, createPrivateKey } from 'node:crypto';
import { resolve } from 'node:path';
import { DctError } from '../error';
import { certificatesOf } from '../http';
import { endpointOf } from './bundle-endpoint';
import { type BundleFiles, readBundleFiles } from './bundle-files';

/** A UCP user's way in: who they are to which UCP. `privateKey` is a secret. */
export interface ClientBundle {
  /** Absolute. */
  readonly path: string;
  /** PEM text of cert.pem, as it is. */
  readonly certificate: string;
  /** PEM text of key.pem, as it is. */
  readonly privateKey: string;
  /** PEM text of ca.pem, as it is. */
  readonly caBundle: string;
  /** `https://host:port`, when the bundle says where its UCP is. */
  readonly endpoint: string | undefined;
  /** UCP user: the certificate's common name. */
  readonly user: string | undefined;
  /** ID of the UCP: its certificates' organization is `Orca: <id>`. */
  readonly instanceId: string | undefined;
  readonly validFrom: Date;
  readonly validTo: Date;
}

export interface ReadBundleOptions {
  /** Read it although its certificate has expired or is not valid yet. @default false */
  readonly allowExpired?: boolean;
  readonly now?: Date;
}

/**
 * Reads a client bundle, folder or zip, of UCP 1.x to MKE 3.x, without any network.
 * @throws DctError `bundle_not_found`; `bundle_refused` (a zip that is no honest bundle); `bundle_incomplete`;
 *   `bundle_malformed` (PEM that cannot be read); `bundle_key_mismatch`; `bundle_certificate_expired`
 */
export async function readClientBundle(path: string, options: ReadBundleOptions = {}): Promise<ClientBundle> {
  const full = resolve(path);
  const files = await readBundleFiles(path);
  const [caBundle, certificate, privateKey] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => pemOf(files, name, full));
  if (caBundle === undefined || certificate === undefined || privateKey === undefined) throw incomplete(full, files);
  readCertificates(caBundle, 'ca.pem', full);
  const [leaf] = readCertificates(certificate, 'cert.pem', full);
  if (leaf === undefined) throw incomplete(full, files);
  checkKey(leaf, privateKey, full);
  const validFrom = new Date(leaf.validFrom);
  const validTo = new Date(leaf.validTo);
  if (options.allowExpired !== true) checkDates(validFrom, validTo, options.now ?? new Date(), full);
  return {
    path: full,
    certificate,
    privateKey,
    caBundle,
    endpoint: endpointOf(files),
    user: userOf(leaf),
    instanceId: instanceIdOf(leaf),
    validFrom,
    validTo,
  };
}

function pemOf(files: BundleFiles, name: string, path: string): string | undefined {
  const bytes = files.get(name) ?? files.get(`tls/docker/${name}`);
  if (bytes === undefined) return undefined;
  if (bytes.length > 1024 * 1024) throw malformed(path, name, `it is ${bytes.length} bytes long`);
  return bytes.toString('utf8');
}

function readCertificates(pem: string, name: string, path: string): X509Certificate[] {
  try {
    return certificatesOf(pem);
  } catch (cause) {
    throw malformed(path, name, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function checkKey(certificate: X509Certificate, pem: string, path: string): void {
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(pem.replace(/^\uFEFF/, '')));
  } catch {
    // Without the cause: nothing of a private key belongs into an error.
    throw malformed(path, 'key.pem', pem.includes('ENCRYPTED') ? 'it is encrypted' : 'it is not a PEM private key');
  }
  if (matches) return;
  throw new DctError(
    'bundle_key_mismatch',
    `In the client bundle ${path}, key.pem does not belong to cert.pem (${certificate.subject.replaceAll('\n', ', ')}).`,
    {
      cure: 'Every download makes a new key pair: take both files from the same download.',
    },
  );
}

function checkDates(from: Date, to: Date, now: Date, path: string): void {
  if (now >= from && now <= to) return;
  const when = now < from ? `is not valid before ${from.toISOString()}` : `expired on ${to.toISOString()}`;
  throw new DctError(
    'bundle_certificate_expired',
    `The certificate of the client bundle ${path} ${when} (valid from ${from.toISOString()} to ${to.toISOString()}).`,
    {
      cure: "Download a new client bundle from the UCP web interface, and check this machine's clock.",
    },
  );
}

/** The ID of the UCP that made a client certificate; its subject is `O=Orca: <instance id>, OU=Client, CN=<user>`. */
export function instanceIdOf(certificate: X509Certificate): string | undefined {
  return /^Orca:\s*(.+)$/.exec(text(certificate.toLegacyObject().subject.O))?.[1];
}

function userOf(certificate: X509Certificate): string | undefined {
  return text(certificate.toLegacyObject().subject.CN) || undefined;
}

/** Node gives a list where the subject holds a field several times. */
function text(field: unknown): string {
  const first: unknown = Array.isArray(field) ? field[0] : field;
  return typeof first === 'string' ? first.trim() : '';
}

function incomplete(path: string, files: BundleFiles): DctError {
  const missing = ['ca.pem', 'cert.pem', 'key.pem'].filter(
    (name) => !files.has(name) && !files.has(`tls/docker/${name}`),
  );
  return new DctError('bundle_incomplete', `The client bundle ${path} lacks ${missing.join(' and ')}.`, {
    cure: 'Give the folder or zip of a UCP client bundle, the one with ca.pem, cert.pem, key.pem and env.sh.',
  });
}

function malformed(path: string, name: string, why: string, cause?: unknown): DctError {
  return new DctError('bundle_malformed', `In the client bundle ${path}, ${name} is not usable: ${why}.`, {
    cure: 'Download the bundle again from the UCP web interface.',
    cause,
  });
}
