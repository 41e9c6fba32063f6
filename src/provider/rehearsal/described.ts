import { UNKNOWN, type Unknown } from '../../plugin';
import type { PlannedChange } from './planned-change';

/** A change in the words of an error: Terraform shows no address of a resource that is no longer in the configuration. */
export function described(changes: readonly PlannedChange[]): string {
  return changes.map(inWords).join(', and ');
}

/** The attribute that makes the change, where there is one. */
export function attributeOf(changes: readonly PlannedChange[]): readonly string[] | undefined {
  const change = changes.find(({ stands }) => stands);
  if (change === undefined || change.of === 'repository' || change.of === 'registration') return undefined;
  return [{ policy: 'require_signature_from', signer: 'public_keys', signature: 'digest' }[change.of]];
}

function inWords(change: PlannedChange): string {
  const { stands } = change;
  switch (change.of) {
    case 'registration':
      return `${stands ? 'the registration' : 'the end of the registration'} of ${name(change.hostAddress)} in ${name(change.cluster)}`;
    case 'policy':
      return `${stands ? 'the policy' : 'the end of the policy'} of ${name(change.cluster)}`;
    case 'repository':
      return `${stands ? 'the trust data' : 'the end of the trust data'} of ${name(change.gun)}`;
    case 'signer':
      return `${stands ? 'the keys' : 'the end'} of the signer ${name(change.signer)} of ${name(change.gun)}`;
    case 'signature':
      return `${stands ? 'the signature' : 'the end of the signature'} of ${name(change.gun)}:${name(change.tag)} by ${name(change.signer)}`;
  }
}

function name(value: string | Unknown): string {
  return value === UNKNOWN ? '(known after apply)' : value;
}
