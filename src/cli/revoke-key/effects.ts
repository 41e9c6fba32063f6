import { createHash } from 'node:crypto';
import { type Gun, releases, type RoleSignature, type TrustData, type TrustDraft } from '../../notary';
import { isOnlySignedWith, rolesNamedIn, tagsIn } from './only-by-the-key';
import type { Standing } from './standing';

/** What becomes of one tag. */
export interface TagEffect {
  readonly tag: string;
  /** Hex. */
  readonly sha256: string;
  /** Signers whose signature goes. */
  readonly lost: readonly string[];
  /** Signers whose signature stays. */
  readonly left: readonly string[];
}

/** A file that is signed again in the same publish: whoever's key does it vouches for its tags. */
export interface SignedAgain {
  readonly role: string;
  /** Tag to digest, hex. */
  readonly tags: ReadonlyMap<string, string>;
  /** Those of the tags that nobody but the revoked key had validly signed, with this digest, before. */
  readonly onlyByTheKey: readonly string[];
  /** Roles whose keys the file names, with their IDs, where nobody but the revoked key had signed that. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** What taking a key away does to a repository. */
export interface Effects {
  /** Tags that lose their last signature, and leave `targets/releases`. */
  readonly unsigned: readonly TagEffect[];
  /** Tags that lose a signature and keep another. */
  readonly weakened: readonly TagEffect[];
  readonly signedAgain: readonly SignedAgain[];
  /** Of `unsigned`: what `targets/releases` goes on to list, since no key to sign it is at hand. */
  readonly stuck: readonly string[];
}

type Outlook = ReadonlyMap<string, readonly RoleSignature[]>;
type Publication = Awaited<ReturnType<TrustDraft['finish']>>;

export function effectsOf(
  data: TrustData,
  before: Outlook,
  after: Outlook,
  publication: Publication,
  standing: Standing,
  stuck: readonly string[],
): Effects {
  const changed = [...before].flatMap(([tag, signatures]): TagEffect[] => {
    const sha256 = releasedDigest(signatures);
    if (sha256 === undefined) return [];
    const now = after.get(tag) ?? [];
    const stays = releasedDigest(now) === sha256;
    const left = stays ? signersOf(now) : [];
    const lost = signersOf(signatures).filter((signer) => !left.includes(signer));
    return lost.length > 0 || !stays ? [{ tag, sha256, lost, left }] : [];
  });
  const sorted = changed.sort(byTag);
  return {
    unsigned: sorted.filter(({ left }) => left.length === 0),
    weakened: sorted.filter(({ left }) => left.length > 0),
    signedAgain: signedAgain(data, before, after, publication, standing),
    stuck,
  };
}

/** What docker would pull for the tag, hex: what `targets/releases` says goes before what targets says. */
export function releasedDigest(signatures: readonly RoleSignature[]): string | undefined {
  return [releases, 'targets'].flatMap((role) => signatures.find((one) => one.role === role)?.sha256 ?? [])[0];
}

/** Signers that stand behind the released digest. */
export function signersOf(signatures: readonly RoleSignature[]): string[] {
  const released = releasedDigest(signatures);
  return signatures
    .filter(({ role, sha256 }) => role !== releases && role !== 'targets' && sha256 === released)
    .map(({ role }) => role.slice('targets/'.length));
}

/**
 * Names what would be vouched for although only the revoked key had signed it, perhaps in a thief's hand: whoever wants that
 * has to have seen it (rule 11). Undefined where there is nothing of the kind.
 */
export function vouchHash(gun: Gun, { signedAgain }: Effects): string | undefined {
  const lines = signedAgain.flatMap(({ role, tags, onlyByTheKey, names }) => [
    ...onlyByTheKey.map((tag) => JSON.stringify([role, tag, tags.get(tag)])),
    ...[...names].map(([name, keyIds]) => JSON.stringify([role, name, ...keyIds])),
  ]);
  if (lines.length === 0) return undefined;
  return createHash('sha256')
    .update([gun, ...lines.sort()].join('\n'))
    .digest('hex');
}

/** The tags that the key has signed, without trying a change; `lost`: by whom with no other key. */
export function signedWith(data: TrustData, keyIds: ReadonlySet<string>): TagEffect[] {
  const effects = data.tags.flatMap((tag): TagEffect[] => {
    const counting = data.signatures(tag).filter(({ isReleased }) => isReleased);
    const isLost = (ids: readonly string[]): boolean => ids.every((id) => keyIds.has(id));
    const [lost, left] = [true, false].map((wanted) =>
      counting.flatMap((one) => (isLost(one.keyIds) === wanted ? [one.signer] : [])),
    );
    const sha256 = counting[0]?.sha256;
    return sha256 === undefined || !lost?.length ? [] : [{ tag, sha256, lost, left: left ?? [] }];
  });
  return effects.sort(byTag);
}

function signedAgain(
  data: TrustData,
  before: Outlook,
  after: Outlook,
  publication: Publication,
  standing: Standing,
): SignedAgain[] {
  return [...(publication?.files ?? [])].flatMap(([role, { signed }]): SignedAgain[] => {
    const isAlone = isOnlySignedWith(data, role, standing);
    const names = isAlone ? rolesNamedIn(signed, standing) : new Map<string, string[]>();
    // a signer's, or targets/releases: these share tags
    const isSigners = role.split('/').length === 2;
    if (!isSigners && !isAlone) return [];
    const tags = isSigners ? tagsOf(after, role) : tagsIn(signed);
    const onlyByTheKey = [...tags].flatMap(([tag, sha256]) => {
      if (!isSigners) return [tag];
      const vouchers = (before.get(tag) ?? []).filter((one) => one.sha256 === sha256 && vouchesIn(role, one.role));
      return vouchers.some(({ keyIds }) => keyIds.some((id) => !standing.keyIds.has(id))) ? [] : [tag];
    });
    return tags.size === 0 && names.size === 0 ? [] : [{ role, tags, onlyByTheKey, names }];
  });
}

function tagsOf(outlook: Outlook, role: string): Map<string, string> {
  return new Map(
    [...outlook].flatMap(([tag, signatures]): [string, string][] => {
      const sha256 = signatures.find((one) => one.role === role)?.sha256;
      return sha256 === undefined ? [] : [[tag, sha256]];
    }),
  );
}

/** In `targets/releases` a tag is as good as any signer's word for it, in a signer's own file only that signer's counts. */
function vouchesIn(role: string, signed: string): boolean {
  return role === releases ? signed.startsWith('targets/') : signed === role;
}

function byTag(a: { readonly tag: string }, b: { readonly tag: string }): number {
  return a.tag < b.tag ? -1 : 1;
}
