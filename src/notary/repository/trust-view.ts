import type { DelegationName, ParsedDocument, Targets } from '../documents';
import type { TrustView } from '../draft';
import { type FetchedRepository, isReadable } from './fetch-trust';
import type { LeftBehind } from './left-behind';

/** What was found out while publishing: see `TrustView`. */
export interface Findings extends Pick<TrustView, 'declaredBefore' | 'takenOut'> {
  readonly leftBehind?: LeftBehind;
}

/** What a draft starts from. */
export function viewOf(
  { trust, leftovers, broken, overtaken }: FetchedRepository,
  { leftBehind = new Map(), declaredBefore, takenOut }: Findings = {},
): TrustView {
  const delegations = new Map<DelegationName, ParsedDocument<Targets>>(leftovers);
  const nested = new Map<DelegationName, ParsedDocument<Targets>>();
  for (const { role, parent, document, failure } of trust.delegations.values()) {
    if (document === undefined) continue;
    if (parent !== 'targets' && failure === undefined) nested.set(role, document);
    if (parent === 'targets' && isReadable(trust, role)) delegations.set(role, document);
  }
  const { gun, root, snapshot, targets } = trust;
  return {
    gun,
    root,
    snapshot,
    targets,
    delegations,
    nested,
    broken,
    overtaken,
    declaredBefore,
    takenOut,
    damaged: new Set(trust.damaged),
    leftBehind,
  };
}
