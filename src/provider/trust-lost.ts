import { DctError } from '../error';

/** Rule 1: trust data that is gone is no drift, since a wrong `notary_url` or a wiped DTR looks the same. */
export function lost(gun: string, rootKeyIds: readonly string[]): DctError {
  const message = `${gun} has no trust data any more, but the state knows it rooted in ${rootKeyIds.join(', ')}`;
  return new DctError('trust_data_lost', message, {
    cure:
      'check `registry.notary_url` and `registry.host_address`; if the trust data really was deleted, forget the ' +
      'resources of this repository with `terraform state rm` and apply again',
  });
}
