import * as v from 'valibot';

const faultSchema = v.strictObject({
  match: v.optional(v.strictObject({ method: v.optional(v.string()), path: v.optional(v.string()) }), {}),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  kind: v.picklist(['status', 'reset', 'delay', 'truncate']),
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)), 503),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())]), ''),
  delayMs: v.optional(v.pipe(v.number(), v.minValue(0)), 100),
  after: v.optional(v.boolean(), false),
});

/**
 * A misbehaviour ordered from an endpoint for its next `count` matching requests.
 * `match.path` is a prefix of the path with its query, or a regular expression when it begins with `^`.
 * `status` answers instead of handling, `reset` drops the connection, `delay` waits first, `truncate` handles the
 * request and cuts the reply in half. With `after` the request is handled first and then the reply is lost or late.
 */
export type Fault = v.InferOutput<typeof faultSchema>;
export type FaultOrder = v.InferInput<typeof faultSchema>;

/** The faults an endpoint has still to play, in the order they were asked for. */
export class Faults {
  private readonly orders: { readonly fault: Fault; left: number }[] = [];

  /** @throws valibot's `ValiError` for an order that is not one */
  add(order: unknown): void {
    const fault = v.parse(faultSchema, order);
    if (fault.match.path?.startsWith('^')) new RegExp(fault.match.path);
    this.orders.push({ fault, left: fault.count });
  }

  clear(): void {
    this.orders.length = 0;
  }

  /** Those still to come; `count` is what is left. */
  pending(): Fault[] {
    return this.orders.map(({ fault, left }) => ({ ...fault, count: left }));
  }

  /** The fault for this request, if there is one, counted down. */
  take(method: string, path: string): Fault | undefined {
    const index = this.orders.findIndex(({ fault }) => matches(fault.match, method, path));
    const order = this.orders[index];
    if (order === undefined) return undefined;
    order.left -= 1;
    if (order.left === 0) this.orders.splice(index, 1);
    return order.fault;
  }
}

function matches(match: Fault['match'], method: string, path: string): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (match.path === undefined) return true;
  return match.path.startsWith('^') ? new RegExp(match.path).test(path) : path.startsWith(match.path);
}
