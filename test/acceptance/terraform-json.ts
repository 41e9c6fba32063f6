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
  type: v.picklist(['planned_change', 'resource_drift']),
  change: v.object({
    resource: v.object({ addr: v.string() }),
    action: v.string(),
    reason: v.optional(v.string()),
  }),
});
const OutputsShape = v.object({
  type: v.literal('outputs'),
  outputs: v.record(v.string(), v.object({ action: v.optional(v.string(), 'noop') })),
});

/** What Terraform is about to do with one resource, or what has happened to it outside. */
export interface Planned {
  readonly address: string;
  /** `create`, `update`, `delete`, `replace`, `import`, `move`, `read`. */
  readonly action: string;
  /** Such as `cannot_update`. */
  readonly reason: string | undefined;
}

/** What a plan or an apply says while it runs (`-json`): each resource that it does something about. */
export function plannedIn(lines: string): Planned[] {
  return changesIn(lines, 'planned_change');
}

/** Resources that are not as the state had them. */
export function driftIn(lines: string): Planned[] {
  return changesIn(lines, 'resource_drift');
}

/** Names of outputs that a plan would change. */
export function changedOutputsIn(lines: string): string[] {
  return objectsIn(lines, OutputsShape).flatMap(({ outputs }) =>
    Object.entries(outputs).flatMap(([name, { action }]) => (action === 'noop' ? [] : [name])),
  );
}

function changesIn(lines: string, wanted: string): Planned[] {
  return objectsIn(lines, PlannedShape).flatMap(({ type, change: { resource, action, reason } }) =>
    type === wanted ? [{ address: resource.addr, action, reason }] : [],
  );
}

function objectsIn<T>(lines: string, shape: v.GenericSchema<unknown, T>): T[] {
  return lines.split('\n').flatMap((line) => {
    const found = line.startsWith('{') ? v.safeParse(shape, JSON.parse(line)) : undefined;
    return found?.success === true ? [found.output] : [];
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

/** A resource or data source of a state. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly tainted: boolean;
  readonly sensitive_values: Readonly<Record<string, boolean>>;
}
