export type { Clock } from './clock';
export { putDemoImage } from './demo-images';
export { runningIn } from './running-mark';
export { type Sandbox, type SandboxCluster, type SandboxOptions, type SandboxRegistry, startSandbox } from './sandbox';
export { type PolicyReadings, type UcpCluster, usualReadings } from './ucp';
