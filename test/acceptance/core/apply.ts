import { assertCompatible, assertWhollyKnown, ProviderFault } from './checks';
import { dependenciesOf, type Lookup } from './expressions';
import { type Step, walk } from './order';
import { closure, type Deposed, type Entry, planEnd, planOne, type PlannedChange, type State } from './plan';
import type { ProviderLink } from './provider-link';
import type { Value, Values } from './wire';

const NONE = Buffer.alloc(0);

/** Does what is planned. The state is right whatever fails. */
export async function applyAll(
  link: ProviderLink,
  changes: readonly PlannedChange[],
  before: State,
  deposedBefore: Deposed,
): Promise<{ readonly state: State; readonly deposed: Deposed; readonly failed: boolean }> {
  const state = new Map(before);
  const deposed = new Map(deposedBefore);
  const lookup: Lookup = (address, attribute): Value => state.get(address)?.value[attribute] ?? null;
  let failed = false;
  const well = (went: boolean): boolean => {
    failed ||= !went;
    return went;
  };
  const current = changes.filter((change) => change.deposed === undefined);
  const byAddress = new Map(current.map((change) => [change.address, change]));
  const dependentsOf = (address: string) =>
    [...before].filter(([, entry]) => entry.dependencies.includes(address)).map(([name]) => name);
  const steps: Step[] = [];
  /** The end of what stands under this key in the state, or among those whose successors stand already. */
  const end = async (change: PlannedChange, prior: Entry, entries: Map<string, Entry>, key: string) => {
    // Planned once more where a successor stands, as Terraform does.
    const planned = entries === deposed ? await planEnd(link, change.address, prior) : change;
    const left = planned === undefined ? prior : await remove(link, planned, prior);
    if (left === undefined) entries.delete(key);
    else entries.set(key, left);
    return well(left === undefined);
  };
  for (const change of changes) {
    const { address, action, prior, createBeforeDestroy } = change;
    if (prior === undefined || (action !== 'delete' && action !== 'replace')) continue;
    const dependents = dependentsOf(address);
    if (change.deposed !== undefined) {
      const key = change.deposed;
      const after = dependents.flatMap((name) => [endOf(name), name]);
      steps.push({ key, after, run: () => end(change, prior, deposed, key) });
    } else if (createBeforeDestroy) {
      const key = newKey(address, deposedBefore);
      const after = [...dependents.flatMap((name) => [endOf(name), name]), address];
      steps.push({ key: endOf(address), after, run: () => end(change, prior, deposed, key) });
    } else {
      const after = dependents.map(endOf);
      steps.push({ key: endOf(address), after, run: () => end(change, prior, state, address) });
    }
  }
  for (const change of current) {
    const { address, action, block, createBeforeDestroy, prior } = change;
    if (action === 'delete' || block === undefined) continue;
    const dependencies = dependenciesOf(block);
    // Made anew, or changed, only once the old one of what it hangs on is gone.
    const gone = (prior?.dependencies ?? []).filter((name) => {
      const other = byAddress.get(name);
      return other?.action === 'replace' && !other.createBeforeDestroy;
    });
    steps.push({
      key: address,
      after: [
        ...dependencies,
        ...gone.map(endOf),
        ...(action === 'replace' && !createBeforeDestroy ? [endOf(address)] : []),
      ],
      run: async () => {
        if (action === 'replace' && createBeforeDestroy && prior !== undefined) {
          deposed.set(newKey(address, deposedBefore), prior);
          state.delete(address);
        }
        const entry = await make(link, change, action === 'replace' ? undefined : prior, lookup);
        if (entry.value !== undefined)
          state.set(address, { ...entry.value, dependencies: closure(dependencies, state) });
        else if (action === 'replace' && createBeforeDestroy && prior !== undefined) {
          // The new one never came to be: the old one is what there is.
          deposed.delete(newKey(address, deposedBefore));
          state.set(address, prior);
        }
        return well(!entry.failed);
      },
    });
  }
  await walk(steps);
  return { state, deposed, failed };
}

function newKey(address: string, before: Deposed): string {
  let number = 0;
  while (before.has(`${address} (deposed ${number})`)) number += 1;
  return `${address} (deposed ${number})`;
}

function endOf(address: string): string {
  return `${address} (end)`;
}

/** @returns what is left of it */
async function remove(link: ProviderLink, change: PlannedChange, prior: Entry): Promise<Entry | undefined> {
  if (prior.type === 'terraform_data') return undefined;
  const { address } = change;
  const request = { prior: prior.value, planned: null, config: null, private: change.private };
  const reply = await link.apply(address, prior.type, request);
  if (reply.value === null) return undefined;
  if (!reply.failed) throw new ProviderFault(`Provider returned an object after destroy: ${address}`);
  return { ...prior, value: reply.value, private: reply.private };
}

async function make(
  link: ProviderLink,
  change: PlannedChange,
  prior: Entry | undefined,
  lookup: Lookup,
): Promise<{ readonly value: Entry | undefined; readonly failed: boolean }> {
  const { address, block, planned } = change;
  if (block === undefined || planned === null) throw new Error(`${address} is not to be made`);
  const again = await planOne(link, block, prior, lookup, false);
  if (again === undefined) return { value: prior, failed: true };
  const { type } = block;
  if (type === 'terraform_data') {
    const { input = null } = again.config;
    return { value: entryOf(type, { input, output: input }, NONE, false), failed: false };
  }
  const schema = link.schema(type);
  const expected = change.action === 'replace' ? 'create' : change.action;
  if (again.action !== expected && !(expected === 'update' && again.action === 'no-op'))
    throw new ProviderFault(
      `Provider produced inconsistent final plan: ${address}: ${expected} became ${again.action}`,
    );
  assertCompatible('final plan', address, schema, planned, again.planned);
  if (again.action === 'no-op') return { value: prior, failed: false };
  assertWhollyKnown('in the configuration', address, again.config);
  const reply = await link.apply(address, type, {
    prior: prior?.value ?? null,
    planned: again.planned,
    config: again.config,
    private: again.private,
  });
  if (reply.value === null) {
    if (!reply.failed) throw new ProviderFault(`Provider produced nothing: ${address}`);
    return { value: undefined, failed: true };
  }
  assertWhollyKnown('after apply', address, reply.value);
  if (!reply.failed) assertCompatible('result after apply', address, schema, again.planned, reply.value);
  return {
    value: entryOf(type, reply.value, reply.private, reply.failed && prior === undefined),
    failed: reply.failed,
  };
}

function entryOf(type: string, value: Values, data: Buffer, tainted: boolean): Entry {
  return { type, value, private: data, dependencies: [], tainted };
}
