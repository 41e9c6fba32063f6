import { type BaseRole, type DelegationName, type PublicKey, releases, type TrustData } from '../../notary';
import { baseRoles, roleKeys } from '../trust/role-keys';

/** A signer that has the key. */
export interface StandingSigner {
  readonly name: string;
  /** The signer's other keys; none: the signer goes with the key. */
  readonly left: readonly PublicKey[];
}

/** A delegation below a signer, such as `targets/a/b`, that has the key: whoever has the keys of `targets/a` can change it. */
export interface StandingNested {
  readonly role: DelegationName;
  /** Its other keys; none: it goes with the key. */
  readonly left: readonly PublicKey[];
}

/** Where a key stands in one repository, in whatever form: bare or as certificates. */
export interface Standing {
  /** Of the key, canonical; several where one TUF ID was resolved to several. */
  readonly keyIds: ReadonlySet<string>;
  readonly signers: readonly StandingSigner[];
  /** Forms of it that `targets/releases` has and no signer: made by hand, or left behind. */
  readonly releasesOnly: readonly PublicKey[];
  readonly nested: readonly StandingNested[];
  /** Roles of the root, which get new keys. */
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
    nested: nested
      .map(({ role, keys }) => ({ role, keys: [...keys.values()] }))
      .filter(({ keys }) => keys.some(isIt))
      .map(({ role, keys }) => ({ role, left: keys.filter((key) => !isIt(key)) })),
    base: baseRoles.filter((role) => roleKeys(data, role).keys.some(isIt)),
  };
}

/** Whether the key is anywhere here. */
export function stands({ signers, releasesOnly, nested, base }: Standing): boolean {
  return [signers, releasesOnly, nested, base].some(({ length }) => length > 0);
}

/** Keys of `targets/releases`: docker counts only what these signed. */
export function releaseKeys(data: TrustData): PublicKey[] {
  return [...(data.trust.delegations.get(releases)?.keys.values() ?? [])];
}
