import type { SandboxRequest } from '../route';

export interface Page<T> {
  readonly items: T[];
  /** Where the next page starts; empty on the last one. */
  readonly nextPageStart: string;
}

/** How many entries eNZi lists when it is not told. */
const defaultLimit = 10;

/**
 * The page of a sorted list that `start` and `limit` ask for.
 * @param keyOf what the list is sorted by, and what `start` and `nextPageStart` hold
 */
export function pageOf<T>(items: readonly T[], request: SandboxRequest, keyOf: (item: T) => string): Page<T> {
  const start = request.query.get('start') ?? '';
  const limit = Number(request.query.get('limit') ?? defaultLimit) || defaultLimit;
  const rest = items.filter((item) => keyOf(item) >= start);
  const next = rest[limit];
  return { items: rest.slice(0, limit), nextPageStart: next === undefined ? '' : keyOf(next) };
}
