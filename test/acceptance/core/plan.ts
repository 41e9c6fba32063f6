import { assertPlanValid, ProviderFault, proposed } from './checks';
import { addressOf, type Block, dependenciesOf, evaluate, type Lookup } from './expressions';
import { type Step, walk } from './order';
import type { ProviderLink } from './provider-link';
import { same, Unknown, type Value, type Values } from './wire';

/** What the state has of one object. */
export interface Entry {
  readonly type: string;
  readonly value: Values;
  readonly private: Buffer;
  readonly dependencies: readonly string[];
  readonly tainted: boolean;
}
export type State = ReadonlyMap<string, Entry>;

export type Action = 'create' | 'update' | 'delete' | 'replace';
export interface PlannedChange {
  readonly address: string;
  readonly action: Action;
  readonly prior: Entry | undefined;
  /** null: it goes. */
  readonly planned: Values | null;
  readonly private: Buffer;
  /** Attributes whose change makes it a replacement. */
  readonly reasons: readonly string[];
  readonly block: Block | undefined;
  /** The new one comes before the old one goes. */
  readonly createBeforeDestroy: boolean;
  /** Of what a replacement left over that failed half-way: its key. The address is that of the one that stays. */
  readonly deposed: string | undefined;
}
/** Old objects whose successors stand already, by keys: `dct_repository.it (deposed 1)`. */
export type Deposed = ReadonlyMap<string, Entry>;

/** Of any key of the state. */
export function addressIn(key: string): string {
  return key.replace(/ .*/, '');
}
export interface PlanOptions {
  readonly refresh?: boolean;
  /** Addresses to make anew. */
  readonly replace?: readonly string[];
}

const NONE = Buffer.alloc(0);

/** The blocks as they depend on each other, the state as it was found, and what is to become of it. */
export async function planAll(
  link: ProviderLink,
  blocks: readonly Block[],
  before: State,
  deposed: Deposed,
  { refresh = true, replace = [] }: PlanOptions,
): Promise<{ readonly refreshed: State; readonly deposed: Deposed; readonly changes: readonly PlannedChange[] }> {
  const refreshed = new Map(before);
  const leftOver = new Map(deposed);
  const changes: PlannedChange[] = [];
  const ends = new Map<string, Values>();
  const configured = new Set(blocks.map(addressOf));
  const lookup: Lookup = (address, attribute) => ends.get(address)?.[attribute] ?? null;
  const read = async (address: string, entries = refreshed): Promise<boolean> => {
    const entry = entries.get(address);
    if (entry === undefined || entry.type === 'terraform_data') return true;
    const found = await refreshedEntry(link, address, entry, refresh);
    if (found === 'failed') return false;
    if (found === undefined) entries.delete(address);
    else entries.set(address, found);
    return true;
  };
  const steps = blocks.map((block): Step => {
    const address = addressOf(block);
    return {
      key: address,
      after: dependenciesOf(block),
      run: async () => {
        if (!(await read(address))) return false;
        const found = refreshed.get(address);
        // An import knows nothing of what an object hangs on; the configuration does.
        const prior = found && {
          ...found,
          dependencies: closure([...found.dependencies, ...dependenciesOf(block)], refreshed),
        };
        if (prior !== undefined) refreshed.set(address, prior);
        const made = await planOne(link, block, prior, lookup, replace.includes(address));
        if (made === undefined) return false;
        ends.set(address, made.planned);
        if (made.action !== 'no-op') {
          const createBeforeDestroy = createsFirst(blocks, block);
          changes.push({
            address,
            ...made,
            action: made.action,
            prior,
            block,
            createBeforeDestroy,
            deposed: undefined,
          });
        }
        return true;
      },
    };
  });
  // Nothing says when those are planned that are no longer configured.
  const orphans = [...before.keys()].filter((address) => !configured.has(address));
  steps.push(
    ...orphans.map((address): Step => ({
      key: address,
      after: [],
      run: async () => {
        if (!(await read(address))) return false;
        const prior = refreshed.get(address);
        const change = prior && (await planEnd(link, address, prior));
        if (prior === undefined) return true;
        if (change !== undefined) changes.push(change);
        return change !== undefined;
      },
    })),
  );
  steps.push(
    ...[...deposed.keys()].map((key): Step => ({
      key,
      after: [],
      run: async () => {
        if (!(await read(key, leftOver))) return false;
        const prior = leftOver.get(key);
        const change = prior && (await planEnd(link, addressIn(key), prior));
        if (change !== undefined) changes.push({ ...change, deposed: key });
        return prior === undefined || change !== undefined;
      },
    })),
  );
  await walk(steps);
  return { refreshed, deposed: leftOver, changes };
}

