export { findPrograms } from './programs';
export { RealNotary, type RealNotaryOptions } from './real-notary';
