import type { ObjectValue } from './value';

/**
 * Thrown by `create` or `update` when something was changed and then something failed: `state` (may leave attributes
 * out) is saved, so that the object is not lost (a new one is tainted), and the user sees `cause`.
 */
export class PartialState extends Error {
  override readonly name = 'PartialState';

  constructor(
    readonly state: ObjectValue,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : 'the object was changed only in part', { cause });
  }
}
