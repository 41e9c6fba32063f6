import type { DelegationRole } from './model';

/** Whether a role may sign a target of this name: one that begins with one of its paths (notary, CheckPaths). None: nothing. */
export function maySign({ paths = [] }: Pick<DelegationRole, 'paths'>, target: string): boolean {
  return paths.some((path) => target.startsWith(path));
}
