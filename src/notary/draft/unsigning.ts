import { DctError } from '../../error';
import { type DelegationName, type Gun, instantOf, type ParsedDocument, type Targets } from '../documents';
import { digestOf, hasCounted, isWithheld, meetsThreshold, type Tags, validSignatures } from './content';
import { findRole, keyIdsOf, keysOf, releases, signerOf, signersOf } from './delegations';
import type { Edits } from './edits';
import type { KeyRing } from './key-ring';
import { declaredIn, nestedFiles } from './nested';
import { type DraftNote, unsignedTags } from './notes';
import { withheldFile } from './refusals';
import type { TrustView } from './view';

export interface UnsigningOption {
  /** Let tags become unsigned where no key is at hand to sign their file again. @default false */
  readonly allowUnsigning?: boolean;
}

/** Keys left `targets/releases` for the sake of this role. `released`: IDs of those that it had before. */
export function withLeave(
  edits: Edits,
  role: DelegationName,
  released: readonly string[],
  { allowUnsigning }: UnsigningOption,
): Edits {
  if (allowUnsigning === true)
    return { ...edits, unsigningAllowed: new Set([...edits.unsigningAllowed, role, releases]) };
  const left = keyIdsOf(edits.delegations, releases);
  const taken = released.filter((id) => !left.includes(id));
  return { ...edits, takenWithoutLeave: new Set([...edits.takenWithoutLeave, ...taken]) };
}

interface Loss {
  readonly role: DelegationName;
  readonly tags: Tags;
}

/** What rule 5 makes of a draft. */
interface Weighed {
  /** Files to sign again, with the content of an edit or unchanged. */
  readonly again: ReadonlyMap<DelegationName, Tags>;
  /** Files that would be left without a valid signature, with leave and without. */
  readonly allowed: readonly Loss[];
  readonly losses: readonly Loss[];
}

/**
 * Never unsign by accident: a file that remains and had enough valid signatures must still have them under the new keys.
 * Returns the files that have to be signed again in the same publish, with the content of an edit or unchanged (it
 * verified, so rule 11 holds). Throws `withheld_metadata` where keys leave a file that nobody can have, and `would_unsign`,
 * naming every tag and signer, where no key for that is at hand and the loss was not allowed.
 */
export async function filesToSignAgain(
  gun: Gun,
  view: TrustView | undefined,
  edits: Edits,
  ring: KeyRing,
  now: Date,
): Promise<ReadonlyMap<DelegationName, Tags>> {
  const { again, losses } = await weigh(gun, view, edits, ring, now);
  if (view !== undefined && losses.length > 0) throw wouldUnsign(gun, view, edits, losses);
  return again;
}

/** Says what is left without a valid signature since that is allowed. */
export async function allowedLosses(
  gun: Gun,
  view: TrustView | undefined,
  edits: Edits,
  ring: KeyRing,
  now: Date,
): Promise<DraftNote[]> {
  if (view === undefined || edits.unsigningAllowed.size === 0) return [];
  const { allowed } = await weigh(gun, view, edits, ring, now);
  return allowed.map((loss) => unsignedTags(gun, loss.role, tagsInWords(view, loss)));
}

/**
 * A file that keys leave is signed again even if it could stay: whoever has such a key may be signing at this moment, and of
 * two who publish the next version of one file the server takes one only.
 */
