import { invalidUpdate, NotaryError } from './errors';
import { GoJsonError } from './go-json';
import type { MetadataStore, StoredFile } from './metadata-store';
import type { ServerKeys } from './server-keys';
import { InvalidMetadata } from './signatures';
import { isDelegation, parentOf } from './structure';
import { type Generated, MissingKeys, TrustBuilder } from './trust-builder';

/** One file of an upload. */
export type Update = Omit<StoredFile, 'time'>;

/**
 * Checks an upload against what is stored and adds the snapshot, where the server signs it, and the timestamp
 * (notary: handlers.validateUpdate, in its order). Versions of targets are left to the store.
 *
 * @throws NotaryError `INVALID_UPDATE`
 */
export function validateUpdate(
  gun: string,
  updates: readonly Update[],
  store: MetadataStore,
  keys: ServerKeys,
  now: Date,
): Update[] {
  const posted = new Map(updates.map((update) => [update.role, update]));
  const accepted: Update[] = [];
  const stored = new TrustBuilder(gun, keys, now);
  const storedRoot = store.current(gun, 'root');
  if (storedRoot !== undefined) {
    // an expired certificate in the stored root ends the repository: this error has no name in notary
    refuse(
      () => {
        stored.loadRoot(storedRoot.bytes, 1, true);
      },
      () => new NotaryError('INVALID_UPDATE'),
    );
  }
  let builder = stored;
  const root = posted.get('root');
  if (root !== undefined) {
    const current = stored.loadedRoot?.version ?? 1;
    if (root.version !== current && root.version !== current + 1) {
      const message = `Root modifications must increment the version. Current ${current}, new ${root.version}`;
      throw invalidUpdate('ErrBadRoot', message);
    }
    const next = new TrustBuilder(gun, keys, now, stored.loadedRoot);
    refuse(
      () => {
        next.loadRoot(root.bytes, current, false);
      },
      (message) => invalidUpdate('ErrBadRoot', message),
    );
    builder = next;
    accepted.push(root);
  } else if (storedRoot === undefined) {
    throw invalidUpdate('ErrValidation', 'no pre-existing root and no root provided in update.');
  }
  accepted.push(...loadTargets(gun, posted, builder, store));
  const snapshot = posted.get('snapshot');
  if (snapshot !== undefined) {
    refuse(
      () => {
        builder.loadSnapshot(snapshot.bytes);
      },
      (message) => invalidUpdate('ErrBadSnapshot', message),
    );
    accepted.push(snapshot);
  } else {
    accepted.push(update('snapshot', generatedSnapshot(builder, store.current(gun, 'snapshot'))));
  }
  accepted.push(update('timestamp', generatedTimestamp(builder, store.current(gun, 'timestamp'))));
  return accepted;
}

/** Parents before children; parents that are not posted come from the store. */
function loadTargets(
  gun: string,
  posted: ReadonlyMap<string, Update>,
  builder: TrustBuilder,
  store: MetadataStore,
): Update[] {
  const files = [...posted.values()].filter(({ role }) => role === 'targets' || isDelegation(role));
  files.sort((left, right) => depth(left.role) - depth(right.role) || (left.role < right.role ? -1 : 1));
  for (const { role, bytes } of files) {
    for (const ancestor of ancestors(role)) {
      const parent = builder.isLoaded(ancestor) ? undefined : store.current(gun, ancestor);
      if (parent === undefined) continue;
      refuse(
        () => {
          builder.loadTargets(ancestor, parent.bytes, true);
        },
        () => new NotaryError('INVALID_UPDATE'),
      );
    }
    refuse(
      () => {
        builder.loadTargets(role, bytes, false);
      },
      (message) => invalidUpdate('ErrBadTargets', message),
    );
  }
  return files;
}

function generatedSnapshot(builder: TrustBuilder, previous: StoredFile | undefined): Generated {
  try {
    return builder.generateSnapshot(previous?.bytes);
  } catch (error) {
    if (error instanceof MissingKeys) {
      const message = 'no snapshot was included in update and server does not hold current snapshot key for repository';
      throw invalidUpdate('ErrBadHierarchy', message, { Missing: 'snapshot' });
    }
    throw ruleOf(error, (message) => invalidUpdate('ErrValidation', message));
  }
}

function generatedTimestamp(builder: TrustBuilder, previous: StoredFile | undefined): Generated {
  try {
    return builder.generateTimestamp(previous?.bytes);
  } catch (error) {
    if (error instanceof MissingKeys) throw invalidUpdate('ErrBadRoot', 'no  timestamp keys exist on the server');
    throw ruleOf(error, (message) => invalidUpdate('ErrValidation', message));
  }
}

function update(role: string, generated: Generated): Update {
  return { role, version: generated.version, bytes: generated.bytes };
}

function refuse(check: () => void, refusal: (message: string) => NotaryError): void {
  try {
    check();
  } catch (error) {
    throw ruleOf(error, refusal);
  }
}

function ruleOf(error: unknown, refusal: (message: string) => NotaryError): unknown {
  return error instanceof InvalidMetadata || error instanceof GoJsonError ? refusal(error.message) : error;
}

function ancestors(role: string): string[] {
  return role === 'targets' ? [] : [...ancestors(parentOf(role)), parentOf(role)];
}

function depth(role: string): number {
  return role.split('/').length;
}
