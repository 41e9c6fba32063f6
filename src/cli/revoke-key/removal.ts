import { DctError } from '../../error';
import {
  type PublicKey,
  releases,
  type RoleSignature,
  type Rotation,
  type TrustData,
  type TrustDraft,
  type UnsigningOption,
} from '../../notary';
import { type Effects, effectsOf, releasedDigest, signersOf } from './effects';
import { releaseKeys, type Standing } from './standing';

type Outlook = ReadonlyMap<string, readonly RoleSignature[]>;

/**
 * Takes a key away from every signer, from `targets/releases` and from delegations below signers, and puts the keys of the
 * rotation in its place in base roles, in one draft. A tag that nobody stands behind any more leaves
 * `targets/releases` too: its file is signed again by others, who would vouch for what perhaps a thief put there (rule 11).
 * Throws `stale` when root or signers are not those of `data`, and what the draft throws.
 */
export async function removeKey(
  draft: TrustDraft,
  data: TrustData,
  standing: Standing,
  rotation: Rotation,
  options: UnsigningOption,
): Promise<Effects> {
  if ((['root', 'targets'] as const).some((role) => draft.versions[role] !== data.versions[role])) {
    throw new DctError('stale', `somebody else is changing the keys of ${data.gun}`, { cure: 'try again' });
  }
  const before = await draft.fork().outlook();
  if (standing.base.length > 0) await draft.rotate(rotation);
  for (const { name, left } of standing.signers) {
    if (left.length === 0) draft.removeSigner(name, options);
    else draft.setSignerKeys(name, left, options);
  }
  // No operation takes a key from targets/releases alone; with a signer that comes and goes in one draft it goes, too.
  const standIn = freeName(data);
  if (standing.releasesOnly.length > 0) {
    draft.addSigner(standIn, standing.releasesOnly);
    draft.removeSigner(standIn, options);
  }
  for (const { role } of standing.nested) draft.removeNestedKeys(role, standing.keyIds, options);
  const stuck = await withdrawOrphans(draft, before, standIn, remainingKey(data, standing));
  return effectsOf(data, before, await draft.outlook(), await draft.finish(), standing, stuck);
}

/** Returns the tags that stay in `targets/releases`, since nobody who may sign it is at hand. */
async function withdrawOrphans(
  draft: TrustDraft,
  before: Outlook,
  standIn: string,
  key: PublicKey | undefined,
): Promise<string[]> {
  const stuck: string[] = [];
  for (const [tag, signatures] of await draft.outlook()) {
    const sha256 = releasedDigest(signatures);
    const had = signersOf(before.get(tag) ?? []).length;
    if (sha256 === undefined || had === 0 || signersOf(signatures).length > 0) continue;
    if (signatures.every(({ role }) => role !== releases)) continue;
    try {
      if (key === undefined) throw new DctError('key_not_at_hand', 'nobody is left to sign targets/releases');
      // What a signer took back leaves targets/releases when nobody else has it: that is what the stand-in does.
      draft.addSigner(standIn, [key]);
      await draft.revokeTag(standIn, tag, { sha256 });
    } catch (error) {
      if (!(error instanceof DctError) || error.code !== 'key_not_at_hand') throw error;
      stuck.push(tag);
    } finally {
      draft.removeSigner(standIn);
    }
  }
  return stuck;
}

/** A key of `targets/releases` that a signer keeps: it is there already, and stays when the stand-in goes. */
function remainingKey(data: TrustData, { signers }: Standing): PublicKey | undefined {
  const released = new Set(releaseKeys(data).map(({ tufId }) => tufId));
  const touched = new Map(signers.map(({ name, left }) => [name, left]));
  return data.signers.flatMap(({ name, keys }) => touched.get(name) ?? keys).find(({ tufId }) => released.has(tufId));
}

/** A signer's name that the repository has never heard of. */
function freeName({ trust }: TrustData): string {
  const taken = new Set<string>([...trust.snapshot.signed.meta.keys(), ...trust.delegations.keys()]);
  let name = 'revoked-key';
  while (taken.has(`targets/${name}`)) name += '-';
  return name;
}
