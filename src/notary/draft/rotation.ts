import type { BaseRole, Gun } from '../documents';
import { PrivateKey, type PublicKey, rootCertificate } from '../keys';
import type { Edits } from './edits';
import type { KeyRing, SigningKey } from './key-ring';
import { baseRoleKeys } from './next-root';
import type { TrustView } from './view';

/** New keys of base roles; each takes the place of all that its role had. */
export interface Rotation {
  /** The new root key, and the certificate of it for this GUN. */
  readonly root?: SigningKey;
  /** Already on disk. */
  readonly targets?: PrivateKey;
  /** The server's, as it answers a request for a new one; or one of ours, already on disk. */
  readonly snapshot?: PublicKey | PrivateKey;
  readonly timestamp?: PublicKey;
}

/** The edits that make the root name these keys; the same where it does already. The ring can sign with them from now on. */
export function rotation(view: TrustView, edits: Edits, ring: KeyRing, keys: Rotation): Edits {
  const roleKeys = new Map(edits.roleKeys);
  const rotate = (role: BaseRole, key: PublicKey | undefined): void => {
    if (key === undefined) return;
    const named = view.root.signed.roles.get(role)?.keyids ?? [];
    if (named.length !== 1 || named[0] !== key.tufId) roleKeys.set(role, [key]);
  };
  const { snapshot } = keys;
  const ours = [keys.root?.privateKey, keys.targets, snapshot instanceof PrivateKey ? snapshot : undefined];
  for (const key of ours) if (key !== undefined) ring.lend(key);
  rotate('root', keys.root?.publicKey);
  rotate('targets', keys.targets?.publicKey);
  rotate('snapshot', snapshot instanceof PrivateKey ? snapshot.publicKey : snapshot);
  rotate('timestamp', keys.timestamp);
  return { ...edits, roleKeys };
}

/** Throws `key_not_at_hand` unless enough of the root keys in force are at hand, as every rotation needs. */
export async function checkRootKeys(
  gun: Gun,
  view: TrustView,
  ring: KeyRing,
  roles: readonly BaseRole[],
): Promise<void> {
  const keys = baseRoleKeys(view.root.signed, 'root');
  const needed = view.root.signed.roles.get('root')?.threshold ?? 1;
  if ((await ring.atHand(keys)).length >= needed) return;
  throw await ring.missing(gun, 'root', keys, `the key of ${roles.join(', ')} cannot be rotated`);
}

/** Keys to try a rotation with before any is made: nobody keeps them. `nextRoot`: the root key that would be used, if there is one. */
export function standInRotation(gun: Gun, roles: readonly BaseRole[], now: Date, nextRoot?: PrivateKey): Rotation {
  const privateKey = nextRoot ?? PrivateKey.generate();
  const { publicKey: serverKey } = PrivateKey.generate();
  return {
    ...(roles.includes('root') && { root: { privateKey, publicKey: rootCertificate(privateKey, gun, now) } }),
    ...(roles.includes('targets') && { targets: PrivateKey.generate() }),
    ...(roles.includes('snapshot') && { snapshot: serverKey }),
    ...(roles.includes('timestamp') && { timestamp: serverKey }),
  };
}
