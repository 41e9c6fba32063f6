import type { BaseRole, DelegationName, Gun, RoleName } from '../documents';
import { signerOf } from './delegations';
import { withheld } from './refusals';

/** Something the user should know about a change that is nevertheless made. */
export interface DraftNote {
  readonly code:
    | 'resurrected_tags'
    | 'orphaned_tags'
    | 'unsigned_tags'
    | 'superseded_signature'
    | 'dropped_content'
    | 'healed'
    | 'damaged';
  /** Once it is made. */
  readonly message: string;
  /** Before, where that reads otherwise. */
  readonly planned?: string;
}

/** Neither docker nor the server deletes a delegation's file with its role, so declaring the role again brings it back. */
export function resurrectedTags(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  const words = (named: string, verb: string): string =>
    `${gun} still has an old ${role} signed by these keys: ${named} ${verb} signed again; revoke what shall not be`;
  return note(
    tags,
    'resurrected_tags',
    (named) => words(named, 'is'),
    (named) => words(named, 'will be'),
  );
}

export function orphanedTags(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  const signer = signerOf(role);
  return note(tags, 'orphaned_tags', (named) => {
    return `${signer} was the only signer of ${named} in ${gun}; with ${signer} gone no signer stands behind that: have another one sign what is still wanted`;
  });
}

/** `tags`: each with who has signed it. */
export function unsignedTags(gun: Gun, role: DelegationName, tags: string): DraftNote {
  const words = (left: string, yet = ''): string =>
    `no valid signature ${left} left of ${role} of ${gun}, and so of ${tags}: no key of those who stay is at hand${yet}; have one of them sign what is still wanted`;
  return { code: 'unsigned_tags', message: words('is'), planned: words('will be', ', unless one comes in this plan') };
}

/** Content that no signature vouches for is not taken over into the next version (rule 11). */
export function droppedContent(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  return note(tags, 'dropped_content', (named) => {
    return `${role} of ${gun} had no valid signature; ${named} in it did not count before and is not taken over: have what is still wanted signed again`;
  });
}

/** What verifies is vouched for anew, all of it (rule 11): whoever signs has to know what. */
export function healedTags(gun: Gun, role: DelegationName, tags: readonly string[]): DraftNote[] {
  return note(tags, 'healed', (named) => {
    return `${role} of ${gun} could not be read by docker; its content verifies and is signed again: ${named}`;
  });
}

export function healedRole(gun: Gun, role: BaseRole, tags: readonly string[], signers: readonly string[]): DraftNote {
  const named = [...note(tags, 'healed', (shown) => shown).map(({ message }) => message), ...signersNamed(signers)];
  const content = role === 'targets' && named.length > 0 ? `: ${named.join('; ')}` : '';
  const message = `${role} of ${gun} could not be read by docker; its content verifies and is signed again${content}`;
  return { code: 'healed', message };
}

/** Nobody here can sign it again. */
export function stillDamaged(gun: Gun, role: RoleName, keyIds: readonly string[]): DraftNote {
  const who = keyIds.length === 0 ? 'nobody' : `whoever has ${keyIds.join(' or ')}`;
  const message = `${role} of ${gun} cannot be read by docker, and no key is at hand to sign it again; ${who} can`;
  return { code: 'damaged', message };
}

/** Nobody can sign it again: see `isWithheld`. */
export function stillWithheld(gun: Gun, role: DelegationName): DraftNote {
  return { code: 'damaged', message: `${withheld(gun, role)}; nothing that depends on it can be changed` };
}

/** Newer targets that are not in force, signed again as they are. */
export function restoredTargets(gun: Gun, version: number, signers: readonly string[]): DraftNote {
  const message = [
    `${overtaken(gun, version)}; its content verifies and is signed again`,
    ...signersNamed(signers),
  ].join(': ');
  return { code: 'healed', message };
}

export function stillOvertaken(gun: Gun, version: number, keyIds: readonly string[]): DraftNote {
  const message = `${overtaken(gun, version)}, and no key is at hand to sign it again; whoever has ${keyIds.join(' or ')} can, by any change`;
  return { code: 'damaged', message };
}

function overtaken(gun: Gun, version: number): string {
  return `version ${version} of targets of ${gun} went out of force when somebody else published signatures at the same moment`;
}

function signersNamed(signers: readonly string[]): string[] {
  return signers.length === 0 ? [] : [`signer ${[...signers].sort().join(', ')}`];
}

export function supersededSignature(gun: Gun, tag: string, signers: readonly DelegationName[]): DraftNote[] {
  return note(signers.length === 0 ? [] : [tag], 'superseded_signature', () => {
    return `${signers.map(signerOf).join(', ')} signed another digest of ${gun}:${tag}, which no longer counts as released: have them sign this one, too, or take theirs back`;
  });
}

function note(
  tags: readonly string[],
  code: DraftNote['code'],
  message: (named: string) => string,
  planned?: (named: string) => string,
): DraftNote[] {
  if (tags.length === 0) return [];
  const shown = [...tags].sort().slice(0, 20).join(', ');
  const more = tags.length > 20 ? ` and ${tags.length - 20} more` : '';
  const named = `tag ${shown}${more}`;
  return [{ code, message: message(named), ...(planned && { planned: planned(named) }) }];
}
