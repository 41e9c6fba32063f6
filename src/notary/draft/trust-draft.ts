import { DctError } from '../../error';
import {
  checkTag,
  type DelegationName,
  type Delegations,
  type Gun,
  isDelegationName,
  type RoleName,
  signerRole,
} from '../documents';
import type { PublicKey } from '../keys';
import { meetsThreshold, type Target } from './content';
import { DelegationFiles } from './delegation-files';
import {
  findRole,
  keyIdsOf,
  keysOf,
  releases,
  signerOf,
  signersOf,
  withoutSigner,
  withSigner,
  withSignerKeys,
} from './delegations';
import { firstRoot, type NewRepository } from './first-root';
import type { KeysAtHand } from '../trust-store';
import { KeyRing } from './key-ring';
import { type Edits, noEdits } from './edits';
import { baseRoleKeys } from './next-root';
import { healing, restored } from './healing';
import { withoutNestedKeys } from './nested';
import { finish, type Publication } from './publication';
import { noTrustData, unknownSigner } from './refusals';
import { type DraftNote, orphanedTags, resurrectedTags } from './notes';
import { outlook, type RoleSignature } from './outlook';
import { type Renewable, renewal } from './renewal';
import { checkRootKeys, type Rotation, rotation } from './rotation';
import { withoutTag, withReleasedAgain, withTag } from './tags';
import { allowedLosses, type UnsigningOption, withLeave } from './unsigning';
import { tagsOnlySignedBy } from './who-signed';
import type { TrustView } from './view';

type Notes = readonly DraftNote[];

/**
 * An editable copy of one repository's verified trust data, or of a repository still to be made. Operations are intents:
 * they say how things shall be, do nothing where they already are, and can be applied again to a newer state of the
 * repository. Nothing is signed before `finish`. Operations throw without having changed anything.
 */
export class TrustDraft {
  private constructor(
    readonly gun: Gun,
    private view: TrustView | undefined,
    private readonly ring: KeyRing,
    private readonly now: Date,
    private edits: Edits,
  ) {}

  /** `view`: undefined when the server has no trust data for the GUN. */
  static over(gun: Gun, view: TrustView | undefined, { keys, now }: { keys: KeysAtHand; now: Date }): TrustDraft {
    const delegations = view?.targets.signed.delegations ?? { keys: new Map(), roles: [] };
    const draft = new TrustDraft(gun, view, new KeyRing(keys), now, noEdits(delegations));
    draft.edits = withReleasedAgain(draft.files);
    return draft;
  }

  /** A copy to try an operation on. */
  fork(): TrustDraft {
    return new TrustDraft(this.gun, this.view, this.ring, this.now, this.edits);
  }

  get exists(): boolean {
    return this.view !== undefined || this.edits.made !== undefined;
  }

  /**
   * Versions that the server has, by role; those of files that count for nobody and cannot are left out. 0: a delegation that is
   * declared and of which no file is listed.
   */
  get versions(): Readonly<Partial<Record<RoleName, number>>> {
    if (this.view === undefined) return {};
    const { root, snapshot, targets, delegations, broken } = this.view;
    // what could be vouched for again must not be older than remembered either
    const vouched = [...broken].filter(([role, file]) => meetsThreshold(file, targets.signed.delegations, role));
    const files = [root, snapshot, targets, ...delegations.values(), ...vouched.map(([, file]) => file)];
    const hidden = (targets.signed.delegations.roles ?? []).filter(({ name }) => !snapshot.signed.meta.has(name));
    const none = hidden.map(({ name }): [RoleName, number] => [name, 0]);
    return Object.fromEntries([
      ...none,
      ...files.map(({ role, signed }): [RoleName, number] => [role, signed.version]),
    ]);
  }

  /** The keys of a signer; none where there is no such signer. */
  signerKeys(signer: string): readonly PublicKey[] {
    return keysOf(this.edits.delegations, signerRole(signer));
  }

  /** Keys of the root that the server has. */
  get rootKeys(): readonly PublicKey[] {
    return this.view === undefined ? [] : baseRoleKeys(this.view.root.signed, 'root');
  }

