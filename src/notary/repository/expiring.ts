import { instantOf } from '../documents';
import { baseRoleKeys, releases, type Renewable } from '../draft';
import type { PublicKey } from '../keys';
import type { TrustData } from './trust-data';

/** The keys of a role, and how many of them a signature takes. */
export interface RoleKeyring {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** Something that ends on its own, and the keys that could sign it again. */
export interface Expiring extends RoleKeyring {
  readonly what: Renewable;
  readonly expires: Date;
  /** Where a client signs the snapshot: its keys, without which nothing can be published at all. */
  readonly snapshot?: RoleKeyring;
}

/**
 * What of a repository ends unless somebody signs it again: root, root certificate, targets, every delegation right under it
 * that lists something, and the snapshot where a client signs it (else the server does). Files that do not count for another
 * reason than their expiry are left out, for nobody may renew them (rule 11).
 */
export function expiringParts({ trust, rootCertificateExpiry, snapshotManagedBy }: TrustData): Expiring[] {
  const { root } = trust;
  const keysOf = (role: 'root' | 'targets' | 'snapshot'): RoleKeyring => {
    const { threshold = 1 } = root.signed.roles.get(role) ?? {};
    return { keys: baseRoleKeys(root.signed, role), threshold };
  };
  const publisher = snapshotManagedBy === 'client' ? { snapshot: keysOf('snapshot') } : {};
  const part = (what: 'root' | 'targets' | 'snapshot'): Expiring => {
    return { what, expires: instantOf(trust[what].signed.expires), ...keysOf(what), ...publisher };
  };
  const parts = [part('root'), part('targets')];
  if (rootCertificateExpiry !== undefined) {
    parts.push({ ...part('root'), what: 'root_certificate', expires: rootCertificateExpiry });
  }
  if (snapshotManagedBy === 'client') parts.push(part('snapshot'));
  for (const { role, parent, declaration, keys, document, failure } of trust.delegations.values()) {
    if (parent !== 'targets' || document === undefined || (document.signed.targets?.size ?? 0) === 0) continue;
    if (failure !== undefined && failure.code !== 'expired_metadata') continue;
    const expires = instantOf(document.signed.expires);
    parts.push({ what: role, expires, keys: [...keys.values()], threshold: declaration.threshold, ...publisher });
  }
  return parts;
}

/** The parts that one signer’s signatures stand in. */
export function isPartOfSigner({ what }: Expiring, signer: string): boolean {
  return what === releases || what === `targets/${signer}`;
}
