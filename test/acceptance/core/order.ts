/** One thing to do in a walk, once those are done that it waits for. */
export interface Step {
  readonly key: string;
  /** Keys; those of no step are left out. */
  readonly after: readonly string[];
  /** Not called where something it waits for failed. Returns whether it went well. */
  run(): Promise<boolean>;
}

/** Does all of it, side by side where nothing says otherwise, as Terraform walks its graph. */
export async function walk(steps: readonly Step[]): Promise<void> {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const started = new Map<string, Promise<boolean>>();
  const start = (step: Step, below: readonly string[]): Promise<boolean> => {
    if (below.includes(step.key)) throw new Error(`cycle: ${[...below, step.key].join(' → ')}`);
    const running = started.get(step.key);
    if (running !== undefined) return running;
    const first = step.after.flatMap((key) => byKey.get(key) ?? []);
    const waited = first.map((each) => start(each, [...below, step.key]));
    const run = Promise.all(waited).then((went) => went.every((well) => well) && step.run());
    started.set(step.key, run);
    return run;
  };
  // One that fails does not end the walk before the others are done.
  const ends = await Promise.allSettled(steps.map((step) => start(step, [])));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
