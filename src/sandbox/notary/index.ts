export { type Authorization, type NotaryOptions, NotaryServer } from './server';
export { signedTags, type TrustService } from './trust-service';
