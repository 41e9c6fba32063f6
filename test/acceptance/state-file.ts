import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { StateResource } from './terraform-json';

// A state as Terraform keeps it in a file and in a saved plan, as far as tests look at it.

const Instance = v.looseObject({
  attributes: v.record(v.string(), v.unknown()),
  index_key: v.optional(v.union([v.string(), v.number()])),
  status: v.optional(v.string()),
  deposed: v.optional(v.string()),
  sensitive_attributes: v.optional(v.array(v.array(v.looseObject({ value: v.unknown() }))), []),
});
const StateFileShape = v.object({
  outputs: v.optional(v.record(v.string(), v.looseObject({ value: v.unknown() })), {}),
  resources: v.array(
    v.looseObject({
      module: v.optional(v.string()),
      mode: v.string(),
      type: v.string(),
      name: v.string(),
      provider: v.string(),
      instances: v.array(Instance),
    }),
  ),
});
export type StateFile = v.InferOutput<typeof StateFileShape>;

export function parseStateFile(text: string): StateFile {
  return v.parse(StateFileShape, JSON.parse(text));
}

export interface ReadState {
  readonly text: string;
  readonly state: StateFile;
}

/** What `terraform.tfstate` of a directory holds; nothing where there is none yet. No run of Terraform is needed for that. */
export async function readState(directory: string): Promise<ReadState> {
  const text = await readFile(join(directory, 'terraform.tfstate'), 'utf8').catch(() => '');
  return { text, state: text === '' ? { outputs: {}, resources: [] } : parseStateFile(text) };
}

/** Resources and data sources by address, as `terraform show -json` has them. */
export function resourcesIn({ resources }: StateFile): ReadonlyMap<string, StateResource> {
  const all = resources.flatMap(({ module, mode, type, name, instances }) =>
    instances
      .filter(({ deposed }) => deposed === undefined)
      .map(({ attributes, index_key, status, sensitive_attributes }): StateResource => {
        const index = index_key === undefined ? '' : `[${JSON.stringify(index_key)}]`;
        const own = `${mode === 'data' ? 'data.' : ''}${type}.${name}${index}`;
        const sensitive = sensitive_attributes.map((path): [string, boolean] => [String(path[0]?.value), true]);
        return {
          address: module === undefined ? own : `${module}.${own}`,
          type,
          values: attributes,
          tainted: status === 'tainted',
          sensitive_values: Object.fromEntries(sensitive),
        };
      }),
  );
  return new Map(all.map((resource) => [resource.address, resource]));
}
