/** A change that somebody waits for. */
export interface Change<Intent, Result> {
  readonly intent: Intent;
  /** Settled: its caller has an answer or has gone away. */
  readonly isSettled: () => boolean;
  /** Its caller can no longer go away, as it is about to be sent. False where that has happened already. */
  readonly begin: () => boolean;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** How long nobody has to have come for a change that is alone to go, and for one in company, milliseconds. */
const [ALONE, IN_COMPANY] = [20, 60];
/** How long a change waits for company at most, milliseconds. */
const LONGEST = 1000;

/**
 * Lets changes to one thing wait for each other: those that come while a group is under way make the next group, with those
 * who follow soon. Terraform answers the end of one call with the next, so they do come, but one by one, as it writes its
 * state in between.
 */
export class ChangeQueue<Intent, Result> {
  private waiting: Change<Intent, Result>[] = [];
  private running = false;
  private last: Promise<unknown> = Promise.resolve();

  /** `perform` settles every change it is given; what it leaves or throws becomes the error of those left. */
  constructor(private readonly perform: (group: readonly Change<Intent, Result>[]) => Promise<void>) {}

  /** An abort gives up what is not being sent yet. What is sent comes to its end, so that the caller knows what became of it. */
  submit(intent: Intent, signal?: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      let settled = false;
      let started = false;
      const settle = (): boolean => {
        const first = !settled;
        settled = true;
        signal?.removeEventListener('abort', abort);
        return first;
      };
      const abort = (): void => {
        if (!started && settle()) reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      this.waiting.push({
        intent,
        isSettled: () => settled,
        begin: () => {
          started = !settled;
          return started;
        },
        resolve: (result) => {
          if (settle()) resolve(result);
        },
        reject: (reason) => {
          if (settle()) reject(reason instanceof Error ? reason : new Error(String(reason)));
        },
      });
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
      void this.run();
    });
  }

  /** Does what no change may meet on its way: after those that are being sent, and before those that are not yet. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.waiting.length > 0) {
      await this.gather();
      await this.exclusively(() => {
        const group = this.waiting.filter((change) => !change.isSettled());
        this.waiting = [];
        return this.settleAll(group);
      });
    }
    this.running = false;
  }

  /** Until nobody has come for a while. */
  private async gather(): Promise<void> {
    const end = performance.now() + LONGEST;
    for (let before = 0; this.waiting.length > before && performance.now() < end;) {
      before = this.waiting.length;
      await new Promise((resolve) => setTimeout(resolve, before > 1 ? IN_COMPANY : ALONE));
    }
  }

  private async settleAll(group: readonly Change<Intent, Result>[]): Promise<void> {
    try {
      if (group.length > 0) await this.perform(group);
    } catch (error) {
      for (const change of group) change.reject(error);
    }
    for (const change of group) change.reject(new Error('the change was lost'));
  }
}
