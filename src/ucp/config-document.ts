import { DctError } from '../error';
import { type HttpResponse, type Sleep, sleep } from '../http';
import type { TrustTables } from './config';
import { documentSecrets } from './config-secrets';
import { readConfig } from './config-text';
import type { UcpConnection } from './connection';
import { EditQueue, type Failures } from './edit-queue';
import { isPassing, isSuccess, refusal } from './refusal';

/** A change of the trust tables, made anew on whatever the document is when its turn comes. */
export interface ConfigEdit {
  /** For error texts: "registering dtr.example.com". */
  readonly what: string;
  /** @throws DctError when the change must not be made; the others of its batch go on */
  readonly apply: (text: string) => string;
  readonly isVisible: (tables: TrustTables) => boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ConfigDocumentOptions {
  /** Longest wait for a change to show after UCP took it: its components restart. @default 120 */
  readonly settleSeconds?: number | undefined;
  readonly sleep?: Sleep | undefined;
  readonly log?: ((message: string) => void) | undefined;
}

const path = '/api/ucp/config-toml';
const maxRounds = 6;
/** Time for changes that Terraform makes in parallel to come together. Every PUT restarts components of the cluster. */
const gatherMilliseconds = 50;

/**
 * `ucp-config.toml` of one UCP. It can only be replaced as a whole and the last writer wins, so: read, edit as text, read
 * again and compare, write, and read until the change shows; from the start again when somebody else wrote in between.
 * The document is full of secrets: it is in no error and no log.
 */
export class ConfigDocument {
  private readonly queue = new EditQueue<ConfigEdit>(
    (edits) => this.publish(edits),
    () => this.sleep(gatherMilliseconds),
  );
  private readonly sleep: Sleep;

  constructor(
    private readonly connection: UcpConnection,
    private readonly options: ConfigDocumentOptions = {},
  ) {
    this.sleep = options.sleep ?? sleep;
  }

  /** The trust tables as they are now. */
  async read(signal?: AbortSignal): Promise<TrustTables> {
    const text = await this.fetch(signal);
    return this.naming(() => readConfig(text));
  }

  /** Makes a change, together with those of others that wait, and resolves once it shows. */
  edit(edit: ConfigEdit): Promise<void> {
    return this.queue.add(edit);
  }

  /** Runs a change that goes another way, so that none of ours overwrites it. `now` publishes an edit inside it. */
  exclusive<R>(run: (now: (edit: ConfigEdit) => Promise<void>) => Promise<R>): Promise<R> {
    return this.queue.exclusive(() =>
      run(async (edit) => {
        const failures = await this.publish([edit]);
        if (failures.has(edit)) throw failures.get(edit);
      }),
    );
  }

  private async publish(edits: readonly ConfigEdit[]): Promise<Failures<ConfigEdit>> {
    const failures = new Map<ConfigEdit, unknown>();
    let why = '';
    let isSent = false;
    for (let round = 1; round <= maxRounds; round += 1) {
      if (round > 1) await this.sleep(500 * round);
      const before = await this.fetch();
      const after = this.applyAll(before, edits, failures);
      if (after === before) return failures;
      if ((await this.fetch()) !== before) {
        why = 'somebody else changed it between reading and writing';
        this.log(`its configuration changed while it was edited; starting again (${round} of ${maxRounds})`);
        continue;
      }
      const left = edits.filter((edit) => !failures.has(edit));
      const sent = await this.put(after, left);
      isSent = true;
      const result = await this.settle(before, left, sent);
      if (result === 'visible') return failures;
      if (result === 'pending' && sent === 'taken') throw this.notApplied(left, 'it still shows the former values');
      why = result === 'overwritten' ? 'it shows other values than were written' : 'the write was lost';
      this.log(`${why}; starting again (${round} of ${maxRounds})`);
    }
    throw this.notApplied(
      edits.filter((edit) => !failures.has(edit)),
      `${why}, ${maxRounds} times`,
      isSent,
    );
  }

  private applyAll(text: string, edits: readonly ConfigEdit[], failures: Map<ConfigEdit, unknown>): string {
    let edited = text;
    for (const edit of edits) {
      if (failures.has(edit)) continue;
      try {
        edit.signal?.throwIfAborted();
        edited = this.naming(() => edit.apply(edited));
      } catch (error) {
        failures.set(edit, edit.signal?.aborted ? this.stopped(edit, error) : error);
      }
    }
    return edited;
  }

