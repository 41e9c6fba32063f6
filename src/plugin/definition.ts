import type {
  ConfigOf,
  ImportedOf,
  KnownConfigOf,
  PlanOf,
  PlannedOf,
  ReadStateOf,
  StateOf,
  ValueOf,
} from './inference';
import type { Attributes, Type } from './schema';
import type { Path } from './value';

/** JSON as provider-private data and old states hold it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** What every handler is given besides its values. */
export interface Context {
  /** Aborted when the user interrupts Terraform: finish or back out cleanly. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Tells the user something that is not an error. */
  readonly warn: Report;
}
/** `path` points into the configuration. */
export type Report = (path: Path | undefined, summary: string, detail?: string) => void;
type LogLine = (message: string, fields?: JsonObject) => void;
export interface Log {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}
/** For `validate` and `plan`: reports a problem and goes on, so that all of them are shown at once. */
export interface Problems {
  readonly error: Report;
}
/** Data kept with one resource in Terraform's state, unseen by the user. What is set in a plan arrives at its apply. */
export interface PrivateData {
  readonly get: (key: string) => Json | undefined;
  /** `undefined` removes the key. */
  readonly set: (key: string, value: Json | undefined) => void;
}
type Awaitable<T> = T | Promise<T>;
interface ResourceContext<C> extends Context {
  /** The configured connection. */
  readonly provider: C;
  readonly privateData: PrivateData;
}

/** One kind of managed resource. `I`: the attributes that say which object it is, which `import` sets and `read` relies on. */
export interface ResourceSpec<A extends Attributes, I extends keyof A & string, C> {
  /** Without the provider's prefix: `trusted_registry`. */
  readonly name: string;
  /**
   * Of the schema, 0 at first. A state in a user's hands outlives the provider that wrote it, so once a version is released:
   * - a new attribute needs nothing: in old states it has its default, else null until the next read;
   * - an attribute that goes, or another name, type, meaning or form of one, needs the next version, an `upgrade` from the
   *   one before, and a test with a state that the old one wrote. Steps stay for good: states may be of any age.
   * Terraform refuses a state of a newer version than the provider's before it asks. The identity has no versions here: its
   * attributes stay what they are.
   */
  readonly version?: number;
  readonly description: string;
  readonly deprecated?: string;
  readonly attributes: A;
  readonly identity?: readonly I[];
  /** Checks across attributes. Called before the provider is configured; anything may be UNKNOWN. */
  validate?(args: { readonly config: ConfigOf<A> } & Context & Problems): Awaitable<void>;
  /**
   * Makes the plan better than the default: more computed values known (or UNKNOWN again), more reasons to replace,
   * errors. Called for create and update, at plan and again at apply. Returns the plan, or nothing when it stays.
   */
  plan?(
    args: {
      /** undefined: a new object. */
      readonly prior: StateOf<A> | undefined;
      readonly config: ConfigOf<A>;
      readonly planned: PlanOf<A>;
      /** This attribute's change needs a new object. */
      readonly requireReplace: (path: Path) => void;
    } & ResourceContext<C> &
      Problems,
  ): Awaitable<PlanOf<A> | undefined> | Awaitable<void>;
  /** Objects to a plain destroy, or warns (a replacement does not come here). */
  planDestroy?(args: { readonly prior: StateOf<A> } & ResourceContext<C> & Problems): Awaitable<void>;
  /** Throw `PartialState` when something was made but not all: the object is then kept, tainted. */
  create(
    args: { readonly planned: PlannedOf<A>; readonly config: KnownConfigOf<A> } & ResourceContext<C>,
  ): Awaitable<StateOf<A>>;
  /** The object as it is now; undefined: it is gone. */
  read(args: { readonly state: ReadStateOf<A, I> } & ResourceContext<C>): Awaitable<StateOf<A> | undefined>;
  /** After an error the state stays `prior`, or what a thrown `PartialState` holds. Left out: every change replaces. */
  update?(
    args: {
      readonly prior: StateOf<A>;
      readonly planned: PlannedOf<A>;
      readonly config: KnownConfigOf<A>;
    } & ResourceContext<C>,
  ): Awaitable<StateOf<A>>;
  delete(args: { readonly state: StateOf<A> } & ResourceContext<C>): Awaitable<void>;
  /** From the ID of `terraform import` to (at least) the identity. `read` is called next. */
  import?(args: { readonly id: string } & ResourceContext<C>): Awaitable<ImportedOf<A, I>>;
  /** From a state of an older schema version (the key) to the next one: plain JSON in and out, nothing asked of a server. */
  readonly upgrade?: Readonly<Record<number, (state: JsonObject) => JsonObject>>;
}

