import { type DelegationName, type Gun, instantOf } from '../documents';
import { type PublicKey, rootCertificate } from '../keys';
import { trustedFile, type Tags } from './content';
import type { Edits } from './edits';
import type { KeyRing } from './key-ring';
import { baseRoleKeys } from './next-root';
import type { TrustView } from './view';

/** What runs out: a file, or the certificate of the root key, whose end is the end of the repository. */
export type Renewable = 'root' | 'root_certificate' | 'targets' | 'snapshot' | DelegationName;

/**
 * The edits that sign `what` again if it ends before that time: the same content with a new expiry. A file whose signatures
 * do not verify is left alone: signing it would vouch for it (rule 11). Throws `key_not_at_hand` for a root certificate.
 */
export async function renewal(
  gun: Gun,
  view: TrustView,
  edits: Edits,
  what: Renewable,
  { before, now, ring }: { readonly before: Date; readonly now: Date; readonly ring: KeyRing },
): Promise<Edits> {
  if (what === 'root_certificate') {
    const keys = await renewedCertificates(gun, view, edits, ring, before, now);
    return keys === undefined ? edits : { ...edits, roleKeys: new Map([...edits.roleKeys, ['root', keys]]) };
  }
  if (what === 'root' || what === 'targets' || what === 'snapshot') {
    const due = instantOf(view[what].signed.expires) < before;
    return due ? { ...edits, renewed: new Set([...edits.renewed, what]) } : edits;
  }
  const file = trustedFile(view, edits.delegations, what);
  if (file === undefined || edits.contents.has(what) || instantOf(file.signed.expires) >= before) return edits;
  const content: Tags = file.signed.targets ?? new Map();
  return { ...edits, contents: new Map([...edits.contents, [what, content]]) };
}

/** The root keys as they shall be named, with a new certificate in place of each that ends; undefined when none does. */
async function renewedCertificates(
  gun: Gun,
  view: TrustView,
  edits: Edits,
  ring: KeyRing,
  before: Date,
  now: Date,
): Promise<readonly PublicKey[] | undefined> {
  const keys = edits.roleKeys.get('root') ?? baseRoleKeys(view.root.signed, 'root');
  const ending = keys.filter(({ certificate }) => certificate !== undefined && certificate.notAfter < before);
  if (ending.length === 0) return undefined;
  const atHand = await ring.atHand(ending);
  if (atHand.length < ending.length) {
    throw await ring.missing(gun, 'root', ending, 'the root certificate cannot be renewed');
  }
  const renewed = new Map(
    atHand.map(({ publicKey, privateKey }) => [publicKey.tufId, rootCertificate(privateKey, gun, now)]),
  );
  return keys.map((key) => renewed.get(key.tufId) ?? key);
}
