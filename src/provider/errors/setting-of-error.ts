import type { DctError } from '../../error';

const PASSPHRASES =
  'trust_store.root_passphrase, trust_store.repository_passphrase, or trust_store.passphrases for a single key';

const MADE_ANEW =
  'set when_lost = "recreate" in its dct_repository and apply that once with -refresh=false, which sends nothing; once the ' +
  'trust data is deleted, the next apply makes it again; to destroy it, use -refresh=false';

/** What of our configuration a cure comes to, by code: the libraries that say what is wrong know nothing of it. */
const SETTINGS: Readonly<Record<string, string>> = {
  passphrase_missing: PASSPHRASES,
  passphrase_too_short: PASSPHRASES,
  wrong_passphrase: PASSPHRASES,
  no_root_key: 'trust_store.create_root_key = true makes one here',
  several_root_keys: 'trust_store.root_key_id',
  unknown_key_role: 'trust_store.root_key_id',
  no_next_root_key: 'trust_store.root_key_id names it, trust_store.create_root_key = true makes one here',
  unpinned_root:
    'root_pins, expected_root_key_ids and the state pin it; for a state to take another root, such as that of a backup from ' +
    'before a rotation, forget each resource of this repository with `terraform state rm` and import it again',
  wrong_gun: 'registry.host_address, registry.notary_url',
  expired_root_certificate: MADE_ANEW,
  ended_trust_data: MADE_ANEW,
  no_trust_data: 'dct_repository makes it; let what needs it depend on that',
  unknown_signer: 'dct_signer_delegation adds it; let what signs depend on that',
  conflicting_digest: 'replaces_digest names the one to replace',
  snapshot_key_not_at_hand: 'snapshot_managed_by = "server" in its dct_repository lets the server sign it',
  left_behind: 'where it is a snapshot, raise rotate.snapshot of its dct_repository',
  key_not_at_hand:
    'trust_store.directory is the store it has to be in (docker loads into that of its DOCKER_CONFIG); signing_keys takes keys that are in none',
  unsigned_meanwhile: 'an apply signs again for each dct_signed_tag',
  would_unsign: 'allow_unsigning = true of each signer that loses a key gives these signatures up',
};

/** Nothing for what names its own place in the configuration. */
export function settingOf({ code, attribute }: Pick<DctError, 'code' | 'attribute'>): string | undefined {
  return attribute?.[0] === 'signing_keys' ? undefined : SETTINGS[code];
}
