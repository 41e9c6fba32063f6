export type { AuthorizationRequest, Authorizer } from './authorizer';
export { RegistryClient, type RegistryClientOptions } from './client';
export type { Manifest } from './manifest';
export { type FetchRegistryCaOptions, fetchRegistryCa, parseFingerprint } from './registry-ca';
