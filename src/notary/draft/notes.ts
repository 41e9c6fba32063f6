import type { DelegationName, Gun } from '../documents';
import { signerOf } from './delegations';

/** Something the user should know about a change that is nevertheless made. */
export interface DraftNote {
  readonly code: 'resurrected_tags' | 'orphaned_tags' | 'superseded_signature' | 'dropped_content';
  readonly message: string;
}

/** Neither docker nor the server deletes a delegation's file with its role, so declaring the role again brings it back. */
export function resurrectedTags(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  return note(tags, 'resurrected_tags', (named) => {
    return `${gun} still has an old ${role} signed by these keys: ${named} will be signed again; revoke what shall not be`;
  });
}

export function orphanedTags(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  const signer = signerOf(role);
  return note(tags, 'orphaned_tags', (named) => {
    return `${signer} was the only signer of ${named} in ${gun}; with ${signer} gone no signer stands behind that`;
  });
}

/** Content that no signature vouches for is not taken over into the next version (rule 11). */
export function droppedContent(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  return note(tags, 'dropped_content', (named) => {
    return `${role} of ${gun} had no valid signature; ${named} in it did not count before and is not taken over`;
  });
}

export function supersededSignature(gun: Gun, tag: string, signers: readonly DelegationName[]): DraftNote[] {
  return note(signers.length === 0 ? [] : [tag], 'superseded_signature', () => {
    return `${signers.map(signerOf).join(', ')} signed another digest of ${gun}:${tag}, which no longer counts as released`;
  });
}

function note(tags: readonly string[], code: DraftNote['code'], message: (named: string) => string): DraftNote[] {
  if (tags.length === 0) return [];
  const shown = [...tags].sort().slice(0, 20).join(', ');
  const more = tags.length > 20 ? ` and ${tags.length - 20} more` : '';
  return [{ code, message: message(`tag ${shown}${more}`) }];
}
