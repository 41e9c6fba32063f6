/** Codes that the source does not write where it makes the error, by file. */
export const COMPUTED: Readonly<Record<string, readonly string[]>> = {
  'src/notary/documents/names.ts': ['invalid_repository', 'wrong_registry'],
  'src/notary/keys/private-key.ts': ['unsupported_key', 'weak_key'],
  'src/notary/repository/prepare-rotation.ts': ['forbidden', 'unauthorised'],
  'src/notary/repository/refusal.ts': [
    'conflict',
    'forbidden',
    'gun_refused',
    'not_a_notary_server',
    'refused_update',
    'server_failed',
  ],
  'src/notary/trust-store/trust-store.ts': ['passphrase_missing', 'wrong_passphrase'],
  'src/notary/verification/failure.ts': ['malformed_document', 'wrong_role_type', 'document_too_large'],
  // The code of another error, which is said again with more words.
  'src/provider/adoption.ts': ['already_exists', 'unpinned_root'],
  'src/provider/at-attribute.ts': ['bundle_not_found', 'expired_certificate', 'wrong_passphrase'],
  'src/provider/data-sources/registry-ca.ts': [
    'invalid_fingerprint',
    'registry_ca_not_pinned',
    'registry_ca_other_fingerprint',
  ],
  'src/provider/rotation.ts': ['key_not_at_hand'],
  'src/ucp/config-document.ts': ['ucp_config_not_editable', 'ucp_config_unreadable', 'ucp_registration_has_service_id'],
};

/** Codes of these folders that no user of the provider meets, and why. */
export const UNSEEN: Readonly<Record<string, string>> = {
  unencrypted_key: 'only `dct keys restore` puts files back',
};

/** Places whose text nobody is shown, by words of it, and why. */
export const UNSHOWN: Readonly<Record<string, string>> = {
  'no passphrase to encrypt': 'the store asks for one before it encrypts',
  'which docker does not read': 'signing keys of this kind are refused when they are read',
  'has no PEM block`': 'the reader of PEM has said so',
  'the root role has no keys': 'parsing a root without keys for it says so first',
  'the root before it': 'a part of another text',
};
