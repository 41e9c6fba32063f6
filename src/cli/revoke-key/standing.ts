import { type PublicKey, releases, type TrustData } from '../../notary';
import { type BaseRole, baseRoles, roleKeys } from '../trust/role-keys';

/** A signer that has the key. */
export interface StandingSigner {
  readonly name: string;
  /** The signer's other keys; none: the signer goes with the key. */
  readonly left: readonly PublicKey[];
}

/** Where a key stands in one repository, in whatever form: bare or as certificates. */
export interface Standing {
  /** Of the key, canonical; several where one TUF ID was resolved to several. */
  readonly keyIds: ReadonlySet<string>;
  readonly signers: readonly StandingSigner[];
  /** Forms of it that `targets/releases` has and no signer: made by hand, or left behind. */
  readonly releasesOnly: readonly PublicKey[];
  /** Delegations below a signer, which only that signer can change. */
  readonly nested: readonly string[];
  /** Roles of the root: these need a rotation. */
  readonly base: readonly BaseRole[];
}

/** Canonical IDs of keys that have this ID, canonical or TUF, anywhere in the repository. */
export function canonicalIdsOf(data: TrustData, id: string): string[] {
  const delegated = [...data.trust.delegations.values()].flatMap(({ keys }) => [...keys.values()]);
  const all = [...delegated, ...baseRoles.flatMap((role) => roleKeys(data, role).keys)];
  return all.flatMap((key) => (key.canonicalId === id || key.tufId === id ? [key.canonicalId] : []));
}

/** `keyIds`: canonical. */
export function standingOf(data: TrustData, keyIds: ReadonlySet<string>): Standing {
  const isIt = (key: PublicKey): boolean => keyIds.has(key.canonicalId);
  const held = new Set(data.signers.flatMap(({ keys }) => keys.map(({ tufId }) => tufId)));
  const nested = [...data.trust.delegations.values()].filter(({ parent }) => parent !== 'targets');
  return {
    keyIds,
    signers: data.signers
      .filter(({ keys }) => keys.some(isIt))
      .map(({ name, keys }) => ({ name, left: keys.filter((key) => !isIt(key)) })),
    releasesOnly: releaseKeys(data).filter((key) => isIt(key) && !held.has(key.tufId)),
    nested: nested.filter(({ keys }) => [...keys.values()].some(isIt)).map(({ role }) => role),
    base: baseRoles.filter((role) => roleKeys(data, role).keys.some(isIt)),
  };
}

/** Whether there is anything that can be taken away here. */
export function canGo({ signers, releasesOnly }: Standing): boolean {
  return signers.length > 0 || releasesOnly.length > 0;
}

export function stands(standing: Standing): boolean {
  return canGo(standing) || standing.nested.length > 0 || standing.base.length > 0;
}

/** Keys of `targets/releases`: docker counts only what these signed. */
export function releaseKeys(data: TrustData): PublicKey[] {
  return [...(data.trust.delegations.get(releases)?.keys.values() ?? [])];
}
