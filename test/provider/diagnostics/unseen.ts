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

/** Errors of resources that come from no attribute of theirs, and from where instead. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  'no_root_key: new repository': 'the trust store',
  'no_root_key: plan': 'the trust store',
  'key_not_at_hand: signers': 'the trust store, which lacks a key of the repository',
  in_state_twice: 'the state',
  'key_not_at_hand: taking back': 'a destroy, which has no configuration',
  'unpinned_root: root_pins': 'the provider block',
  'trust_data_lost: read': 'the server',
  'version_rollback: read': 'the server',
};

/** Pieces of texts that stand in no stored one, by words of them or by their file, and why. */
export const UNSHOWN_TEXTS: Readonly<Record<string, string>> = {
  // shown elsewhere
  'the delegations below': 'only `dct revoke-key` changes these: test/cli/revoke-key-base.test.ts',
  'src/provider/configuration/configuration.ts': 'what a value has to be: test/acceptance/bad-values.test.ts',
  'src/provider/attributes/names.ts': 'what a value has to be: test/acceptance/bad-values.test.ts',
  'src/provider/attributes/keys.ts': 'what a value has to be: test/acceptance/bad-values.test.ts',
  'The apply refuses it, unless': 'takes two resources of one plan: test/acceptance/one-apply.test.ts',
  'src/plugin/calls/': 'mistakes of handlers: test/plugin/faults.test.ts',
  'src/plugin/partial-state.ts': 'the cause of it is what is shown',
  'src/plugin/transport/': 'told to Terraform, or to whoever starts the provider by hand: test/plugin',
  'src/provider/functions/': 'documentation',

  // shown to nobody
  'correct the path': 'every error of a bundle says itself what to do',
  'a list of tables where one table belongs': 'only the place is shown: ucp_config_unreadable',
  'not a request path': 'paths are our own',
  'a line break in the name': 'names of parts are our own',
  'is this one pair?': 'what is signed to try a pair of keys',
  'src/notary/documents/serialise.ts': UNSHOWN['has a control character'] ?? '',
  'src/notary/documents/time.ts': UNSHOWN['is not an RFC 3339 time'] ?? '',
  'src/notary/keys/key-file.ts': UNSHOWN['which docker does not read'] ?? '',
  'src/notary/repository/fetch-trust.ts': 'takes a server that means harm: test/notary/attack/endless.test.ts',
  'src/notary/verification/freshness.ts': UNSHOWN['does not list it'] ?? '',
  'the backup of the key': 'only `dct keys restore` puts files back',
  'is not encrypted: only `add` writes that': 'only `dct keys restore` puts files back',
  'it has no key at all': 'a role without keys is refused when it is verified: threshold_not_met',
  'give the signer a key first': 'a role without keys is refused when it is verified: threshold_not_met',

  // one reason of several within a text that is stored with another
  '(known after apply)': 'would_lock_out, and then only beside a change that is known',
  'the root cannot be changed': 'key_not_at_hand: rotation',
  'the list of signers cannot be signed again': 'key_not_at_hand: targets',
  'src/notary/keys/certificate.ts': 'malformed_pem: certificate; test/notary/keys/public-key.test.ts',
  'bytes after the key': 'malformed_pem: public key; test/notary/keys/public-key.test.ts',
  'an exponent that docker refuses': 'unsupported_key; test/notary/keys/public-key.test.ts',
  'see who manages the snapshot key': 'invalid_update',
  'delete the trust data of': 'forbidden, and what else a Notary server refuses',
  'reading the server information': 'one request of several that a UCP refuses: ucp_unavailable',
  'has a weak key': 'weak_root_certificate: SHA-1',
  'it is not a file': 'bundle_unusable; test/ucp/client-bundle.test.ts',
  'it cannot be read (': 'bundle_unusable',
  'src/ucp/bundle-zip.ts': 'bundle_unusable; test/ucp/client-bundle.test.ts',
  'the write was lost': 'ucp_config_not_applied: overwritten',
  'src/ucp/config-text.ts': 'ucp_config_not_editable; test/ucp',
  '[private key redacted]': 'stands for what must not be shown',
  'no names at all': 'tls_wrong_host',
  "this machine's root certificates": 'tls_untrusted: another CA; test/http/tls.test.ts',
};
