import { DctError } from '../../error';

/** How long it stays quiet before nobody else is taken to come: other providers of the same run may be at work, milliseconds. */
const PATIENCE = 5000;

interface Waiter {
  wake: () => void;
  /** Somebody else waits for what this one waits for, too. */
  isLetGo: boolean;
}

/**
 * What Terraform has under way on one connection. It plans and applies resources side by side and in any order (there is no
 * edge between a removed resource and those that depended on it), so that what is wrong alone may be right together with
 * something that is still on its way. And only so many at a time (`-parallelism`): whoever waits keeps others from coming.
 */
export class Activity {
  #busy = 0;
  #arrived = 0;
  #stirs = 0;
  readonly #waiting: Waiter[] = [];
  /** Attempts that failed at plan, and whose calls ended so that others could come. */
  readonly #unanswered = new Set<() => Promise<unknown>>();

  /** @param patience milliseconds */
  constructor(private readonly patience = PATIENCE) {}

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

  /** At plan: one more change is known, which may make up for what was wrong before. */
  arrive(): void {
    this.#arrived += 1;
    this.stir();
  }

  /**
   * From within a call, at plan: makes the attempt again with each change that arrives, as long as it fails in a way that
   * one more may mend. Where nothing comes any more, all who wait but one go on (their result is undefined), to let others
   * come; that one answers for all of them, and throws what is still wrong when all is quiet.
   */
  async together<T>(attempt: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T | undefined> {
    let done: { readonly result: T } | undefined;
    for (;;) {
      const arrived = this.#arrived;
      const failures: unknown[] = [];
      try {
        done ??= { result: await attempt() };
      } catch (error) {
        if (!mayPass(error)) throw error;
        failures.push(error);
      }
      if (this.#waiting.length === 0) failures.push(...(await this.unanswered()));
      if (failures.length === 0) return done?.result;
      const end = await this.wait((waiter, isQuiet) => {
        if (this.#arrived > arrived) return 'again';
        if (isQuiet) this.letGo();
        if (waiter.isLetGo && this.#waiting.length > 1) return 'others answer';
        return isQuiet ? 'nobody comes' : undefined;
      });
      if (end === 'nobody comes') {
        const others = await this.unanswered();
        this.#unanswered.clear();
        throw asOne([...failures, ...others]);
      }
      if (end === 'others answer') {
        if (done === undefined) this.#unanswered.add(attempt);
        return done?.result;
      }
    }
  }

  /**
   * From within a call, at apply: does the work again, as long as it fails in a way that something else under way may still
   * mend. It must not hold up others while it fails; where all wait for each other, one after the other gives up.
   */
  async patiently<T>(work: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T> {
    for (;;) {
      const stirs = this.#stirs;
      try {
        return await work();
      } catch (error) {
        if (!mayPass(error)) throw error;
        const goesOn = await this.wait((waiter, isQuiet) => {
          if (this.#stirs > stirs) return true;
          if (!isQuiet) return undefined;
          return this.#waiting[0] === waiter ? false : undefined;
        });
        if (!goesOn) throw error;
      }
    }
  }

  /** Of all who wait the last one stays. */
  private letGo(): void {
    for (const waiter of this.#waiting.slice(0, -1)) waiter.isLetGo = true;
    this.stir();
  }

  private async unanswered(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (const attempt of this.#unanswered) {
      try {
        await attempt();
        this.#unanswered.delete(attempt);
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }

  /** Asks at once, at each stir, and when it has been quiet for a while with nothing else under way, until there is an answer. */
  private async wait<T>(ask: (waiter: Waiter, isQuiet: boolean) => T | undefined): Promise<T> {
    const waiter: Waiter = { wake: () => undefined, isLetGo: false };
    this.#waiting.push(waiter);
    this.#busy -= 1;
    try {
      for (let isQuiet = false; ; isQuiet = !(await this.nextStir(waiter)) && this.#busy <= 0) {
        const answer = ask(waiter, isQuiet);
        if (answer !== undefined) return answer;
      }
    } finally {
      this.#busy += 1;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    }
  }

  private stir(): void {
    this.#stirs += 1;
    for (const { wake } of this.#waiting) wake();
  }

  private nextStir(waiter: Waiter): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, this.patience);
      waiter.wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

/** What is wrong with each; code and attribute are those of the first. */
function asOne([first, ...others]: readonly unknown[]): unknown {
  if (!(first instanceof DctError)) return first;
  const all = [first, ...others.filter((other) => other instanceof DctError)];
  const each = (words: (error: DctError) => string | undefined) => [
    ...new Set(all.flatMap((error) => words(error) ?? [])),
  ];
  const { code, attribute, cause } = first;
  const cure = each((error) => error.cure).join('; ');
  return new DctError(code, each(({ message }) => message).join('\n\n'), { cure, attribute, cause });
}