  /** Makes the repository. Throws `already_initialised` when it has trust data. */
  initialise(made: NewRepository): void {
    if (this.exists) {
      throw new DctError('already_initialised', `${this.gun} already has trust data`, {
        cure: 'import it, or adopt it with the root key IDs it is known to have',
      });
    }
    const root = firstRoot(made, this.now);
    this.edits = { ...this.edits, made: { root, targetsKey: made.targetsKey } };
  }

  /** What is left without a valid signature, where that is allowed. */
  unsigned(): Promise<Notes> {
    return allowedLosses(this.gun, this.view, this.edits, this.ring, this.now);
  }

  /** Adds keys to a signer, who is made if not there; the effect of `docker trust signer add`. */
  addSigner(signer: string, keys: readonly PublicKey[]): DraftNote[] {
    const role = this.checkSignerKeys(signer, keys);
    return this.delegate(role, withSigner(this.edits.delegations, role, keys));
  }

  /** Gives a signer exactly these keys; makes the signer if not there. */
  setSignerKeys(signer: string, keys: readonly PublicKey[], options: UnsigningOption = {}): DraftNote[] {
    const role = this.checkSignerKeys(signer, keys);
    const { delegations } = this.edits;
    const wanted = new Set(keys.map((key) => key.tufId));
    const released = keyIdsOf(delegations, releases);
    const now = new Set(keyIdsOf(delegations, role));
    const isSame = now.size === wanted.size && [...now].every((id) => wanted.has(id));
    const isSo = isSame && [...wanted].every((id) => released.includes(id));
    const notes = isSo ? [] : this.delegate(role, withSignerKeys(delegations, role, keys));
    this.edits = withLeave(this.edits, role, released, options);
    return notes;
  }

  /** Takes a signer away. Does nothing when there is none of that name. */
  removeSigner(signer: string, options: UnsigningOption = {}): DraftNote[] {
    const role = signerRole(signer);
    this.checkExists();
    const released = keyIdsOf(this.edits.delegations, releases);
    if (findRole(this.edits.delegations, role) === undefined) {
      this.edits = withLeave(this.edits, role, released, options);
      return [];
    }
    const orphans = tagsOnlySignedBy(this.edits.delegations, this.files.content, role);
    this.edits = {
      ...this.edits,
      delegations: withoutSigner(this.edits.delegations, role),
      contents: new Map([...this.edits.contents].filter(([name]) => name !== role)),
    };
    this.edits = withLeave(this.edits, role, released, options);
    return orphanedTags(this.gun, role, orphans);
  }

  /**
   * Takes keys (canonical IDs) from a delegation further down, such as `targets/a/b`, which goes with its last key. The file of
   * the role above is signed again. Does nothing where it does not have them.
   */
  removeNestedKeys(role: DelegationName, keyIds: ReadonlySet<string>, { allowUnsigning }: UnsigningOption = {}): void {
    if (this.view === undefined) throw noTrustData(this.gun);
    const { unsigningAllowed } = this.edits;
    this.edits = {
      ...withoutNestedKeys(this.view, this.edits, role, keyIds),
      unsigningAllowed: allowUnsigning ? new Set([...unsigningAllowed, role]) : unsigningAllowed,
    };
  }

  /**
   * Signs a tag as this signer: in `targets/<signer>` and `targets/releases`, with the keys of these roles that are at hand.
   * `replaces`: digests (sha256 hex) that may be replaced in `targets/releases`; any other one there is an error.
   * Throws `unknown_signer`, `key_not_at_hand`, `conflicting_digest`, `path_not_allowed`.
   */
  async signTag(
    signer: string,
    tag: string,
    target: Target,
    { replaces = [] }: { readonly replaces?: readonly string[] } = {},
  ): Promise<DraftNote[]> {
    const role = this.checkSigner(signer);
    checkTag(tag);
    return this.apply(await withTag(this.files, role, tag, target, replaces));
  }

