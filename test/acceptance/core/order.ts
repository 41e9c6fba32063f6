/** One thing to do in a walk, once those are done that it waits for. */
export interface Step {
  readonly key: string;
  /** Keys; those of no step are left out. */
  readonly after: readonly string[];
  /** Not called where something it waits for failed. Returns whether it went well. */
  run(): Promise<boolean>;
}

/** There is no order for these steps: nothing was done. */
export class Cycle extends Error {}

/** Does all of it, side by side where nothing says otherwise, as Terraform walks its graph. Throws `Cycle`. */
export async function walk(steps: readonly Step[]): Promise<void> {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const ordered = new Set<string>();
  const order = (step: Step, below: readonly string[]): void => {
    if (below.includes(step.key)) throw new Cycle(`Error: Cycle: ${[...below, step.key].join(' → ')}`);
    if (ordered.has(step.key)) return;
    for (const key of step.after) {
      const each = byKey.get(key);
      if (each !== undefined) order(each, [...below, step.key]);
    }
    ordered.add(step.key);
  };
  const started = new Map<string, Promise<boolean>>();
  const start = (step: Step): Promise<boolean> => {
    const running = started.get(step.key);
    if (running !== undefined) return running;
    const first = step.after.flatMap((key) => byKey.get(key) ?? []);
    const waited = first.map(start);
    const run = Promise.all(waited).then((went) => went.every((well) => well) && step.run());
    started.set(step.key, run);
    return run;
  };
  for (const step of steps) order(step, []);
  // One that fails does not end the walk before the others are done.
  const ends = await Promise.allSettled(steps.map(start));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
