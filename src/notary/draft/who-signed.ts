import { type DelegationName, type Delegations, type FileMeta, maySign } from '../documents';
import { digestOf, type Tags, type Target } from './content';
import { findRole, releases, signerOf, signersOf } from './delegations';

/** What a delegation's file lists; undefined when there is none, or none whose signatures count. */
type Content = (role: DelegationName) => Tags | undefined;

/** Names of the signers whose files list the tag with this digest (hex). */
export function signersOfDigest(delegations: Delegations, content: Content, tag: string, digest: string): string[] {
  return signersOf(delegations)
    .filter((role) => signedDigest(delegations, content, role, tag) === digest)
    .map(signerOf);
}

/** Signers other than this one whose files list the tag with another digest than the target's. */
export function signersOfOtherDigests(
  delegations: Delegations,
  content: Content,
  role: DelegationName,
  tag: string,
  target: Target,
): DelegationName[] {
  return signersOf(delegations).filter((other) => {
    const digest = other === role ? undefined : signedDigest(delegations, content, other, tag);
    return digest !== undefined && digest !== target.sha256;
  });
}

/** The digest that a signer's file lists for a tag which the signer may sign. */
function signedDigest(
  delegations: Delegations,
  content: Content,
  role: DelegationName,
  tag: string,
): string | undefined {
  const declared = findRole(delegations, role);
  return declared !== undefined && maySign(declared, tag) ? digestOf(content(role)?.get(tag)) : undefined;
}

/** Released tags that nobody but this signer stands behind. */
export function tagsOnlySignedBy(delegations: Delegations, content: Content, role: DelegationName): string[] {
  const released = content(releases) ?? new Map<string, FileMeta>();
  return [...(content(role) ?? [])].flatMap(([tag, meta]) => {
    const digest = digestOf(meta);
    const counts = digest !== undefined && digestOf(released.get(tag)) === digest;
    return counts && signersOfDigest(delegations, content, tag, digest).length === 1 ? [tag] : [];
  });
}
