/** How long an operation that fails alone waits for one that makes it right, milliseconds. */
const PATIENCE = 500;

/**
 * Operations of one plan that belong together come in any order: Terraform has no edge between a removed resource and those
 * that depended on it, so a signer may be planned to go before the signatures that go with it.
 */
export class Company {
  #arrived = 0;
  #waiting: (() => void)[] = [];

  get arrived(): number {
    return this.#arrived;
  }

  arrive(): void {
    this.#arrived += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Whether another one arrives after the `arrived` given, before patience ends. */
  async comes(after: number): Promise<boolean> {
    if (this.#arrived === after) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.#arrived > after;
  }
}
