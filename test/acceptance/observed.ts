import { isDeepStrictEqual } from 'node:util';
import type { Change, Outcome, PlanOutcome } from './terraform';
import type { World } from './world';

/** Requests that may have changed something since `forget`: `cluster2 PUT /api/ucp/config-toml`. Logins are none. */
export function writes(world: World): string[] {
  const endpoints = [
    { name: 'registry', endpoint: world.sandbox.dtr.endpoint },
    ...world.sandbox.clusters.map(({ name }) => ({ name, endpoint: world.sandbox.ucp(name).endpoint })),
  ];
  return endpoints.flatMap(({ name, endpoint }) =>
    endpoint.requests
      .list()
      .filter(({ method, path }) => !['GET', 'HEAD'].includes(method) && !/^\/(auth\/|id\/logout)/.test(path))
      .map(({ method, path }) => `${name} ${method} ${path}`),
  );
}

export function forget(world: World): void {
  world.sandbox.dtr.endpoint.requests.clear();
  for (const { name } of world.sandbox.clusters) world.sandbox.ucp(name).endpoint.requests.clear();
}

/** How a plan changes resources and what it does not change is left out: `dct_repository.demo update`. */
export function actions({ changes }: PlanOutcome): string[] {
  return changes
    .filter((change) => !['no-op', 'read'].includes(change.actions.join()))
    .map(({ address, actions: planned }) => `${address} ${planned.join(' ')}`);
}

export function changeOf({ changes }: PlanOutcome, address: string): Change {
  const found = changes.find((change) => change.address === address);
  if (found === undefined) throw new Error(`the plan says nothing of ${address}`);
  return found;
}

/** Attributes that a change gives another value. */
export function changed({ before, after, unknown }: Change): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {}), ...Object.keys(unknown)]);
  return [...names]
    .filter((name) => unknown[name] === true || !isDeepStrictEqual(before?.[name], after?.[name]))
    .sort();
}

/** Everything that Terraform says is wrong, in one text. */
export function complaints({ errors }: Outcome): string {
  return errors.map(({ summary, detail }) => `${summary}\n${detail}`).join('\n\n');
}

export function warningsOf({ warnings }: Outcome): string {
  return warnings.map(({ summary, detail }) => `${summary}\n${detail}`).join('\n\n');
}
