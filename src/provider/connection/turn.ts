/** One at a time, in the order of asking: what is looked at, and what is sent because of what was seen, belong together. */
export class Turn {
  #last: Promise<void> = Promise.resolve();

  /** Waits for all before it. @returns what ends it */
  async begin(): Promise<() => void> {
    const before = this.#last;
    let end = (): void => undefined;
    this.#last = new Promise((resolve) => (end = resolve));
    await before;
    return end;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const end = await this.begin();
    try {
      return await work();
    } finally {
      end();
    }
  }
}

/** One turn for all that are sent together: begun when the first of them asks, ended when nothing is being sent any more. */
export class SharedTurn {
  #sending = 0;
  #begun: Promise<() => void> | undefined;

  constructor(private readonly turn: Turn) {}

  /** From within `during`. */
  async hold(): Promise<void> {
    this.#begun ??= this.turn.begin();
    await this.#begun;
  }

  async during<T>(send: () => Promise<T>): Promise<T> {
    this.#sending += 1;
    try {
      return await send();
    } finally {
      this.#sending -= 1;
      if (this.#sending === 0) this.end();
    }
  }

  private end(): void {
    void this.#begun?.then((end) => {
      end();
    });
    this.#begun = undefined;
  }
}
