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
  'src/notary/verification/failure.ts': ['document_too_large', 'malformed_document', 'wrong_gun', 'wrong_role_type'],
  // The code of another error, which is said again with more words.
  'src/provider/adoption.ts': ['already_exists', 'unpinned_root'],
  'src/provider/at-attribute.ts': ['bundle_not_found', 'expired_certificate', 'wrong_passphrase'],
  // Of what several calls say, code and all.
  'src/provider/connection/activity.ts': ['would_lock_out', 'would_unsign'],
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
  'which docker does not read': 'signing keys of this kind are refused when they are read',
  'has a control character': 'names of tags and signers are checked before',
  'has no four-digit year': 'no document of ours lasts so long',
  'is not an RFC 3339 time': 'parsing a document says so first',
  'none of the last ${MAX_ROOTS} roots': 'takes more rotations than any repository has',
  'no real one is of that size': 'takes a server that means harm, and minutes',
  'does not list it': 'parsing a snapshot without it says so first',
  'has no sha256 or sha512 of it': 'parsing a snapshot without them says so first',
  'there is no key ${canonicalId} at hand': 'stands within another text',
  'The partial state of': 'no handler leaves one behind',
  'in the read of ${request.typeName}': 'a mistake of a handler: test/plugin/faults.test.ts',
  'in the plan of ${call.typeName}': 'a mistake of a handler: test/plugin/faults.test.ts',
};
