export type { Cluster } from './cluster';
export { Connection } from './connection';
export type { Pace } from './pace';
export { withPreflight } from './preflight';
export { releaseKeyIds, type Repository } from './repository';
