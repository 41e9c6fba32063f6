import { certificatesOf } from '../http';
import { PublicKey } from '../notary';
import { problemOf } from './names';

/**
 * The keys of a signer, in the order given. `now` also refuses expired certificates, as docker does when a key is added;
 * a plan never asks the clock.
 */
export function keysOf(publicKeys: readonly string[], now?: Date): PublicKey[] {
  return publicKeys.map((pem, index) =>
    PublicKey.fromPem(pem, { label: `public_keys[${index}]`, ...(now && { now }) }),
  );
}

export const publicKeysProblem = problemOf((publicKeys: readonly string[]) => {
  if (publicKeys.length === 0) return 'must hold at least one key';
  return keysOf(publicKeys);
});

/** What is wrong with a bundle of CA certificates, or undefined. */
export function certificatesProblem(pem: string): string | undefined {
  try {
    certificatesOf(pem);
    return undefined;
  } catch (error) {
    return `must hold PEM certificates: ${error instanceof Error ? error.message : String(error)}`;
  }
}