  /**
   * Takes back this signer's signature of a tag. From `targets/releases` the tag goes only if it stands there with the same
   * digest and no other signer holds that. `sha256`: what the signature was of, for one that is gone already. Does nothing
   * where there is no such signature or signer.
   */
  async revokeTag(signer: string, tag: string, { sha256 }: { readonly sha256?: string } = {}): Promise<DraftNote[]> {
    const role = signerRole(signer);
    checkTag(tag);
    this.checkExists();
    return this.apply(await withoutTag(this.files, role, tag, sha256));
  }

  /**
   * Signs again, with the same content and a new expiry, what of this ends before that time; what nobody signed validly is
   * left alone (rule 11). A root certificate is replaced by a new one over the same key. Throws `key_not_at_hand`.
   */
  async renew(what: readonly Renewable[], before: Date): Promise<DraftNote[]> {
    this.checkExists();
    if (this.view === undefined) return [];
    let { edits } = this;
    for (const each of what) {
      const next = await renewal(this.gun, this.view, edits, each, { before, now: this.now, ring: this.ring });
      if (isDelegationName(each) && next !== edits) await this.files.checkKeys(each, `${each} cannot be renewed`);
      edits = next;
    }
    this.edits = edits;
    return [];
  }

  /**
   * Signs again what verifies but docker cannot read, since somebody published it in another form or half of it, or put it
   * out of force by publishing at the same time; where no key for that is at hand, says who has one. Never throws for that.
   * To come before other operations.
   */
  async heal(): Promise<DraftNote[]> {
    const { view, notes, edits } = await restored(this.files.state);
    this.view = view;
    this.edits = edits;
    return [...notes, ...this.apply(await healing(this.files.state))];
  }

  /**
   * Gives base roles new keys: the root names them, signed by the keys before and after, and what their roles sign is signed
   * again. Does nothing where the root names them already. Throws `key_not_at_hand` when no root key in force is at hand.
   */
  async rotate(keys: Rotation): Promise<DraftNote[]> {
    if (this.view === undefined) throw noTrustData(this.gun);
    const edits = rotation(this.view, this.edits, this.ring, keys);
    const roles = [...edits.roleKeys.keys()];
    if (roles.length > 0) await checkRootKeys(this.gun, this.view, this.ring, roles);
    this.edits = edits;
    return [];
  }

  /**
   * The documents to publish, signed; undefined when nothing changes. Versions are one more than the server's.
   * Throws `key_not_at_hand` for a key that is needed, `would_unsign` where rule 5 would be broken.
   */
  finish(): Promise<Publication | undefined> {
    return finish(this.gun, this.view, this.edits, this.ring, this.now);
  }

  /** Every valid signature by tag as it would be with this draft published. Throws as `finish`. */
  async outlook(): Promise<ReadonlyMap<string, readonly RoleSignature[]>> {
    return outlook(this.view, this.edits, await this.finish(), this.now);
  }

  private get files(): DelegationFiles {
    const { gun, view, edits, ring, now } = this;
    return new DelegationFiles({ gun, view, edits, ring, now });
  }

  private apply({ edits, notes }: { readonly edits: Edits; readonly notes: DraftNote[] }): DraftNote[] {
    this.edits = edits;
    return notes;
  }

  private delegate(role: DelegationName, delegations: Delegations): DraftNote[] {
    if (delegations === this.edits.delegations) return [];
    const before = [role, releases].filter((file) => this.files.content(file) === undefined);
    this.edits = { ...this.edits, delegations };
    return before.flatMap((file) => resurrectedTags(this.gun, file, [...(this.files.content(file)?.keys() ?? [])]));
  }

  private checkExists(): void {
    if (!this.exists) throw noTrustData(this.gun);
  }

  private checkSigner(signer: string): DelegationName {
    const role = signerRole(signer);
    this.checkExists();
    if (findRole(this.edits.delegations, role) === undefined) {
      throw unknownSigner(this.gun, signer, signersOf(this.edits.delegations).map(signerOf));
    }
    return role;
  }

  private checkSignerKeys(signer: string, keys: readonly PublicKey[]): DelegationName {
    const role = signerRole(signer);
    this.checkExists();
    if (keys.length > 0) return role;
    throw new DctError('no_keys', `the signer ${signer} of ${this.gun} has no public key`, {
      cure: 'give at least one',
    });
  }
}
