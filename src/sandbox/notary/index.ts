export { type Authorization, type NotaryOptions, NotaryServer } from './server';