  private async fetch(signal?: AbortSignal): Promise<string> {
    const response = await this.connection.send({
      method: 'GET',
      path,
      headers: { accept: 'application/toml' },
      signal,
    });
    if (!isSuccess(response)) throw refusal(this.connection.name, 'reading the configuration (config-toml)', response);
    return decode(response, this.connection.name);
  }

  /** A lost answer is not an error yet: reading tells whether the write arrived. */
  private async put(text: string, edits: readonly ConfigEdit[]): Promise<'taken' | 'lost'> {
    let response: HttpResponse;
    try {
      response = await this.connection.send({
        method: 'PUT',
        path,
        headers: { 'content-type': 'application/toml', accept: 'application/json, application/toml' },
        body: text,
        timeoutSeconds: 120,
      });
    } catch (error) {
      if (isPassing(error)) return 'lost';
      throw error;
    }
    if (isSuccess(response)) return 'taken';
    if (response.status === 502 || response.status === 503 || response.status === 504) return 'lost';
    const what = `writing the configuration (${edits.map(({ what: one }) => one).join('; ')})`;
    throw refusal(this.connection.name, what, response, documentSecrets(text));
  }

  /** Reads until the change shows. While components restart, connections fail; that is waited for. */
  private async settle(
    before: string,
    edits: readonly ConfigEdit[],
    sent: 'taken' | 'lost',
  ): Promise<'visible' | 'pending' | 'overwritten'> {
    const longest = Math.min(this.options.settleSeconds ?? 120, sent === 'lost' ? 15 : Infinity) * 1000;
    let strange = 0;
    for (let waited = 0, delay = 250; ; delay = Math.min(delay * 1.5, 4000)) {
      const now = await this.fetchWhileRestarting();
      if (now !== undefined) {
        const tables = this.naming(() => readConfig(now));
        if (edits.every((edit) => edit.isVisible(tables))) return 'visible';
        // A few looks, as the managers of a cluster may not agree at once.
        if (now !== before && (strange += 1) >= 4) return 'overwritten';
      }
      if (waited >= longest) return 'pending';
      if (edits.every(({ signal }) => signal?.aborted))
        throw this.notApplied(edits, 'it was stopped before the change showed');
      if (waited > 0) this.log(`waiting for the change of its configuration to show (${Math.round(waited / 1000)} s)`);
      await this.sleep(delay);
      waited += delay;
    }
  }

  private async fetchWhileRestarting(): Promise<string | undefined> {
    try {
      return await this.fetch();
    } catch (error) {
      if (isPassing(error)) return undefined;
      throw error;
    }
  }

  /** Whatever is wrong with the document: says whose it is. */
  private naming<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DctError)) throw error;
      const { code, message, cure } = error;
      const cluster = `Cluster "${this.connection.name}" (${this.connection.http.host})`;
      throw new DctError(code, `${cluster}: ${message}`, { cause: error, ...(cure !== undefined && { cure }) });
    }
  }

  private notApplied(edits: readonly ConfigEdit[], why: string, isSent = true): DctError {
    const what = edits.map((edit) => edit.what).join('; ');
    const written = isSent ? `was written (${what}), but ${why}` : `was not written (${what}): ${why}`;
    return new DctError(
      'ucp_config_not_applied',
      `Cluster "${this.connection.name}" (${this.connection.http.host}): the configuration ${written}.`,
      {
        cure: 'Look at the ucp-controller container logs of this cluster and at who else changes its configuration; then apply again.',
      },
    );
  }

  private stopped(edit: ConfigEdit, cause: unknown): DctError {
    return new DctError(
      'stopped',
      `Cluster "${this.connection.name}" (${this.connection.http.host}): ${edit.what} was stopped before anything was sent.`,
      { cure: 'Run the same again: it completes what this left undone.', cause },
    );
  }

  private log(message: string): void {
    this.options.log?.(`cluster "${this.connection.name}" (${this.connection.http.host}): ${message}`);
  }
}

/** Bytes that are not UTF-8 would not survive an edit as text. The byte order mark is kept. */
function decode(response: HttpResponse, cluster: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(response.bytes);
  } catch {
    throw new DctError(
      'ucp_config_unreadable',
      `Cluster "${cluster}" (${response.host}): the configuration is not UTF-8 text.`,
      {
        cure: 'Fetch /api/ucp/config-toml and look at its encoding; nothing is sent to a UCP whose configuration cannot be read.',
      },
    );
  }
}
