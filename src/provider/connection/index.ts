export type { Cluster } from './cluster';
export { Connection } from './connection';
export { releaseKeyIds } from './repository';
