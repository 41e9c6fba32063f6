export type { Cluster } from './cluster';
export { Connection } from './connection';
export { releaseKeyIds, type Repository } from './repository';
