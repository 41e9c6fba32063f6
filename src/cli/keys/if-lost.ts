import type { Gun, KeyInfo } from '../../notary';
import type { Need, Survey } from './survey';

/** What losing the trust store would do to a repository. */
export interface Loss {
  readonly gun: Gun;
  /**
   * `for_good`: nobody could change its signers again, or renew its root. `until_rotated`: whoever holds the root key has to
   * give it a new targets key first. `root_only`: its signers could still be changed, until its root has to be renewed.
   * `unknown_root`: its targets key is here, and which of the root keys here is its own, if any, was not looked up.
   */
  readonly effect: 'for_good' | 'until_rotated' | 'root_only' | 'unknown_root';
}

/** Of repositories whose trust data was read by what it says, of others by what key files say. Sorted by GUN. */
export function ifLost(keys: readonly KeyInfo[], survey: Survey | undefined): Loss[] {
  const ids = new Set(keys.map(({ id }) => id));
  const read = (survey?.repositories ?? []).flatMap(({ gun }): Loss[] => {
    const lost = (role: string): boolean =>
      (survey?.needs ?? []).some((need) => need.gun === gun && need.role === role && isLost(need, ids));
    if (lost('targets')) return [{ gun, effect: lost('root') ? 'for_good' : 'until_rotated' }];
    return lost('root') ? [{ gun, effect: 'root_only' }] : [];
  });
  const known = new Set(
    [...(survey?.repositories ?? []), ...(survey?.fresh.map((gun) => ({ gun })) ?? [])].map(({ gun }) => gun),
  );
  const others = keys.flatMap(({ role, gun }) =>
    role === 'targets' && gun !== undefined && !known.has(gun) ? [gun] : [],
  );
  const hasRoot = keys.some(({ role }) => role === 'root');
  const unread = [...new Set(others)].map((gun): Loss => ({ gun, effect: hasRoot ? 'unknown_root' : 'until_rotated' }));
  return [...read, ...unread].sort((a, b) => (a.gun < b.gun ? -1 : 1));
}

/** Whether too few of a role's keys would be left. */
function isLost({ ids, threshold, at }: Need, inStore: ReadonlySet<string>): boolean {
  return at === 'store' && ids.filter((id) => !inStore.has(id)).length < threshold;
}
