import { resource, type Settings } from './configuration';

/** One resource of each kind, that rely on each other. */
export interface AllKinds {
  /** Of each of them. Default `it`. */
  readonly name?: string;
  readonly alice: { readonly certificate: string };
  readonly digest: string;
  readonly cluster?: string;
  readonly repository?: string;
  /** Lines that stand in each of them. */
  readonly more?: string;
  readonly settings?: Partial<
    Readonly<Record<'registration' | 'repository' | 'signer' | 'tag' | 'enforcement', Settings>>
  >;
  /** Each waits for the one before: registration, repository, signer, signature, policy. */
  readonly inTurn?: boolean;
}

export const KINDS = [
  'dct_enforcement',
  'dct_repository',
  'dct_signed_tag',
  'dct_signer_delegation',
  'dct_trusted_registry',
] as const;

export function allKinds(wanted: AllKinds): string {
  const { name = 'it', alice, digest, cluster = 'cluster2', more = '', settings = {}, inTurn = false } = wanted;
  const repository = `\${dct_repository.${name}.gun}`;
  const signer = `\${dct_signer_delegation.${name}.signer}`;
  const its = { name: wanted.repository ?? 'admin/trustdemo', on_destroy: 'delete', ...settings.repository };
  const keys = { public_keys: [alice.certificate], ...settings.signer };
  const registration = `dct_trusted_registry.${name}`;
  return [
    resource('trusted_registry', name, { cluster, ...settings.registration }, { more }),
    resource('repository', name, its, { after: inTurn ? [registration] : [], more }),
    resource('signer_delegation', name, { repository, signer: 'alice', ...keys }, { more }),
    resource('signed_tag', name, { repository, tag: '1', signer, digest, ...settings.tag }, { more }),
    resource(
      'enforcement',
      name,
      { cluster, ...settings.enforcement },
      { after: [`dct_signed_tag.${name}`, registration], more },
    ),
  ].join('\n');
}
