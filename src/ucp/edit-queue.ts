/** One change that waits its turn, and whoever waits for it. */
interface Waiting<T> {
  readonly item: T;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What became of the items of a batch that did not succeed. */
export type Failures<T> = ReadonlyMap<T, unknown>;

/**
 * Lets one thing happen at a time. Changes that arrive while another is under way are handed over together, as one batch.
 */
export class EditQueue<T> {
  private waiting: Waiting<T>[] = [];
  private tail: Promise<unknown> = Promise.resolve();

  /**
   * @param publish settles a batch; it may reject as a whole, or name the items that failed
   * @param gather waits a moment before a batch is taken, so that changes made in parallel come together
   */
  constructor(
    private readonly publish: (items: readonly T[]) => Promise<Failures<T>>,
    private readonly gather: () => Promise<void>,
  ) {}

  /** Resolves once the change is published. */
  add(item: T): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      this.tail = this.tail.then(() => this.publishWaiting());
    });
  }

  /** Runs something that must not meet a publish of ours. */
  exclusive<R>(run: () => Promise<R>): Promise<R> {
    const result = this.tail.then(run);
    this.tail = result.catch(() => undefined);
    return result;
  }

  private async publishWaiting(): Promise<void> {
    if (this.waiting.length === 0) return;
    await this.gather();
    const batch = this.waiting.splice(0);
    try {
      const failures = await this.publish(batch.map(({ item }) => item));
      for (const { item, done, failed } of batch) {
        if (failures.has(item)) failed(failures.get(item));
        else done();
      }
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }
}
