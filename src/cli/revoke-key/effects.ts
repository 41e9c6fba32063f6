import { releases, type RoleSignature, type TrustData, type TrustDraft } from '../../notary';
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
  /** Nobody but the revoked key had validly signed it before: look at the digests. */
  readonly onlyByTheKey: boolean;
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
  before: Outlook,
  after: Outlook,
  publication: Publication,
  data: TrustData,
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
  const sorted = changed.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  return {
    unsigned: sorted.filter(({ left }) => left.length === 0),
    weakened: sorted.filter(({ left }) => left.length > 0),
    signedAgain: signedAgain(after, publication, data, standing),
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

function signedAgain(after: Outlook, publication: Publication, data: TrustData, standing: Standing): SignedAgain[] {
  const roles = [...(publication?.files.keys() ?? [])].filter((role) => role.startsWith('targets/'));
  return roles.flatMap((role): SignedAgain[] => {
    const tags = [...after].flatMap(([tag, signatures]): [string, string][] => {
      const sha256 = signatures.find((one) => one.role === role)?.sha256;
      return sha256 === undefined ? [] : [[tag, sha256]];
    });
    const onlyByTheKey = !signedByOthers(data, role, standing);
    return tags.length === 0 ? [] : [{ role, tags: new Map(tags), onlyByTheKey }];
  });
}

/** Whether a key that stays had validly signed the file. */
function signedByOthers({ trust, signers }: TrustData, role: string, standing: Standing): boolean {
  const delegation = [...trust.delegations.values()].find((each) => each.role === role);
  const touched = new Map(standing.signers.map(({ name, left }) => [name, left]));
  const stay = new Set(signers.flatMap(({ name, keys }) => (touched.get(name) ?? keys).map(({ tufId }) => tufId)));
  return delegation?.document?.validKeyIds.some((id) => stay.has(id)) ?? false;
}