async function weigh(gun: Gun, view: TrustView | undefined, edits: Edits, ring: KeyRing, now: Date): Promise<Weighed> {
  const again = new Map<DelegationName, Tags>();
  const allowed: Loss[] = [];
  const losses: Loss[] = [];
  for (const { name } of edits.delegations.roles ?? []) {
    if (view === undefined || !isWithheld(view, name) || edits.unsigningAllowed.has(name)) continue;
    if (losesKeys(name, view, edits)) throw withheldFile(gun, name, `keys cannot be taken from ${name}`);
  }
  for (const [role, file] of view?.delegations ?? []) {
    const edited = edits.contents.get(role);
    const tags: Tags = edited ?? file.signed.targets ?? new Map();
    const declared = findRole(edits.delegations, role);
    if (view === undefined || declared === undefined) continue;
    const stays = edited === undefined && meetsThreshold(file, edits.delegations, role);
    if (stays && !losesKeys(role, view, edits)) continue;
    const canBeSigned = (await ring.atHand(keysOf(edits.delegations, role))).length >= declared.threshold;
    // A file that lists nothing vouches for nothing; but docker, which would begin with version 1 again, can sign no more once
    // nobody of today has signed it. So whoever comes and is at hand does, when keys change.
    if (tags.size === 0) {
      if (edited === undefined && canBeSigned && edits.delegations !== view.targets.signed.delegations)
        again.set(role, tags);
      continue;
    }
    if (!hasCounted(file, view, role)) continue;
    const expired = instantOf(file.signed.expires) <= now;
    if (canBeSigned) again.set(role, tags);
    else if (!stays && !expired)
      ((await mayBeLost(role, file, view, edits, ring)) ? allowed : losses).push({ role, tags });
  }
  const below = view && (await nestedFiles(gun, view, edits, ring));
  for (const loss of below?.lost ?? []) (edits.unsigningAllowed.has(loss.role) ? allowed : losses).push(loss);
  for (const [role, tags] of below?.again ?? []) again.set(role, tags);
  return { again, allowed, losses };
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

function losesKeys(role: DelegationName, { targets }: TrustView, { delegations }: Edits): boolean {
  const left = keyIdsOf(delegations, role);
  return keyIdsOf(targets.signed.delegations, role).some((id) => !left.includes(id));
}

/** `1 (signed by alice), 2`. */
function tagsInWords(view: TrustView, { role, tags }: Loss): string {
  return [...tags]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, meta]) => {
      const signers = role === releases ? signersOfTag(view, tag, digestOf(meta)) : [signerOf(role)];
      return signers.length === 0 ? tag : `${tag} (signed by ${signers.join(', ')})`;
    })
    .join(', ');
}

function wouldUnsign(gun: Gun, view: TrustView, edits: Edits, losses: readonly Loss[]): DctError {
  const sorted = [...losses].sort((a, b) => (a.role < b.role ? -1 : 1));
  const lines = sorted.map((loss) => `${loss.role}: ${tagsInWords(view, loss)}`);
  const keys = losses.flatMap(({ role }) => keysOf(declaredIn(view, edits, role), role).map((key) => key.canonicalId));
  const ids = [...new Set(keys)].sort();
  const sign =
    ids.length === 0
      ? ''
      : `have one of the keys that stay at hand (${ids.join(', ')}) so that the files can be signed again; or `;
  if (view.declaredBefore !== undefined) return hasUnsigned(gun, lines, ids);
  return new DctError(
    'would_unsign',
    `this change of keys would leave ${gun} without valid signatures. ${lines.join('; ')}`,
    {
      cure: `${sign}list old and new key side by side until the files have been signed again; or revoke these tags first`,
    },
  );
}

/** Too late to be prevented: the publish that took the keys is in force, and what was signed with them came before it. */
function hasUnsigned(gun: Gun, lines: readonly string[], ids: readonly string[]): DctError {
  const message = `while keys were taken from ${gun}, somebody signed with one of them, which leaves these without a valid signature: ${lines.join('; ')}`;
  return new DctError('unsigned_meanwhile', message, {
    cure: `have what is still wanted signed again by who stays (${ids.join(', ') || 'nobody yet'}) (docker trust sign); a key of one of them at hand would have prevented it`,
  });
}

function signersOfTag(view: TrustView, tag: string, digest: string | undefined): string[] {
  const { delegations } = view.targets.signed;
  return signersOf(delegations)
    .filter((role) => {
      const file = view.delegations.get(role);
      return file !== undefined && digestOf(file.signed.targets?.get(tag)) === digest && hasCounted(file, view, role);
    })
    .map(signerOf)
    .sort();
}
