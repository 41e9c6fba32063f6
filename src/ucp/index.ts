export type { Account, AccountFilter, AccountPublicKey, Member, Team } from './accounts';
export { sameCertificates } from './certificates';
export { UcpClient, type UcpClientOptions } from './client';
export { type ClientBundle, type ReadBundleOptions, readClientBundle } from './client-bundle';
export type { Registration, TrustPolicy } from './config';
export type { TrustPolicyChange } from './config-text';
export type { Credentials } from './session';
export { type UcpVersion, parseVersion } from './version';
