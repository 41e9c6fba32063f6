import { DctError } from '../../error';
import type { Resource } from '../../plugin';
import { atAttribute } from './at-attribute';

const REPOSITORY = {
  wrong_registry: 'repository',
  invalid_repository: 'repository',
  no_trust_data: 'repository',
} as const;

/** The attribute that an error comes from, by resource and code: clients and drafts know nothing of attributes. */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  trusted_registry: { already_exists: 'host_address' },
  repository: { wrong_registry: 'name', invalid_repository: 'name', already_exists: 'name' },
  signer_delegation: { ...REPOSITORY, already_exists: 'signer', would_unsign: 'public_keys' },
  signed_tag: {
    ...REPOSITORY,
    unknown_signer: 'signer',
    key_not_at_hand: 'signer',
    path_not_allowed: 'tag',
    image_not_found: 'digest',
    manifest_digest_mismatch: 'digest',
    manifest_unsupported: 'digest',
    conflicting_digest: 'digest',
  },
  enforcement: { already_exists: 'cluster' },
};

/** Errors of what stands in the configuration say where it stands. A destroy has none. */
export function nameAttributes<C>(resource: Resource<C>): Resource<C> {
  const attributes = ATTRIBUTES[resource.name] ?? {};
  const naming = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const attribute = error instanceof DctError ? attributes[error.code] : undefined;
      throw attribute === undefined ? error : atAttribute(error, [attribute]);
    }
  };
  return {
    ...resource,
    plan: async (args) => (await naming(() => resource.plan?.(args))) ?? undefined,
    read: (args) => naming(() => resource.read(args)),
    create: (args) => naming(() => resource.create(args)),
    ...(resource.update && { update: (args) => naming(async () => (await resource.update?.(args)) ?? args.prior) }),
  };
}
