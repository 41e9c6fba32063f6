export { type ClientBundleFiles, writeClientBundle, zipClientBundle } from './client-bundle';
export { UcpCluster, type UcpClusterOptions } from './cluster';
export type { Registration } from './config-document';
export { type PolicyReadings, usualReadings } from './signing-policy';
