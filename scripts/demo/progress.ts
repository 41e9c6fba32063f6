import { performance } from 'node:perf_hooks';

/** Says what is being done while it is done, and how long each step took. */
export class Progress {
  readonly #start = performance.now();

  async step<T>(title: string, run: () => Promise<T>): Promise<T> {
    console.log(`\n== ${title}`);
    const start = performance.now();
    const result = await run();
    console.log(`   done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return result;
  }

  seconds(): string {
    return ((performance.now() - this.#start) / 1000).toFixed(0);
  }
}
