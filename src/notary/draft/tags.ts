import type { DelegationName, FileMeta } from '../documents';
import { digestOf, fileMeta, sameTarget, type Tags, type Target } from './content';
import type { DelegationFiles } from './delegation-files';
import { findRole, releases, signerOf } from './delegations';
import type { Edits } from './edits';
import { type DraftNote, supersededSignature } from './notes';
import { checkPath, conflictingDigest } from './refusals';
import { signersOfDigest, signersOfOtherDigests } from './who-signed';

interface Edited {
  readonly edits: Edits;
  readonly notes: DraftNote[];
}

/** Lists a tag in a signer's file and in `targets/releases`: see `TrustDraft.signTag`. */
export async function withTag(
  files: DelegationFiles,
  role: DelegationName,
  tag: string,
  target: Target,
  replaces: readonly string[],
): Promise<Edited> {
  const {
    gun,
    edits: { delegations },
  } = files.state;
  const why = `tag ${tag} cannot be signed as ${signerOf(role)}`;
  files.checkGivenOut(files.of(role), why);
  const released = digestOf(files.content(releases)?.get(tag));
  if (released !== undefined && released !== target.sha256 && !replaces.includes(released)) {
    const signers = signersOfDigest(delegations, files.content, tag, released);
    throw conflictingDigest(gun, tag, target.sha256, released, signers);
  }
  const meta = fileMeta(target);
  const others = signersOfOtherDigests(delegations, files.content, role, tag, target);
  const { edits, notes } = await files.rewrite(files.of(role), why, (file, tags) => {
    checkPath(gun, findRole(delegations, file), tag);
    if (sameTarget(tags.get(tag), target) && !files.needsSigning(file)) return undefined;
    return new Map([...tags, [tag, meta]]);
  });
  return { edits, notes: [...notes, ...supersededSignature(gun, tag, others)] };
}

/** The edits with what was taken out of `targets/releases` there again, where a signer still holds it: `TrustView.takenOut`. */
export function withReleasedAgain(files: DelegationFiles): Edits {
  const { edits, view } = files.state;
  const released = files.content(releases) ?? new Map<string, FileMeta>();
  const again = [...(view?.takenOut ?? [])].filter(([tag, meta]) => {
    const digest = digestOf(meta);
    if (digest === undefined || released.has(tag)) return false;
    return signersOfDigest(edits.delegations, files.content, tag, digest).length > 0;
  });
  if (again.length === 0) return edits;
  return { ...edits, contents: new Map([...edits.contents, [releases, new Map([...released, ...again])]]) };
}

/** Takes a tag out of a signer's file, and out of `targets/releases` where nobody else holds it: see `TrustDraft.revokeTag`. */
export async function withoutTag(
  files: DelegationFiles,
  role: DelegationName,
  tag: string,
  sha256: string | undefined,
): Promise<Edited> {
  const { edits } = files.state;
  const isSigner = findRole(edits.delegations, role) !== undefined;
  const signer = signerOf(role);
  const why = `${signer}'s signature of tag ${tag} cannot be taken back`;
  // whether it stays released depends on all signers
  const declared = (edits.delegations.roles ?? []).map(({ name }) => name);
  if (isSigner) files.checkGivenOut(declared, why);
  const digest = digestOf(files.content(role)?.get(tag)) ?? sha256;
  if (digest === undefined) return { edits, notes: [] };
  const others = signersOfDigest(edits.delegations, files.content, tag, digest).filter((other) => other !== signer);
  const released = digestOf(files.content(releases)?.get(tag)) === digest && others.length === 0;
  if (!isSigner) {
    // A signer who went before its signatures leaves what nobody else stands behind to whoever still can take it out.
    if (!released || !(await files.canSign(releases))) return { edits, notes: [] };
    files.checkGivenOut(declared, why);
    return files.rewrite([releases], '', (_file, tags) => without(tag, tags));
  }
  return files.rewrite(released ? files.of(role) : [role], why, (_file, tags) => without(tag, tags));
}

function without(tag: string, tags: Tags): Tags | undefined {
  return tags.has(tag) ? new Map([...tags].filter(([name]) => name !== tag)) : undefined;
}
