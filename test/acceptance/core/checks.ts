import { inOrder, isKnown, isList, same, type Schema, Unknown, type Value, type Values } from './wire';

/** What Terraform calls a bug in the provider. No test of ours may ever see one. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';
}

/** Terraform's own proposal: what is configured, else for computed attributes what was there. */
export function proposed(schema: Schema, prior: Values | null, config: Values): Values {
  return Object.fromEntries(
    Object.entries(schema).map(([name, { computed }]) => {
      const configured = config[name] ?? null;
      if (configured !== null || !computed) return [name, configured];
      return [name, prior === null ? new Unknown() : (prior[name] ?? null)];
    }),
  );
}

/** objchange.AssertPlanValid: a plan has what is configured, or keeps what was there; only computed attributes are free. */
export function assertPlanValid(
  address: string,
  schema: Schema,
  { prior, config, planned }: { readonly prior: Values | null; readonly config: Values; readonly planned: Values },
): void {
  for (const [name, { computed }] of Object.entries(schema)) {
    const [configured, value, before] = [config[name] ?? null, planned[name] ?? null, prior?.[name] ?? null];
    if (identical(value, configured) || (computed && configured === null)) continue;
    if (configured !== null && before !== null && same(value, before)) continue;
    throw new ProviderFault(
      `Provider produced invalid plan: ${address}.${name} is configured as ${shown(configured)}, was ${shown(before)}, is planned as ${shown(value)}`,
    );
  }
}

/** objchange.AssertObjectCompatible: what was promised has to come; what was unknown may be anything. */
export function assertCompatible(
  what: string,
  address: string,
  schema: Schema,
  promised: Values,
  actual: Values,
): void {
  for (const name of Object.keys(schema)) {
    if (compatible(promised[name] ?? null, actual[name] ?? null)) continue;
    throw new ProviderFault(
      `Provider produced inconsistent ${what}: ${address}.${name} was ${shown(promised[name] ?? null)}, now ${shown(actual[name] ?? null)}`,
    );
  }
}

export function assertWhollyKnown(what: string, address: string, value: Values): void {
  for (const [name, each] of Object.entries(value))
    if (!isKnown(each)) throw new ProviderFault(`Provider returned unknown values ${what}: ${address}.${name}`);
}

function compatible(promised: Value, actual: Value): boolean {
  if (promised instanceof Unknown) return true;
  if (!isList(promised) || !isList(actual)) return same(promised, actual) || identical(promised, actual);
  const [known, found] = [promised.filter(isKnown), new Set<Value>(actual)];
  // Unknown elements may turn out to be the same as others.
  return (
    known.every((element) => found.has(element)) &&
    (known.length === promised.length ? found.size === known.length : found.size <= promised.length)
  );
}

function identical(a: Value, b: Value): boolean {
  if (a instanceof Unknown || b instanceof Unknown) return a instanceof Unknown && b instanceof Unknown;
  if (!isList(a) || !isList(b)) return same(a, b);
  const [x, y] = [inOrder(a), inOrder(b)];
  return x.length === y.length && x.every((element, i) => identical(element, y[i] ?? null));
}

export function shown(value: Value): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Unknown ? `unknown ${each.prefix}…` : each));
}
