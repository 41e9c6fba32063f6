import { type DelegationName, type FileMeta, type Gun, instantOf } from '../documents';
import { isWithheld, storedFile, type Tags, trustedFile } from './content';
import { findRole, keysOf, releases } from './delegations';
import type { Edits } from './edits';
import type { KeyRing } from './key-ring';
import { type DraftNote, droppedContent, healedTags } from './notes';
import { withheldFile } from './refusals';
import type { TrustView } from './view';

/** What the operations of a draft work on. */
export interface DraftState {
  readonly gun: Gun;
  /** As the server has it; undefined: it has no trust data. */
  readonly view: TrustView | undefined;
  readonly edits: Edits;
  readonly ring: KeyRing;
  readonly now: Date;
}

/** The files of a draft's delegations: what they will list, and who can sign them. */
export class DelegationFiles {
  constructor(readonly state: DraftState) {}

  /** What a file will list; undefined when there is none, or none whose signatures count. */
  readonly content = (role: DelegationName): Tags | undefined => {
    const { edits, view } = this.state;
    const edited = edits.contents.get(role);
    if (edited !== undefined) return edited;
    const file = view && trustedFile(view, edits.delegations, role);
    return file && (file.signed.targets ?? new Map<string, FileMeta>());
  };

  /** The files that a signer's signature stands in. */
  of(role: DelegationName): DelegationName[] {
    return findRole(this.state.edits.delegations, releases) === undefined ? [role] : [role, releases];
  }

  /** What has expired, or cannot be read, counts only once it is signed again, even if nothing else changes. */
  needsSigning(role: DelegationName): boolean {
    const { edits, view, now } = this.state;
    const file = edits.contents.has(role) ? undefined : storedFile(view, role);
    return file !== undefined && (view?.broken.has(role) === true || instantOf(file.signed.expires) < now);
  }

  /**
   * The edits with what `change` makes of each file; undefined leaves it. Where one changes, `targets/releases` is published
   * with it, even as it is: what is to stand there is judged by what all signers have signed, and of two who publish its next
   * version at the same time the server takes one, so that the other looks again. Throws `key_not_at_hand`, with `why`, where a file
   * that changes cannot be signed.
   */
  async rewrite(
    files: readonly DelegationName[],
    why: string,
    change: (file: DelegationName, tags: Tags) => Tags | undefined,
  ): Promise<{ readonly edits: Edits; readonly notes: DraftNote[] }> {
    const { gun, view, edits } = this.state;
    const contents = new Map(edits.contents);
    const notes: DraftNote[] = [];
    let changes = false;
    for (const file of files) {
      const old = this.content(file);
      const changed = change(file, old ?? new Map());
      if (changed === undefined) continue;
      await this.checkKeys(file, why);
      if (old === undefined)
        notes.push(...droppedContent(gun, file, [...(storedFile(view, file)?.signed.targets?.keys() ?? [])]));
      else if (view?.broken.has(file) === true && !edits.contents.has(file))
        notes.push(...healedTags(gun, file, [...old.keys()]));
      contents.set(file, changed);
      changes = true;
    }
    const released = this.content(releases);
    const isLeftOut = changes && released !== undefined && !contents.has(releases) && !view?.broken.has(releases);
    if (isLeftOut && (await this.canSign(releases))) contents.set(releases, released);
    return { edits: { ...edits, contents }, notes };
  }

  /** Throws `withheld_metadata` where one of these is listed and cannot be had. */
  checkGivenOut(files: readonly DelegationName[], why: string): void {
    const { gun, view, edits } = this.state;
    const missing = files.find((file) => !edits.contents.has(file) && isWithheld(view, file));
    if (missing !== undefined) throw withheldFile(gun, missing, why);
  }

  /** Throws `key_not_at_hand` where too few of the role's keys are. */
  async checkKeys(role: DelegationName, why: string): Promise<void> {
    const { gun, edits, ring } = this.state;
    if (!(await this.canSign(role))) throw await ring.missing(gun, role, keysOf(edits.delegations, role), why);
  }

  /** Whether enough of the role's keys are at hand. */
  async canSign(role: DelegationName): Promise<boolean> {
    const { edits, ring } = this.state;
    const threshold = findRole(edits.delegations, role)?.threshold ?? 1;
    return (await ring.atHand(keysOf(edits.delegations, role))).length >= threshold;
  }
}
