import { type BaseRole, PublicKey, type TrustData } from '../../notary';

/** Roles whose keys stand in the root. */
export const baseRoles: readonly BaseRole[] = ['root', 'targets', 'snapshot', 'timestamp'];

/** The keys of a role in the root in force, and how many of them have to sign. */
export function roleKeys(
  { trust }: TrustData,
  role: BaseRole,
): { readonly keys: readonly PublicKey[]; readonly threshold: number } {
  const { keys, roles } = trust.root.signed;
  const declared = roles.get(role);
  const objects = (declared?.keyids ?? []).flatMap((id) => keys.get(id) ?? []);
  return { keys: objects.map((object) => PublicKey.fromDocument(object)), threshold: declared?.threshold ?? 1 };
}
