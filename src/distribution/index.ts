export { writeLockEntries, type LockedProvider } from './lock-file';
export { layProvider, PLATFORMS } from './mirror';
export { providerPackage, type ProviderPackage } from './provider-package';
