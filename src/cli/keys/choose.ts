import type { KeyInfo } from '../../notary';
import type { TopologyTrust } from '../trust/topology-file';
import type { Survey } from './survey';

/** A key of the store that goes into a backup. */
export interface ChosenKey {
  readonly info: KeyInfo;
  /** What it is there for: GUNs, signers. Empty: the whole store was asked for. */
  readonly for: readonly string[];
}

/**
 * The keys of a store that a topology stands on. Where trust data does not say which root key that is (it is not there yet, or
 * cannot be read), every root key is taken unless the topology names one: rather one too many.
 */
export function chooseKeys(keys: readonly KeyInfo[], topology: TopologyTrust, survey: Survey): ChosenKey[] {
  const guns = new Set(topology.repositories.map(({ gun }) => gun));
  const undecided = [...survey.fresh, ...survey.unread.map(({ gun }) => gun)];
  return keys.flatMap((info) => {
    const { id, role, gun } = info;
    const isRootOf = role === 'root' && (topology.rootKeyId ?? id) === id ? undecided : [];
    const reasons = [
      ...(gun !== undefined && guns.has(gun) ? [gun] : []),
      ...survey.needs.filter(({ ids }) => ids.includes(id)).map((need) => need.gun),
      ...isRootOf,
      ...topology.signers
        .filter(({ publicKeys }) => publicKeys.some(({ canonicalId }) => canonicalId === id))
        .map(({ reference }) => reference),
    ];
    return reasons.length === 0 ? [] : [{ info, for: [...new Set(reasons)].sort() }];
  });
}
