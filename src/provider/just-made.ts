import type { Resource } from '../plugin';

/**
 * With `create_before_destroy` an object that stays the same one is first made (or found to be there) and then deleted under
 * the same ID. What the same apply has just made stays, with a warning (rule 6).
 */
export function keepJustMade<C extends object>(resource: Resource<C>): Resource<C> {
  const more = resource.name === 'enforcement' ? ` ${FORGOTTEN}` : '';
  const made = new WeakMap<C, Set<unknown>>();
  return {
    ...resource,
    async create(args) {
      const state = await resource.create(args);
      const ids = made.get(args.provider) ?? new Set();
      made.set(args.provider, ids.add(state['id']));
      return state;
    },
    async delete(args) {
      const { id } = args.state;
      if (typeof id !== 'string' || made.get(args.provider)?.has(id) !== true) return resource.delete(args);
      args.warn(
        undefined,
        `${id} stays`,
        'This apply has just made it, or found it there, for another resource or for its replacement (create_before_destroy); deleting the old one under the same ID would take it away.' +
          more,
      );
    },
  };
}

/** The new one was made while the old one's policy was in force, and Terraform hands nothing on from one to the other. */
const FORGOTTEN =
  'What was there before the old one is forgotten: on_destroy = "restore" of the new one brings back the policy of the old one. To turn it off then, set on_destroy = "disable".';
