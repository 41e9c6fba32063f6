import { DctError } from '../../error';
import type { KeyInfo, PublicKey, TrustStore } from '../../notary';
import { algorithmOf } from './algorithm';

/** One key of the store, as people ask for it. */
export interface KeyEntry {
  readonly id: string;
  readonly role: string;
  /** Undefined: any repository. */
  readonly gun: string | undefined;
  /** The path header of an old file. */
  readonly path: string | undefined;
  readonly file: string;
  readonly encrypted: boolean;
  /** Undefined: only opening the key would tell. */
  readonly algorithm: string | undefined;
  /** Whether it opens with the passphrases of the environment; undefined: there is none for it. */
  readonly opens: boolean | undefined;
}

/** Looks at every key with the passphrases that are set; nobody is asked. `known`: public keys that tell an algorithm. */
export async function takeInventory(
  store: TrustStore,
  keys: readonly KeyInfo[],
  known: readonly PublicKey[],
): Promise<KeyEntry[]> {
  const algorithms = new Map(known.map((key) => [key.canonicalId, algorithmOf(key)]));
  const entries = await Promise.all(
    keys.map(async ({ isEncrypted, ...info }): Promise<KeyEntry> => {
      const { opens, algorithm = algorithms.get(info.id) } = await tryToOpen(store, info.id);
      return { ...info, encrypted: isEncrypted, algorithm, opens };
    }),
  );
  return entries.sort(byRole);
}

async function tryToOpen(store: TrustStore, id: string): Promise<Pick<KeyEntry, 'opens'> & { algorithm?: string }> {
  try {
    return { opens: true, algorithm: algorithmOf((await store.load(id)).publicKey) };
  } catch (error) {
    if (!(error instanceof DctError)) throw error;
    return { opens: error.code === 'passphrase_missing' ? undefined : false };
  }
}

type Sorted = Pick<KeyInfo, 'id' | 'role'> & { readonly gun?: string | undefined };

/** Root keys first, then those of repositories, then signers'. */
export function byRole(a: Sorted, b: Sorted): number {
  return order(a) - order(b) || (sortKey(a) < sortKey(b) ? -1 : 1);
}

function order({ role, gun }: Sorted): number {
  if (role === 'root') return 0;
  return gun === undefined ? 2 : 1;
}

function sortKey({ gun = '', role, id }: Sorted): string {
  return `${gun} ${role} ${id}`;
}
