import { X509Certificate } from 'node:crypto';
import type { Envelope, Key, Root } from './documents';
import { readRoot } from './documents';
import { InvalidMetadata, signingRole, verifySignatures } from './signatures';
import { validateRoot } from './structure';

const noPath = 'could not validate the path to a trusted root: ';
const noRotation = 'could not rotate trust to a new trusted root: ';

/**
 * A root that may follow `previous` for this GUN: certificates whose common name is the GUN and which are valid now, signed
 * by enough of the previous root's certificates and by enough of its own (notary: trustpinning.ValidateRoot with trust on
 * first use). @throws InvalidMetadata, GoJsonError
 */
export function trustedRoot(envelope: Envelope, gun: string, previous: Root | undefined, now: Date): Root {
  if (envelope.signed === undefined)
    throw new InvalidMetadata('root type metadata invalid: root file contained an empty payload');
  const root = readRoot(envelope.signed);
  validateRoot(root);
  const own = rootCertificates(root, gun, now);
  if (own.size === 0) throw new InvalidMetadata(`${noPath}unable to retrieve valid leaf certificates`);
  if (previous !== undefined) {
    const trusted = rootCertificates(previous, gun, undefined);
    if (trusted.size === 0) {
      throw new InvalidMetadata(`${noPath}could not retrieve trusted certs from previous root role data`);
    }
    const threshold = previous.roles?.get('root')?.threshold ?? 1;
    check(envelope, trusted, threshold, `${noRotation}failed to validate data with current trusted certificates`);
  }
  check(envelope, own, root.roles?.get('root')?.threshold ?? 1, `${noPath}failed to validate integrity of roots`);
  return root;
}

function check(envelope: Envelope, keys: ReadonlyMap<string, Key>, threshold: number, message: string): void {
  try {
    verifySignatures(envelope, { name: '', threshold, keys });
  } catch {
    throw new InvalidMetadata(message);
  }
}

/** The root role's keys that are leaf certificates for the GUN; with `now`, only those valid then. */
function rootCertificates(root: Root, gun: string, now: Date | undefined): ReadonlyMap<string, Key> {
  const role = root.roles?.get('root');
  const found = new Map<string, Key>();
  if (role === undefined || role === null) return found;
  for (const [id, key] of signingRole('root', role, root.keys).keys) {
    const certificate = leafCertificate(key);
    if (certificate !== undefined && isFor(certificate, gun) && (now === undefined || isValid(certificate, now))) {
      found.set(id, key);
    }
  }
  return found;
}

function leafCertificate(key: Key): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(key.publicBytes ?? Buffer.alloc(0));
    return certificate.ca ? undefined : certificate;
  } catch {
    return undefined;
  }
}

/** The common name is the GUN, or a beginning of it that ends in `*`. */
function isFor(certificate: X509Certificate, gun: string): boolean {
  const name = commonName(certificate);
  return name.endsWith('*') ? gun.startsWith(name.replace(/\*+$/, '')) : name === gun;
}

function isValid(certificate: X509Certificate, now: Date): boolean {
  const day = 24 * 60 * 60 * 1000;
  const from = Date.parse(certificate.validFrom);
  return from - day <= now.getTime() && now.getTime() <= Date.parse(certificate.validTo);
}

function commonName(certificate: X509Certificate): string {
  const name: unknown = certificate.toLegacyObject().subject.CN;
  return typeof name === 'string' ? name : '';
}
