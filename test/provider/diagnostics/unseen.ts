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
  'key_not_at_hand: taking back': 'a destroy, which has no configuration',
  'unpinned_root: root_pins': 'the provider block',
  'trust_data_lost: read': 'the server',
  'version_rollback: read': 'the server',
};
