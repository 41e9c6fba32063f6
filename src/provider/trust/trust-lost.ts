import { DctError } from '../../error';

/** Rule 1: trust data that is gone is no drift, since a wrong `notary_url` or a wiped DTR looks the same. */
export function lost(gun: string, rootKeyIds: readonly string[]): DctError {
  const message = `${gun} has no trust data any more, but the state knows it rooted in ${rootKeyIds.join(', ')}`;
  return new DctError('trust_data_lost', message, {
    cure:
      'check `registry.notary_url` and `registry.host_address`; if the trust data really was deleted, set ' +
      '`when_lost = "recreate"` in its dct_repository, let signers and signatures depend on that, and apply it once with ' +
      '-refresh=false; or forget the resources of this repository with `terraform state rm`; then apply again',
  });
}

/** `expected_root_key_ids` leaves this machine's root key out: what it would make could never be what was asked for. */
export function unexpectedRootKey(gun: string, rootKeyId: string): DctError {
  const message = `${gun} has no trust data yet, and the root key ${rootKeyId} of the trust store is not in expected_root_key_ids`;
  return new DctError('unexpected_root_key', message, {
    cure: 'choose the root key (`trust_store.root_key_id`), or add its ID',
    attribute: ['expected_root_key_ids'],
  });
}
