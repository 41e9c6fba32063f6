import type { Sleep } from '../../http';

/** What tests have another way: they travel in time, and wait less. */
export interface Pace {
  readonly clock?: () => Date;
  /** Milliseconds: see `Activity`. */
  readonly patience?: number;
  /** Between looks at a server that has yet to do something, and before asking it again. */
  readonly sleep?: Sleep;
}
