export type { Certificate } from './certificate';
export { decodeKeyFile, encodeKeyFile, type KeyFile } from './key-file';
export { PrivateKey, type PrivatePemOptions } from './private-key';
export { PublicKey } from './public-key';
export { sameKeys, type PublicPemOptions } from './public-pem';
export { rootCertificate } from './root-certificate';
