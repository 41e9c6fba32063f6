import { certificatesOf } from '../../http';
import { DctError } from '../../error';
import { PrivateKey, PublicKey } from '../../notary';
import { atAttribute } from '../errors/at-attribute';
import { problemOf } from './names';

/**
 * The keys of a signer, in the order given; one in two spellings is one. `now` also refuses expired certificates, as docker
 * does when a key is added; a plan never asks the clock.
 */
export function keysOf(publicKeys: readonly string[], now?: Date): PublicKey[] {
  // A set has no order that the user knows, and what `validate` says begins with the attribute's name.
  const label = now === undefined ? 'an entry' : 'public_keys';
  try {
    const keys = publicKeys.map((pem) => PublicKey.fromPem(pem, { label, ...(now && { now }) }));
    return [...new Map(keys.map((key) => [key.tufId, key])).values()];
  } catch (error) {
    throw atAttribute(error, ['public_keys']);
  }
}

export function publicKeysProblem(publicKeys: readonly string[]): string | undefined {
  return publicKeys.length === 0 ? 'must hold at least one key' : unusable(publicKeys);
}

const unusable = problemOf((publicKeys: readonly string[]) => keysOf(publicKeys));

/** Its passphrase stands elsewhere: whether that opens it shows when the key is needed. */
export const signingKeyProblem = problemOf((privateKey: string) => {
  try {
    return PrivateKey.fromPem(privateKey, { label: 'the text' });
  } catch (error) {
    if (error instanceof DctError && error.code === 'passphrase_missing') return undefined;
    throw error;
  }
});

/** What is wrong with certificates, or undefined. A private key beside them would stand in plan and state. */
export function certificatesProblem(pem: string): string | undefined {
  if (/PRIVATE KEY-----/.test(pem)) return 'must hold PEM certificates only: there is a private key in it';
  try {
    certificatesOf(pem);
    return undefined;
  } catch (error) {
    return `must hold PEM certificates: ${error instanceof Error ? error.message : String(error)}`;
  }
}