/** State knows all that an object hangs on, also by way of others. */
export function closure(dependencies: readonly string[], state: State): string[] {
  return [...new Set(dependencies.flatMap((name) => [name, ...(state.get(name)?.dependencies ?? [])]))];
}

async function refreshedEntry(link: ProviderLink, address: string, entry: Entry, refresh: boolean) {
  const upgraded = await link.upgrade(address, entry.type, entry.value);
  if (upgraded === undefined) return 'failed';
  if (!refresh) return entry;
  const found = await link.read(address, entry.type, upgraded, entry.private);
  if (found === undefined) return 'failed';
  return found.value === null ? undefined : { ...entry, value: found.value, private: found.private };
}

/** The end of one that is no longer wanted. */
export async function planEnd(link: ProviderLink, address: string, prior: Entry): Promise<PlannedChange | undefined> {
  const rest = {
    address,
    action: 'delete',
    prior,
    planned: null,
    reasons: [],
    block: undefined,
    createBeforeDestroy: false,
    deposed: undefined,
  } as const;
  if (prior.type === 'terraform_data') return { ...rest, private: NONE };
  const request = { prior: prior.value, proposed: null, config: null, private: prior.private };
  const reply = await link.plan(address, prior.type, request);
  if (reply === undefined) return undefined;
  if (reply.value !== null)
    throw new ProviderFault(`Provider produced invalid plan: ${address} shall go, and is planned as something`);
  return { ...rest, private: reply.private };
}

export interface Made {
  readonly action: Action | 'no-op';
  readonly planned: Values;
  readonly private: Buffer;
  readonly reasons: readonly string[];
  readonly config: Values;
}

/** As Terraform plans one resource, at plan and, with more known, again right before it is applied. */
export async function planOne(
  link: ProviderLink,
  block: Block,
  prior: Entry | undefined,
  lookup: Lookup,
  anew: boolean,
): Promise<Made | undefined> {
  const [address, { type }] = [addressOf(block), block];
  if (type === 'terraform_data') return planData(block, prior, lookup);
  const schema = link.schema(type);
  const config = evaluate(schema, block, lookup);
  if (!(await link.validate(address, type, config))) return undefined;
  const plan = async (before: Values | null, data: Buffer) => {
    const reply = await link.plan(address, type, {
      prior: before,
      proposed: proposed(schema, before, config),
      config,
      private: data,
    });
    if (reply === undefined) return undefined;
    const planned = reply.value;
    if (planned === null) throw new ProviderFault(`Provider produced invalid plan: ${address} is planned as nothing`);
    assertPlanValid(address, schema, { prior: before, config, planned });
    return { planned, private: reply.private, paths: reply.paths };
  };
  const before = prior === undefined || prior.tainted ? null : prior.value;
  const first = await plan(before, prior?.private ?? NONE);
  if (first === undefined) return undefined;
  const changed = (name: string): boolean => !same(before?.[name] ?? null, first.planned[name] ?? null);
  // A path whose value stays as it was is no reason.
  const reasons = before === null ? [] : first.paths.filter(changed);
  const made = { planned: first.planned, private: first.private, reasons, config };
  if (prior === undefined) return { ...made, action: 'create' };
  if (prior.tainted) return { ...made, action: 'replace' };
  if (reasons.length === 0 && !anew) return { ...made, action: Object.keys(schema).some(changed) ? 'update' : 'no-op' };
  const second = await plan(null, first.private);
  return second && { ...made, planned: second.planned, private: second.private, action: 'replace' };
}

function planData(block: Block, prior: Entry | undefined, lookup: Lookup): Made {
  const config = evaluate({ input: { type: 'string', optional: true, computed: false } }, block, lookup);
  const { input = null } = config;
  const stays = prior !== undefined && same(prior.value['input'] ?? null, input);
  const output: Value = stays ? (prior.value['output'] ?? null) : new Unknown();
  const action = prior === undefined ? 'create' : stays ? 'no-op' : 'update';
  return { action, planned: { input, output }, private: NONE, reasons: [], config };
}

/** `create_before_destroy` of one resource is that of all it depends on. */
function createsFirst(blocks: readonly Block[], block: Block): boolean {
  if (block.createBeforeDestroy === true) return true;
  const address = addressOf(block);
  return blocks.some((other) => dependenciesOf(other).includes(address) && createsFirst(blocks, other));
}
