import type { OpenConnections, Sleep } from '../../http';

/** What tests have another way: they travel in time, wait less, and configure a provider very often in one process. */
export interface Pace {
  readonly clock?: () => Date;
  /** Milliseconds: see `Activity`. */
  readonly patience?: number;
  /** Between looks at a server that has yet to do something, and before asking it again. */
  readonly sleep?: Sleep;
  readonly connections?: OpenConnections;
}
