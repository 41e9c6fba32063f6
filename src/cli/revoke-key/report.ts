import { parseImageReference } from '../../admission';
import type { TopologyTrust } from '../trust/topology-file';
import type { Effects } from './effects';
import type { Outcome } from './revocation';

export interface RevocationReport {
  /** As the user gave it. */
  readonly id: string;
  /** Canonical. */
  readonly ids: readonly string[];
  /** Whether this was no dry run. */
  readonly isDone: boolean;
  readonly outcomes: readonly Outcome[];
  readonly topology: TopologyTrust | undefined;
}

/** Whether the key is left somewhere, or may be. */
export function isTrouble({ status }: Outcome): boolean {
  return ['blocked', 'unread', 'not_tried'].includes(status);
}

/** Images that clusters have to be able to run and that lose a signature. */
export function atRisk(
  topology: TopologyTrust | undefined,
  gun: string,
  effects: Effects,
): { cluster: string; image: string }[] {
  const hit = new Set([...effects.unsigned, ...effects.weakened].map(({ tag }) => tag));
  return (topology?.mustAdmit ?? []).flatMap(({ cluster, image }) => {
    const { repository, tag } = parseImageReference(image);
    return repository === gun && tag !== undefined && hit.has(tag) ? [{ cluster, image }] : [];
  });
}

/** Signers of the topology file that have the key. */
export function namedIn({ ids, topology }: RevocationReport): string[] {
  return (topology?.signers ?? [])
    .filter(({ publicKeys }) => publicKeys.some(({ canonicalId }) => ids.includes(canonicalId)))
    .map(({ reference }) => reference);
}

/** Repositories that the topology file pins to the key as a root key. */
export function pinnedTo({ ids, topology }: RevocationReport): string[] {
  return (topology?.repositories ?? [])
    .filter(({ expectedRootKeyIds = [] }) => expectedRootKeyIds.some((id) => ids.includes(id)))
    .map(({ gun }) => gun);
}
