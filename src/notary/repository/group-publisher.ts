import { DctError } from '../../error';
import { isDelegationName } from '../documents';
import type { Publication, TrustDraft } from '../draft';
import type { Change } from './change-queue';
import type { FetchedRepository } from './fetch-trust';
import type { PinnedIntent } from './intent';
import { findLeftBehind } from './left-behind';
import { whatWasMissed } from './meanwhile';
import { notByteExact, upload } from './publish';
import { readBack, type ReadBackContext } from './read-back';
import { snapshotKeyMissing } from './snapshot-manager';
import type { SnapshotManager, TrustData } from './trust-data';
import type { Findings } from './trust-view';

type PendingChange = Change<PinnedIntent, TrustData>;

/** What publishing needs of the repository. */
export interface PublisherContext extends ReadBackContext {
  readonly draft: (fetched: FetchedRepository | undefined, findings: Findings) => TrustDraft;
  readonly data: (fetched: FetchedRepository) => Promise<TrustData>;
  readonly managesSnapshot: (fetched: FetchedRepository) => Promise<SnapshotManager | undefined>;
}

/** Enough for a dozen writers that want the same repository at once; each round at least one of them gets through. */
const maxAttempts = 20;

/** Refusals in a row, with the repository as it was, after which what stands in the way is no other writer at work. */
const patience = 3;

/** Publishes changes together, and gives each its own result or error. */
export class GroupPublisher {
  constructor(private readonly context: PublisherContext) {}

  /** Changes whose callers know the repository by other root keys are not mixed. */
  async publishAll(changes: readonly PendingChange[]): Promise<void> {
    const groups = new Map<string, PendingChange[]>();
    for (const change of changes) {
      const pins = [...(change.intent.expectedRootKeyIds ?? [])].sort().join();
      groups.set(pins, [...(groups.get(pins) ?? []), change]);
    }
    for (const group of groups.values()) await this.publishSafely(group);
  }

