export type { Cluster } from './cluster';
export { Connection } from './connection';
export type { Pace } from './pace';
export { withPreflight } from './preflight';
export type { Repository } from './repository';
export { releaseKeyIds } from './trust-reading';
