import { readFileSync } from 'node:fs';
import { SOURCE, type World } from './world';

/** What HCL and JSON write alike; `${…}` in a text is an expression. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };
export type Settings = Readonly<Record<string, Value>>;

/** What differs from the usual provider block; undefined values are left out of it. */
export interface Changes {
  readonly registry?: Readonly<Record<string, Value | undefined>>;
  readonly clusters?: Readonly<Record<string, Settings>>;
  /** Images that cluster2 has to be able to run. */
  readonly mustAdmit?: readonly string[];
  readonly trustStore?: Settings;
  /** Private keys, PEM, by name. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly more?: Settings;
}

/** `required_providers` and a provider block for all of the sandbox: bundles, a trust store of its own, no signing keys. */
export function provider(world: World, changes: Changes = {}): string {
  const required = `terraform {\n  required_providers {\n    dct = { source = "${SOURCE}" }\n  }\n}\n`;
  return `${required}\n${block('provider "dct"', providerSettings(world, changes))}`;
}

/** What stands in that block. */
export function providerSettings(world: World, changes: Changes = {}): Settings {
  const { registry, clusters } = world.sandbox;
  const known = clusters.map(({ name, clientBundle }): [string, Settings] => [
    name,
    {
      client_bundle_path: clientBundle,
      ...(name === 'cluster2' && changes.mustAdmit !== undefined && { must_admit: changes.mustAdmit }),
    },
  ]);
  const keys = Object.entries(changes.keys ?? {}).map(([name, key]): [string, Value] => [name, { private_key: key }]);
  return {
    registry: given({
      host_address: registry.hostAddress,
      ca_bundle: readFileSync(registry.caFile, 'utf8'),
      username: registry.username,
      ...changes.registry,
    }),
    clusters: { ...Object.fromEntries(known), ...changes.clusters },
    trust_store: { directory: world.trustStore, create_root_key: true, ...changes.trustStore },
    signing_keys: Object.fromEntries(keys),
    max_retries: 1,
    ...changes.more,
  };
}

/** A resource of ours: `resource('signed_tag', 'one', { … }, { after: ['dct_repository.demo'] })`. */
export function resource(type: string, name: string, settings: Settings, meta: Meta = {}): string {
  return block(`resource "dct_${type}" "${name}"`, settings, meta);
}

interface Meta {
  /** What has to be there first. */
  readonly after?: readonly string[];
  /** Lines of HCL. */
  readonly more?: string;
}

export function block(head: string, settings: Settings, { after = [], more = '' }: Meta = {}): string {
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`);
  if (after.length > 0) lines.push(`  depends_on = [${after.join(', ')}]`);
  if (more !== '') lines.push(`  ${more}`);
  return `${head} {\n${lines.join('\n')}\n}\n`;
}

function given(values: Readonly<Record<string, Value | undefined>>): Settings {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, Value][] => (value === undefined ? [] : [[name, value]])),
  );
}
