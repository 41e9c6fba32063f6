// What a stack imports: the constructs, and the generated classes of the Terraform provider as `dct`.
export * from './constructs';
export * as dct from './bindings';
export { DctError } from './error';
// For plain HCL: lays the provider into a filesystem mirror.
export { layProvider, providerPackage, type ProviderPackage } from './distribution';
