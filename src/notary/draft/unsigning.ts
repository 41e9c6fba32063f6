import { DctError } from '../../error';
import { type DelegationName, type Gun, instantOf, type ParsedDocument, type Targets } from '../documents';
import { digestOf, meetsThreshold, type Tags, validSignatures } from './content';
import { findRole, keysOf, releases, signerOf, signersOf } from './delegations';
import type { Edits } from './edits';
import type { KeyRing } from './key-ring';
import type { TrustView } from './view';

interface Loss {
  readonly role: DelegationName;
  readonly tags: Tags;
}

/**
 * Never unsign by accident: a file that remains and had enough valid signatures must still have them under the new keys.
 * Returns the files that have to be signed again in the same publish, with the content of an edit or unchanged (it
 * verified, so rule 11 holds).
 * Throws `would_unsign`, naming every tag and signer, where no key for that is at hand and the loss was not allowed.
 */
export async function filesToSignAgain(
  gun: Gun,
  view: TrustView | undefined,
  edits: Edits,
  ring: KeyRing,
  now: Date,
): Promise<ReadonlyMap<DelegationName, Tags>> {
  const again = new Map<DelegationName, Tags>();
  const losses: Loss[] = [];
  for (const [role, file] of view?.delegations ?? []) {
    const edited = edits.contents.get(role);
    const tags: Tags = edited ?? file.signed.targets ?? new Map();
    const declared = findRole(edits.delegations, role);
    if (view === undefined || declared === undefined) continue;
    if (tags.size === 0) {
      if (edited === undefined && (await isInTheWay(role, file, view, edits, ring))) again.set(role, tags);
      continue;
    }
    if (!meetsThreshold(file, view.targets.signed.delegations, role)) continue;
    if (edited === undefined && meetsThreshold(file, edits.delegations, role)) continue;
    const atHand = await ring.atHand(keysOf(edits.delegations, role));
    const expired = instantOf(file.signed.expires) <= now;
    if (atHand.length >= declared.threshold) again.set(role, tags);
    else if (!expired && !(await mayBeLost(role, file, view, edits, ring))) losses.push({ role, tags });
  }
  if (view !== undefined && losses.length > 0) throw wouldUnsign(gun, view, edits, losses);
  return again;
}

/**
 * Signers share `targets/releases`: that one of them may leave it unsigned does not say that another may, whose key would
 * have kept it, or could have. So it does not matter in which order they go.
 */
async function mayBeLost(
  role: DelegationName,
  file: ParsedDocument<Targets>,
  view: TrustView,
  { unsigningAllowed, takenWithoutLeave }: Edits,
  ring: KeyRing,
): Promise<boolean> {
  if (!unsigningAllowed.has(role)) return false;
  const now = view.targets.signed.delegations;
  const taken = keysOf(now, role).filter(({ tufId }) => takenWithoutLeave.has(tufId));
  const valid = validSignatures(file, now, role);
  return !taken.some(({ tufId }) => valid.has(tufId)) && (await ring.atHand(taken)).length === 0;
}

/**
 * A file that lists nothing vouches for nothing; but docker, which would begin with version 1 again, can sign no more once
 * nobody of today has signed it. So whoever comes and is at hand does, when keys change.
 */
async function isInTheWay(
  role: DelegationName,
  file: ParsedDocument<Targets>,
  view: TrustView,
  { delegations }: Edits,
  ring: KeyRing,
): Promise<boolean> {
  if (delegations === view.targets.signed.delegations || meetsThreshold(file, delegations, role)) return false;
  return (await ring.atHand(keysOf(delegations, role))).length >= (findRole(delegations, role)?.threshold ?? 1);
}

function wouldUnsign(gun: Gun, view: TrustView, edits: Edits, losses: readonly Loss[]): DctError {
  const sorted = [...losses].sort((a, b) => (a.role < b.role ? -1 : 1));
  const lines = sorted.map(({ role, tags }) => {
    const named = [...tags]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tag, meta]) => {
        const signers = role === releases ? signersOfTag(view, tag, digestOf(meta)) : [signerOf(role)];
        return signers.length === 0 ? tag : `${tag} (signed by ${signers.join(', ')})`;
      });
    return `${role}: ${named.join(', ')}`;
  });
  const keys = losses.flatMap(({ role }) => keysOf(edits.delegations, role).map((key) => key.canonicalId));
  const ids = [...new Set(keys)].sort();
  const sign =
    ids.length === 0
      ? ''
      : `have one of the keys that stay at hand (${ids.join(', ')}) so that the files can be signed again; or `;
  return new DctError(
    'would_unsign',
    `this change of keys would leave ${gun} without valid signatures. ${lines.join('; ')}`,
    {
      cure: `${sign}list old and new key side by side until the files have been signed again; or revoke these tags first; or set allow_unsigning of each signer that loses a key`,
    },
  );
}

function signersOfTag(view: TrustView, tag: string, digest: string | undefined): string[] {
  const { delegations } = view.targets.signed;
  return signersOf(delegations)
    .filter((role) => {
      const file = view.delegations.get(role);
      return (
        file !== undefined &&
        digestOf(file.signed.targets?.get(tag)) === digest &&
        meetsThreshold(file, delegations, role)
      );
    })
    .map(signerOf)
    .sort();
}
