import * as v from 'valibot';
import { json, jsonBody, type Reply, route, type Route, type SandboxRequest } from '../route';
import type { Account } from './accounts';
import type { Controller } from './controller';

/** A refusal in the engine's words: `{"message"}`. */
export function engineError(status: number, message: string): Reply {
  // The docker CLI reads the message only when the type is exactly this, without a charset.
  return json({ message }, status, { 'Content-Type': 'application/json' });
}

/** A refusal in eNZi's words: `{"errors":[{"code","message","detail"}]}`. */
export function enziError(status: number, code: string, message: string, detail: unknown = null): Reply {
  return json({ errors: [{ code, message, detail }] }, status);
}

/** Thrown by a handler to answer with this reply. */
export class Refused extends Error {
  constructor(readonly reply: Reply) {
    super('refused');
  }
}

/** A handler that knows who asks. */
export type AccountHandler = (request: SandboxRequest, account: Account) => Reply | Promise<Reply>;

/**
 * Routes of the engine's API, with or without `/v1.40` in front; only for who is signed in.
 * @param path a path with `:name` for one segment and `:name+` for one or more
 */
export function engineRoute(controller: Controller, methods: string, path: string, handle: AccountHandler): Route {
  return route(methods, pattern('(?:/v\\d+\\.\\d+)?', path), (request) => {
    const account = controller.accountOf(request);
    if (account === undefined) return engineError(401, 'unauthorized');
    return answered(() => handle(request, account));
  });
}

/** Routes of the accounts' API, at the root and below `/enzi/v0` alike; only for who is signed in. */
export function enziRoute(controller: Controller, methods: string, path: string, handle: AccountHandler): Route {
  return route(methods, pattern('(?:/enzi/v0)?', path), (request) => {
    const account = controller.accountOf(request);
    if (account === undefined) {
      return enziError(401, 'NOT_AUTHENTICATED', 'The request contained no valid authentication.');
    }
    return answered(() => handle(request, account));
  });
}

/** The body against a schema. @throws Refused with 400 */
export function bodyOf<Schema extends v.GenericSchema>(
  request: SandboxRequest,
  schema: Schema,
  refuse: (message: string) => Reply,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, jsonBody(request));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Refused(refuse(`${v.getDotPath(issue) ?? 'body'}: ${issue.message}`));
}

async function answered(handle: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof Refused) return error.reply;
    throw error;
  }
}

function pattern(prefix: string, path: string): RegExp {
  const source = path.replace(/\./g, '\\.').replace(/\/:(\w+)(\+?)/g, (_, name: string, more: string) => {
    return `/(?<${name}>${more === '+' ? '.+' : '[^/]+'})`;
  });
  return new RegExp(`^${prefix}${source}/?$`);
}
