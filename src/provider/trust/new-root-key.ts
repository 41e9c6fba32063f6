import type { Context } from '../../plugin';

/** A key that was made silently would be lost silently. */
export function warnOfNewRootKey(id: string, warn: Context['warn']): void {
  const detail =
    `It is in the trust store beside the one before it: from now on name the one to use (trust_store.root_key_id = "${id}"). ` +
    'Back it up together with its passphrase: without it no repository that has it can ever get new keys.';
  warn(undefined, `A new root key was made: ${id}`, detail);
}
