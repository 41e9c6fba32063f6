/** How long it stays quiet before nobody else is taken to come, milliseconds. */
const PATIENCE = 500;

/**
 * What Terraform has under way on one connection. It plans and applies resources side by side and in any order, so that what
 * is wrong alone may be right together with something that is still on its way.
 */
export class Activity {
  #busy = 0;
  #waiting: (() => void)[] = [];

  /** Counts a call of Terraform from its beginning to its end. */
  async during<T>(call: () => T | Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await call();
    } finally {
      this.#busy -= 1;
      this.stir();
    }
  }

  /** Wakes everybody who waits for something to happen. */
  stir(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /**
   * From within a call: does the work again, as long as it fails in a way that something else under way may still mend. It
   * must not hold up others while it fails.
   */
  async patiently<T>(work: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!mayPass(error) || !(await this.goesOn())) throw error;
      }
    }
  }

  /** From within a call: whether anything happens as long as other calls are under way, or for a moment after the last. */
  async goesOn(): Promise<boolean> {
    this.#busy -= 1;
    try {
      for (;;) {
        if (await this.nextStir()) return true;
        if (this.#busy <= 0) return false;
      }
    } finally {
      this.#busy += 1;
    }
  }

  private nextStir(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, PATIENCE);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
