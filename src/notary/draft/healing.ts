import type { PublicKey } from '../keys';
import { isWithheld, meetsThreshold, type Tags } from './content';
import type { DraftState } from './delegation-files';
import { findRole, keysOf, signerOf, signersOf } from './delegations';
import type { Edits } from './edits';
import { baseRoleKeys } from './next-root';
import {
  type DraftNote,
  healedRole,
  healedTags,
  restoredTargets,
  stillDamaged,
  stillOvertaken,
  stillWithheld,
} from './notes';

/** Roles that a client signs, in the order in which they are needed. */
const CLIENTS = ['root', 'targets', 'snapshot'] as const;

/**
 * The edits that sign again what the server holds but nobody can read, each file where enough of its keys are at hand and its
 * signatures verify (rule 11). A snapshot that the server signs is its own to mend.
 */
export async function healing(state: DraftState): Promise<{ readonly edits: Edits; readonly notes: DraftNote[] }> {
  const { view, gun } = state;
  let { edits } = state;
  const notes: DraftNote[] = [];
  if (view === undefined) return { edits, notes };
  const root = view.root.signed;
  for (const role of CLIENTS) {
    if (!view.damaged.has(role) || edits.renewed.has(role) || edits.roleKeys.has(role)) continue;
    const keys = baseRoleKeys(root, role);
    if (await enough(state, keys, root.roles.get(role)?.threshold)) {
      edits = { ...edits, renewed: new Set([...edits.renewed, role]) };
      const { delegations, targets } = view.targets.signed;
      notes.push(healedRole(gun, role, [...(targets?.keys() ?? [])], signersOf(delegations).map(signerOf)));
    } else if (role !== 'snapshot') notes.push(stillDamaged(gun, role, idsOf(keys)));
  }
  for (const [role, file] of view.broken) {
    if (edits.contents.has(role) || findRole(edits.delegations, role) === undefined) continue;
    const keys = keysOf(edits.delegations, role);
    if (!meetsThreshold(file, edits.delegations, role)) continue;
    const tags: Tags = file.signed.targets ?? new Map();
    if (await enough(state, keys, findRole(edits.delegations, role)?.threshold)) {
      edits = { ...edits, contents: new Map([...edits.contents, [role, tags]]) };
      notes.push(...healedTags(gun, role, [...tags.keys()]));
    } else notes.push(stillDamaged(gun, role, idsOf(keys)));
  }
  const declared = (edits.delegations.roles ?? []).map(({ name }) => name);
  notes.push(...declared.filter((role) => isWithheld(view, role)).map((role) => stillWithheld(gun, role)));
  return { edits, notes };
}

/**
 * The view with targets that were overtaken in the place of those in force, to be signed again, where enough of their keys
 * are at hand. Only as long as nothing else has changed.
 */
export async function restored(
  state: DraftState,
): Promise<Pick<DraftState, 'view' | 'edits'> & { readonly notes: DraftNote[] }> {
  const { view, edits, gun } = state;
  const { overtaken: targets } = view ?? {};
  if (view === undefined || targets === undefined || edits.delegations !== view.targets.signed.delegations) {
    return { view, edits, notes: [] };
  }
  const keys = baseRoleKeys(view.root.signed, 'targets');
  if (!(await enough(state, keys, view.root.signed.roles.get('targets')?.threshold))) {
    return { view, edits, notes: [stillOvertaken(gun, targets.signed.version, idsOf(keys))] };
  }
  const { delegations } = targets.signed;
  return {
    view: { ...view, targets, overtaken: undefined },
    edits: { ...edits, delegations, renewed: new Set([...edits.renewed, 'targets' as const]) },
    notes: [restoredTargets(gun, targets.signed.version, signersOf(delegations).map(signerOf))],
  };
}

async function enough({ ring }: DraftState, keys: readonly PublicKey[], threshold = 1): Promise<boolean> {
  return (await ring.atHand(keys)).length >= threshold;
}

function idsOf(keys: readonly PublicKey[]): string[] {
  return [...new Set(keys.map(({ canonicalId }) => canonicalId))].sort();
}
