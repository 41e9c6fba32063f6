/** One line of a token's access list. */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** `repository:localhost:8443/admin/demo:pull,push`: the name may hold colons. */
export function parseScope(scope: string): Access | undefined {
  const match = /^([^:]+):(.+):([^:]*)$/.exec(scope);
  const [, type, name, actions] = match ?? [];
  if (type === undefined || name === undefined || actions === undefined) return undefined;
  return { type, name, actions: actions.split(',').filter((action) => action !== '') };
}

/** Whether a token's access covers all that is asked; `*` covers everything (docker distribution: auth/token). */
export function covers(granted: readonly Access[], asked: Access): boolean {
  const actions = granted
    .filter(({ type, name }) => type === asked.type && name === asked.name)
    .flatMap((access) => access.actions);
  return actions.includes('*') || asked.actions.every((action) => actions.includes(action));
}
