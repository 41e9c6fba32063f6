import { PrivateKey } from '../keys';
import type { RootKeyOptions, TrustStore } from './trust-store';

/** Root keys of a store to rotate to: one that has to be made is made once, for all repositories that come from the same keys. */
export function nextRootKeys(store: TrustStore, options: () => RootKeyOptions | Promise<RootKeyOptions>) {
  let last: Promise<PrivateKey | undefined> = Promise.resolve(undefined);
  const made = async (current: readonly string[]): Promise<PrivateKey | undefined> => {
    const key = await last.catch(() => undefined);
    return key !== undefined && current.includes(key.canonicalId) ? undefined : key;
  };
  const makeRootKey = (current: readonly string[]): Promise<PrivateKey> => {
    const earlier = made(current);
    const key = earlier.then(async (known) => {
      if (known !== undefined) return known;
      const fresh = PrivateKey.generate();
      await store.add(fresh, { role: 'root' });
      return fresh;
    });
    last = key;
    return key;
  };
  const nextRootKey = async (current: readonly string[]): Promise<PrivateKey | undefined> =>
    (await made(current)) ?? store.nextRootKey(current, await options());
  return { nextRootKey, makeRootKey };
}
