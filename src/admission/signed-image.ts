import type { RepositoryTrust, TagSignature } from './facts';
import type { ImageReference } from './image-reference';

/** What the trust data says of one image. */
export interface SignedImage {
  /** Of the digest asked for, where the reference names one; else of whatever the tag stands for. */
  readonly signatures: readonly TagSignature[];
  /** The digest asked for, else the one released; undefined: signers' delegations alone know the tag. */
  readonly digest: string | undefined;
  /** Whether `targets/releases`, or `targets` where that is silent, lists the digest: what docker goes by. */
  readonly isReleased: boolean;
}

/** Looks an image up: by its tag, or by a digest alone under whatever tag. */
export function signedImage(
  { tag, digest: asked }: ImageReference,
  trust: Exclude<RepositoryTrust, 'not_read'>,
): SignedImage {
  const wanted = asked?.replace(/^sha256:/, '');
  const tags = tag === undefined ? [...(trust?.values() ?? [])] : [trust?.get(tag) ?? []];
  const released = tags.map(releasedDigest);
  const digest = wanted ?? released[0];
  return {
    signatures: tags.flat().filter(({ sha256 }) => wanted === undefined || sha256 === wanted),
    digest,
    isReleased: digest !== undefined && released.includes(digest),
  };
}

/** A delegation right under targets, other than the common one: only there a signature is somebody's (A2.3, A2.4). */
export function isSignerRole(role: string): boolean {
  return /^targets\/[^/]+$/.test(role) && role !== 'targets/releases';
}

function releasedDigest(signatures: readonly TagSignature[]): string | undefined {
  const by = (wanted: string): string | undefined => signatures.find(({ role }) => role === wanted)?.sha256;
  return by('targets/releases') ?? by('targets');
}
