import { PublicKey, type RoleName, type Root, type TrustData, type TrustDocument } from '../../notary';
import { roleKeys } from '../trust/role-keys';
import type { Standing } from './standing';

// What a file says that nobody but the revoked key had signed may be a thief's word: whoever signs it again has to look.

/** Whether the revoked key alone had validly signed the file of a role. */
export function isOnlySignedWith(data: TrustData, role: RoleName, { keyIds }: Standing): boolean {
  const { valid, keys } = signersOf(data, role);
  const signers = keys.filter(({ tufId }) => valid.includes(tufId));
  return signers.length > 0 && signers.every(({ canonicalId }) => keyIds.has(canonicalId));
}

/** Roles whose keys the file names, with their canonical IDs; of a root those that go on with the keys they have. */
export function rolesNamedIn(file: TrustDocument, { base }: Standing): Map<string, readonly string[]> {
  if (file._type === 'Root') {
    const stay = [...file.roles].filter(([name]) => name !== 'root' && !base.some((role) => role === name));
    return new Map(stay.map(([name, { keyids }]) => [name, canonicalIds(keyids, file.keys)]));
  }
  if (file._type !== 'Targets') return new Map();
  const { roles, keys } = file.delegations;
  return new Map((roles ?? []).map(({ name, keyids }) => [name, canonicalIds(keyids, keys)]));
}

/** Tag to digest, hex. */
export function tagsIn(file: TrustDocument): Map<string, string> {
  if (file._type !== 'Targets') return new Map();
  return new Map(
    [...(file.targets ?? [])].flatMap(([tag, { hashes }]): [string, string][] => {
      const sha256 = hashes?.get('sha256');
      return sha256 === undefined ? [] : [[tag, Buffer.from(sha256, 'base64').toString('hex')]];
    }),
  );
}

function signersOf(
  data: TrustData,
  role: RoleName,
): { readonly valid: readonly string[]; readonly keys: readonly PublicKey[] } {
  const { trust } = data;
  if (role === 'root' || role === 'targets') {
    return { valid: trust[role].validKeyIds, keys: roleKeys(data, role).keys };
  }
  const delegation = [...trust.delegations.values()].find((each) => each.role === role);
  return { valid: delegation?.document?.validKeyIds ?? [], keys: [...(delegation?.keys.values() ?? [])] };
}

function canonicalIds(ids: readonly string[] | null, keys: Root['keys'] | null): string[] {
  const found = (ids ?? []).flatMap((id) => {
    const object = keys?.get(id);
    return object === undefined ? [] : [PublicKey.fromDocument(object).canonicalId];
  });
  return [...new Set(found)].sort();
}