  private async publish(group: readonly PendingChange[]): Promise<void> {
    const pins = group[0]?.intent.expectedRootKeyIds;
    let last: Error | undefined;
    let findings: Findings = {};
    let refused:
      { readonly publication: Publication; readonly base: FetchedRepository | undefined; times: number } | undefined;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) await this.context.wait(attempt - 1);
      let base = await this.context.fetch(pins);
      if (refused !== undefined && !isSame(refused.base, base)) refused = undefined;
      if (refused !== undefined && refused.times >= patience) {
        base = await this.context.lookBehind(pins);
        const { session } = this.context;
        const leftBehind = await findLeftBehind(session, refused.publication, base, findings.leftBehind);
        findings = { ...findings, leftBehind };
        refused = undefined;
      }
      const { accepted, publication } = await this.apply(group, base, findings);
      if (accepted.length === 0) return;
      if (publication === undefined) {
        await this.resolve(accepted, base);
        return;
      }
      const sent = await upload(this.context.session, publication);
      // signed by a key that somebody else's root has just done away with, or a root beside theirs, it is too late rather than wrong
      if (sent.outcome === 'refused' && isSame(base, await this.context.fetch(pins))) {
        await this.refuse(accepted, base, sent.error);
        return;
      }
      let confirmed = await readBack(this.context, publication, { wasAccepted: sent.outcome === 'accepted', pins });
      if (confirmed !== undefined) {
        for (const { intent } of accepted) intent.inForce?.();
        if (mayHaveOvertaken(publication, base, confirmed)) {
          confirmed = await this.context.lookBehind(pins);
          // the next attempt signs again what this one has put out of force
          if (confirmed?.overtaken !== undefined) continue;
        }
        const missed = confirmed && whatWasMissed(publication, base, confirmed);
        if (missed !== undefined) {
          findings = { ...missed, ...findings };
          continue;
        }
        await this.resolve(accepted, confirmed);
        return;
      }
      if (sent.outcome === 'conflict') refused = { publication, base, times: (refused?.times ?? 0) + 1 };
      last = sent.outcome === 'accepted' ? undefined : sent.error;
    }
    throw last ?? notByteExact(this.context.session, 'the trust data');
  }

  /** Applies every intent to one draft. One that throws fails alone, also when only `finish` shows that it cannot be. */
  private async apply(
    group: readonly PendingChange[],
    base: FetchedRepository | undefined,
    findings: Findings,
  ): Promise<{ accepted: readonly PendingChange[]; publication: Publication | undefined }> {
    let draft = this.context.draft(base, findings);
    const accepted: PendingChange[] = [];
    for (const change of group) {
      const next = await tryOn(draft, change);
      if (next === undefined) continue;
      draft = next;
      accepted.push(change);
    }
    try {
      return { accepted, publication: await checked(draft, accepted) };
    } catch (error) {
      if (accepted.length > 1) return this.applyOneByOne(accepted, base, findings);
      for (const change of accepted) change.reject(error);
      return { accepted: [], publication: undefined };
    }
  }

  private async applyOneByOne(
    group: readonly PendingChange[],
    base: FetchedRepository | undefined,
    findings: Findings,
  ): Promise<{ accepted: readonly PendingChange[]; publication: Publication | undefined }> {
    let draft = this.context.draft(base, findings);
    let publication: Publication | undefined;
    const accepted: PendingChange[] = [];
    for (const change of group) {
      const next = await tryOn(draft, change);
      if (next === undefined) continue;
      try {
        publication = await checked(next, [...accepted, change]);
        draft = next;
        accepted.push(change);
      } catch (error) {
        change.reject(error);
      }
    }
    return { accepted, publication };
  }

  /** The server does not say which of the changes it dislikes, so the group is halved until that one stands alone. */
  private async refuse(
    group: readonly PendingChange[],
    base: FetchedRepository | undefined,
    error: Error,
  ): Promise<void> {
    if (group.length > 1) {
      const middle = Math.ceil(group.length / 2);
      await this.publishSafely(group.slice(0, middle));
      await this.publishSafely(group.slice(middle));
      return;
    }
    const reason = base && (await this.snapshotRefusal(base, error));
    for (const change of group) change.reject(reason ?? error);
  }

  private async publishSafely(group: readonly PendingChange[]): Promise<void> {
    try {
      await this.publish(group);
    } catch (error) {
      for (const change of group) change.reject(error);
    }
  }

  private async snapshotRefusal(base: FetchedRepository, cause: Error): Promise<Error | undefined> {
    if ((await this.context.managesSnapshot(base)) !== 'client') return undefined;
    return snapshotKeyMissing(this.context.session.gun, cause);
  }

  private async resolve(changes: readonly PendingChange[], fetched: FetchedRepository | undefined): Promise<void> {
    if (fetched === undefined) {
      throw new DctError('no_trust_data', `${this.context.session.gun} has no trust data any more`, {
        cure: 'see who deleted it in the meantime, and try again',
      });
    }
    const data = await this.context.data(fetched);
    for (const change of changes) change.resolve(data);
  }
}

/** What there is to publish, if all changes in it are content with the whole. */
async function checked(draft: TrustDraft, changes: readonly PendingChange[]): Promise<Publication | undefined> {
  const publication = await draft.finish();
  if (publication === undefined) return undefined;
  for (const check of new Set(changes.flatMap(({ intent }) => intent.check ?? []))) await check(draft);
  return publication;
}

async function tryOn(draft: TrustDraft, change: PendingChange): Promise<TrustDraft | undefined> {
  if (!change.begin()) return undefined;
  const next = draft.fork();
  try {
    await change.intent.apply(next);
    return next;
  } catch (error) {
    change.reject(error);
    return undefined;
  }
}

/** Whether nobody has published in between. */
function isSame(before: FetchedRepository | undefined, now: FetchedRepository | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return before.trust.timestamp.bytes.equals(now.trust.timestamp.bytes);
}

/** Whether somebody else published at the same time, and may have published targets, which this was signed below: `findOvertaken`. */
function mayHaveOvertaken(
  { files }: Publication,
  base: FetchedRepository | undefined,
  { trust }: FetchedRepository,
): boolean {
  if (base === undefined || files.has('targets') || ![...files.keys()].some(isDelegationName)) return false;
  return trust.snapshot.signed.version > base.trust.snapshot.signed.version + 1;
}
