import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { provider as usualProvider } from './configuration';
import { complaints, forget, writes } from './observed';
import { statesIn } from './saved-plan';
import { resourcesIn } from './state-file';
import type { Outcome, PlanOutcome, StateResource } from './terraform';
import { plannedIn } from './terraform-json';
import type { World } from './world';

type State = ReadonlyMap<string, StateResource>;
type Attributes = Readonly<Record<string, readonly string[]>>;

interface Complaint {
  readonly text: string | RegExp;
  /** Address and, where the error belongs to one, attribute: `dct_repository.it name`. */
  readonly at: string;
}

/** One configuration, what to expect of it, and what happened before it. */
export interface Step {
  /** HCL besides the provider’s; a function where `before` decides it. */
  readonly resources: string | (() => string);
  /** Default: the usual provider block. */
  readonly provider?: string;
  /** Behind Terraform’s back. */
  readonly before?: () => unknown;
  /** Of plan and apply, such as `-replace=dct_repository.it`. */
  readonly options?: readonly string[];
  /** Nothing is applied: it means what is there already. */
  readonly same?: true;
  /** All that is done: `dct_repository.it update`, `dct_repository.it replace cannot_update`. */
  readonly planned?: readonly string[];
  /** Attributes that a refresh finds changed, by address; `gone`. */
  readonly drift?: Attributes;
  /** Attributes whose values in the state the apply changes, by address of what was there before and still is. */
  readonly changed?: Attributes;
  /** Requests that may change something (see `writes`). */
  readonly sent?: readonly string[];
  /** What is planned, seen before it is applied: a run more. */
  readonly plan?: (plan: PlanOutcome) => unknown;
  /** What plan or apply has to complain of. Nothing is sent then, or only what `sent` says; nothing else is looked at. */
  readonly error?: string | RegExp | Complaint;
  readonly check?: (state: State, applied: Outcome) => unknown;
}

/**
 * Applies one configuration after the other with real Terraform, and looks after each whether all is as it has to be
 * (`expectSettled`). At the end a destroy leaves clusters and trust data as they were at the start, or as `left` says.
 */
export async function steps(
  world: World,
  all: readonly Step[],
  { left = [] }: { readonly left?: readonly string[] } = {},
): Promise<void> {
  try {
    for (const [index, step] of all.entries()) {
      const about = (error: unknown): Error => new Error(`step ${index + 1}: ${String(error)}`, { cause: error });
      await one(world, step).catch((error: unknown) => Promise.reject(about(error)));
    }
  } catch (error) {
    // What failed says more than what it leaves.
    await world.terraform.destroy();
    throw error;
  }
  await world.expectNothingLeft(left);
}

async function one(world: World, step: Step): Promise<void> {
  const { terraform } = world;
  const { resources, provider = usualProvider(world), options = [] } = step;
  await step.before?.();
  await terraform.configure(`${provider}\n${typeof resources === 'string' ? resources : resources()}`);
  if (step.error !== undefined) {
    forget(world);
    expectComplaint(await terraform.apply(...options), step.error);
    expect(writes(world)).toEqual(step.sent ?? []);
    return;
  }
  if (step.same === true) return terraform.expectNoChanges();
  const before = await terraform.state();
  forget(world);
  const { planned, applied } = await apply(world, step, options);
  if (step.planned !== undefined) expect(planned).toEqual([...step.planned].sort());
  if (step.sent !== undefined) expect(writes(world)).toEqual(step.sent);
  const after = await terraform.state();
  if (step.changed !== undefined) expect(differences(before, after)).toEqual(step.changed);
  if (step.check !== undefined) await step.check(after, applied);
}

function expectComplaint(outcome: Outcome, error: NonNullable<Step['error']>): void {
  const { text, at } = typeof error === 'string' || error instanceof RegExp ? { text: error, at: undefined } : error;
  expect(complaints(outcome)).toMatch(text);
  if (at === undefined) return;
  const places = outcome.errors.map(({ address = 'provider', snippet }) => {
    const attribute = /^\s*(\w+)\s*=/.exec(snippet?.code ?? '')?.[1];
    return [address, ...(attribute === undefined ? [] : [attribute])].join(' ');
  });
  expect(places).toContain(at);
}

/** In one run, unless something of the plan is to be seen that an apply does not tell. */
async function apply(
  { terraform }: World,
  { plan, drift }: Step,
  options: readonly string[],
): Promise<{ readonly planned: readonly string[]; readonly applied: Outcome }> {
  if (plan === undefined && drift === undefined) {
    const applied = await terraform.must(terraform.apply(...options));
    return { planned: actionsIn(applied), applied };
  }
  const { full, outcome } =
    plan === undefined
      ? { full: undefined, outcome: await terraform.must(terraform.outline(...options)) }
      : await terraform.must(terraform.plan(...options)).then((each) => ({ full: each, outcome: each }));
  if (drift !== undefined) {
    const { before, found } = await statesIn(join(terraform.directory, 'plan.bin'));
    expect(differences(resourcesIn(before), resourcesIn(found), { gone: true })).toEqual(drift);
  }
  if (full !== undefined) await plan?.(full);
  return { planned: actionsIn(outcome), applied: await terraform.must(terraform.applyPlan()) };
}

/** `dct_repository.it update`, in order; what is only read or moved is left out. */
function actionsIn({ stdout }: Outcome): string[] {
  return plannedIn(stdout)
    .filter(({ action, address }) => !['read', 'move', 'noop'].includes(action) && address.startsWith('dct_'))
    .map(({ address, action, reason }) => [address, action, ...(reason === undefined ? [] : [reason])].join(' '))
    .sort();
}

function differences(before: State, after: State, { gone = false } = {}): Attributes {
  const ours = [...before].filter(([address]) => address.startsWith('dct_'));
  return Object.fromEntries(
    ours.flatMap(([address, { values }]): [string, string[]][] => {
      const now = after.get(address)?.values;
      if (now === undefined) return gone ? [[address, ['gone']]] : [];
      const names = Object.keys(values).filter((name) => !isDeepStrictEqual(values[name], now[name]));
      return names.length === 0 ? [] : [[address, names.sort()]];
    }),
  );
}
