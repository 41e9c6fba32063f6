import { DctError } from '../../error';
import type { PrivateKey } from '../keys';

/** The private keys that can be signed with, by canonical ID. */
export interface KeysAtHand {
  /** The key, if it is there and can be opened. */
  find(canonicalId: string): Promise<PrivateKey | undefined>;
  /** Why `find` does not give the key: `key_not_found`, or what keeps it from being opened; undefined if it does. */
  whyNot?(canonicalId: string): Promise<DctError | undefined>;
}

/** The keys of a store and further ones; a key given directly is preferred, for it needs no passphrase. */
export function keysAtHand(store: KeysAtHand | undefined, extraKeys: readonly PrivateKey[] = []): KeysAtHand {
  const extra = new Map(extraKeys.map((key) => [key.canonicalId, key]));
  return {
    find: async (canonicalId) => extra.get(canonicalId) ?? (await store?.find(canonicalId)),
    whyNot: async (canonicalId) => {
      if (extra.has(canonicalId)) return undefined;
      if (store?.whyNot) return store.whyNot(canonicalId);
      return new DctError('key_not_found', `there is no key ${canonicalId} at hand`);
    },
  };
}
