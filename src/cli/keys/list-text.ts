import { codeOf, cureOf } from '../failure';
import { counted, table } from '../table';
import type { Terminal } from '../terminal';
import type { Loss } from './if-lost';
import type { KeyEntry } from './inventory';
import type { Need, Survey } from './survey';

/** What `dct keys list` found out. */
export interface KeyList {
  readonly directory: string;
  readonly keys: readonly KeyEntry[];
  /** The root key that the topology chose. */
  readonly rootKeyId: string | undefined;
  /** Undefined: no topology was given. */
  readonly survey: Survey | undefined;
  readonly ifLost: readonly Loss[];
}

export function listJson({ directory, keys, rootKeyId, survey, ifLost }: KeyList): string {
  const list = {
    directory,
    keys: keys.map((key) => ({
      ...key,
      gun: key.gun ?? null,
      path: key.path ?? null,
      algorithm: key.algorithm ?? null,
      opens: key.opens ?? null,
    })),
    rootKeyId: rootKeyId ?? null,
    ...(survey && {
      needs: survey.needs.map(({ gun, role, ids, threshold, at }) => ({
        repository: gun,
        role,
        ids,
        threshold,
        at: at ?? null,
      })),
      withoutTrustData: survey.fresh,
      unread: survey.unread.map(unreadJson),
    }),
    ifLost: ifLost.map(({ gun, effect }) => ({ repository: gun, effect })),
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** Whether there is a root key that new repositories can be made with: the named one, if one is named. */
export function hasRootKey(keys: readonly Pick<KeyEntry, 'id' | 'role'>[], rootKeyId: string | undefined): boolean {
  return keys.some(({ id, role }) => role === 'root' && (rootKeyId ?? id) === id);
}

/** Trust data that could not be read, for programs. */
export function unreadJson({ gun, error }: Survey['unread'][number]): object {
  return { repository: gun, code: codeOf(error), error: error.message, cure: cureOf(error) ?? null };
}

export function listText(list: KeyList, terminal: Terminal): string {
  const { directory, keys, survey, ifLost } = list;
  const parts = [
    keys.length === 0
      ? `There are no keys in ${directory}.\n`
      : `${terminal.bold(`${counted(keys.length, 'key')} in ${directory}`)}\n${keyTable(keys)}`,
    rootNote(list),
    survey === undefined ? '' : needsText(survey, hasRootKey(keys, list.rootKeyId), terminal),
    ifLost.length === 0
      ? ''
      : `${terminal.bold('If this store were lost, without a backup')}\n${table(ifLost.map(({ gun, effect }) => [gun, effects[effect]]))}`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function keyTable(keys: readonly KeyEntry[]): string {
  const rows = keys.map(({ id, role, gun, path, encrypted, algorithm, opens }) => [
    role === '' ? '?' : role,
    id,
    `${gun ?? 'any'}${path === undefined ? '' : ` (path ${path})`}`,
    algorithm ?? '?',
    encrypted ? 'encrypted' : 'NOT ENCRYPTED',
    opens === undefined ? '' : opens ? 'opens' : 'other passphrase',
  ]);
  return table([['ROLE', 'KEY ID', 'REPOSITORY', 'ALGORITHM', '', ''], ...rows]);
}

/** With several root keys nothing is chosen silently. */
function rootNote({ keys, rootKeyId }: KeyList): string {
  const roots = keys.filter(({ role }) => role === 'root');
  if (roots.length < 2) return '';
  const chosen =
    rootKeyId === undefined
      ? 'New repositories need one to be named: root_key_id in trust_store. docker itself takes the smallest ID.'
      : `New repositories are made with ${rootKeyId} (root_key_id).`;
  return `There are ${roots.length} root keys. ${chosen}\n`;
}

function needsText({ needs, fresh, unread }: Survey, hasRoot: boolean, terminal: Terminal): string {
  const missing = needs.filter(({ at }) => at === undefined);
  const lines = [
    ...missing.map(missingRow),
    ...(hasRoot
      ? []
      : fresh.map((gun) => [gun, 'root', 'it has no trust data yet, and there is no root key to make it with'])),
    ...unread.map(({ gun, error }) => [gun, '', `could not be read: ${error.message}`]),
  ];
  if (lines.length === 0) {
    const yet = `${counted(fresh.length, 'repository has', 'repositories have')} no trust data yet: the root key is there.\n`;
    const all = `Every key that the topology needs is there (${counted(needs.length, 'key')}).\n`;
    return `${needs.length === 0 ? '' : all}${fresh.length === 0 ? '' : yet}`;
  }
  // Most often one reason for all of them.
  const cures = new Set(unread.flatMap(({ error }) => cureOf(error) ?? []));
  const advice = [...cures].map((cure) => `${cure}\n`).join('');
  return `${terminal.bold('The topology needs, and they are not here')}\n${table(lines)}${advice}`;
}

function missingRow({ gun, role, ids, threshold }: Need): string[] {
  const which = ids.length > 1 ? `${threshold} of ${ids.join(', ')}` : ids.join(', ');
  return [gun, role, which === '' ? 'it has no key at all' : which];
}

const effects: Readonly<Record<Loss['effect'], string>> = {
  for_good: 'could not be changed any more: root and targets key are both here',
  until_rotated: 'could not be changed until whoever has its root key gives it a new targets key',
  root_only: 'could still be changed, but its root never be renewed',
  unknown_root: 'could not be changed, for good if its root key is here too (see with --topology)',
};
