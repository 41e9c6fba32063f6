import * as v from 'valibot';

// Terraform's machine-readable output (https://developer.hashicorp.com/terraform/internals/json-format and
// …/machine-readable-ui), as far as tests look at it.

const DiagnosticShape = v.object({
  severity: v.picklist(['error', 'warning']),
  summary: v.string(),
  detail: v.optional(v.string(), ''),
  address: v.optional(v.string()),
  range: v.optional(
    v.object({ filename: v.string(), start: v.object({ line: v.number() }), end: v.object({ line: v.number() }) }),
  ),
  snippet: v.optional(v.object({ code: v.string(), context: v.nullish(v.string()) })),
});
/** `snippet.code` is the line an attribute path points to. */
export type Diagnostic = v.InferOutput<typeof DiagnosticShape>;

const LineShape = v.object({ type: v.optional(v.string()), diagnostic: v.optional(DiagnosticShape) });

export function diagnosticsIn(lines: string): Diagnostic[] {
  return lines.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { diagnostic } = v.parse(LineShape, JSON.parse(line));
    return diagnostic === undefined ? [] : [diagnostic];
  });
}

const PlannedShape = v.object({
  type: v.literal('planned_change'),
  change: v.object({ resource: v.object({ addr: v.string() }), action: v.string() }),
});

/** What a plan says while it runs (`plan -json`): one action for each resource that it does something about. */
export function plannedIn(lines: string): { readonly address: string; readonly action: string }[] {
  return lines.split('\n').flatMap((line) => {
    const planned = line.startsWith('{') ? v.safeParse(PlannedShape, JSON.parse(line)) : undefined;
    if (planned?.success !== true) return [];
    const { resource, action } = planned.output.change;
    return [{ address: resource.addr, action }];
  });
}

const Values = v.nullable(v.record(v.string(), v.unknown()));
const ChangeShape = v.object({
  address: v.string(),
  type: v.string(),
  action_reason: v.optional(v.string()),
  change: v.object({
    actions: v.array(v.picklist(['no-op', 'create', 'read', 'update', 'delete', 'forget'])),
    before: v.optional(Values, null),
    after: v.optional(Values, null),
    after_unknown: v.optional(v.union([v.boolean(), v.record(v.string(), v.unknown())]), {}),
    replace_paths: v.optional(v.array(v.array(v.union([v.string(), v.number()]))), []),
    importing: v.optional(v.object({ id: v.optional(v.string()) })),
  }),
});
const PlanShape = v.object({
  resource_changes: v.optional(v.array(ChangeShape), []),
  resource_drift: v.optional(v.array(ChangeShape), []),
});

export interface Change {
  readonly address: string;
  readonly type: string;
  /** `create`, `update`, `delete`, `no-op`, `read`; a replacement is two. */
  readonly actions: readonly string[];
  /** Such as `replace_because_cannot_update`. */
  readonly reason: string | undefined;
  readonly before: Readonly<Record<string, unknown>> | null;
  /** What is known; see `unknown`. */
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly unknown: Readonly<Record<string, unknown>>;
  readonly replacePaths: readonly (readonly (string | number)[])[];
  readonly importing: boolean;
}

export function changesOf(planJson: string): {
  readonly changes: readonly Change[];
  readonly drift: readonly Change[];
} {
  const plan = v.parse(PlanShape, JSON.parse(planJson));
  return { changes: plan.resource_changes.map(changeOf), drift: plan.resource_drift.map(changeOf) };
}

function changeOf({ address, type, action_reason, change }: v.InferOutput<typeof ChangeShape>): Change {
  return {
    address,
    type,
    actions: change.actions,
    reason: action_reason,
    before: change.before,
    after: change.after,
    unknown: typeof change.after_unknown === 'boolean' ? {} : change.after_unknown,
    replacePaths: change.replace_paths,
    importing: change.importing !== undefined,
  };
}

const ResourceShape = v.object({
  address: v.string(),
  type: v.string(),
  values: v.record(v.string(), v.unknown()),
  tainted: v.optional(v.boolean(), false),
  sensitive_values: v.optional(v.unknown()),
});
export type StateResource = v.InferOutput<typeof ResourceShape>;

interface Module {
  readonly resources: readonly StateResource[];
  readonly child_modules: readonly Module[];
}
const ModuleShape: v.GenericSchema<unknown, Module> = v.object({
  resources: v.optional(v.array(ResourceShape), []),
  child_modules: v.optional(v.array(v.lazy(() => ModuleShape)), []),
});
const StateShape = v.object({ values: v.optional(v.object({ root_module: v.optional(ModuleShape) })) });

export function resourcesOf(stateJson: string): ReadonlyMap<string, StateResource> {
  const { values } = v.parse(StateShape, JSON.parse(stateJson));
  const all = (module: Module): StateResource[] => [...module.resources, ...module.child_modules.flatMap(all)];
  const root = values?.root_module;
  return new Map((root === undefined ? [] : all(root)).map((resource) => [resource.address, resource]));
}

export function outputsOf(outputJson: string): Readonly<Record<string, unknown>> {
  const outputs = v.parse(v.record(v.string(), v.object({ value: v.unknown() })), JSON.parse(outputJson));
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}