export interface DataSourceSpec<A extends Attributes, C> {
  /** Without the provider's prefix. */
  readonly name: string;
  readonly description: string;
  readonly deprecated?: string;
  readonly attributes: A;
  validate?(args: { readonly config: ConfigOf<A> } & Context & Problems): Awaitable<void>;
  read(args: { readonly config: KnownConfigOf<A>; readonly provider: C } & Context): Awaitable<StateOf<A>>;
}

export interface Parameter<N extends string = string, T extends Type = Type> {
  readonly name: N;
  readonly type: T;
  readonly description: string;
}
export interface FunctionSpec<P extends readonly Parameter[], R extends Type> {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: P;
  readonly returns: R;
  /** Arguments by parameter name, all known and not null. Pure: the same arguments give the same result. */
  run(args: {
    readonly [Q in P[number] as Q['name']]: ValueOf<Q['type'], 'state'>;
  }): Awaitable<ValueOf<R, 'state'>>;
}

/** How an error reads to the user. */
export interface Explanation {
  readonly summary: string;
  readonly detail?: string;
  readonly path?: Path;
}
export interface ProviderSpec<A extends Attributes, C> {
  /** Also the prefix of its resources' names. */
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly attributes: A;
  validate?(args: { readonly config: ConfigOf<A> } & Context & Problems): Awaitable<void>;
  /** Makes the connection that handlers get as `provider`. Values not known yet are UNKNOWN. */
  configure(args: { readonly config: ConfigOf<A>; readonly terraformVersion: string } & Context): Awaitable<C>;
  /** Called when Terraform is done with a connection; about a second is left. */
  disconnect?(connection: C): Awaitable<void>;
  readonly resources: readonly Resource<C>[];
  readonly dataSources?: readonly DataSource<C>[];
  readonly functions?: readonly ProviderFunction[];
  /** Turns an error thrown by a handler into words; by default its message and `cure`, at its `attribute`. */
  explain?(error: unknown): Explanation | undefined;
}

// What the server works with: the same without the attributes' types. Values are checked against the schema before a
// handler sees them and after it returns, which is what lets these stand for the typed ones.
export type Resource<C> = ResourceSpec<Attributes, string, C>;
export type DataSource<C> = DataSourceSpec<Attributes, C>;
export type ProviderFunction = FunctionSpec<readonly Parameter[], Type>;
export type ProviderDefinition = ProviderSpec<Attributes, unknown>;

/** Declares resources and data sources whose handlers are given a `C` (what the provider's `configure` makes). */
export function definitions<C>() {
  function resource<A extends Attributes, I extends keyof A & string = never>(
    spec: ResourceSpec<A, I, C>,
  ): Resource<C> & { readonly attributes: A };
  function resource(spec: Resource<C>): Resource<C> {
    return spec;
  }
  function dataSource<A extends Attributes>(spec: DataSourceSpec<A, C>): DataSource<C> & { readonly attributes: A };
  function dataSource(spec: DataSource<C>): DataSource<C> {
    return spec;
  }
  return { resource, dataSource, function: providerFunction };
}

function providerFunction<const P extends readonly Parameter[], R extends Type>(
  spec: FunctionSpec<P, R>,
): ProviderFunction;
function providerFunction(spec: ProviderFunction): ProviderFunction {
  return spec;
}

/** The provider as a whole, as `serve`, `serveForTests` and `providerSchemaJson` take it. */
export function providerDefinition<A extends Attributes, C>(spec: ProviderSpec<A, C>): ProviderDefinition;
export function providerDefinition(spec: ProviderDefinition): ProviderDefinition {
  return spec;
}
