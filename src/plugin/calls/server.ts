import { setMaxListeners } from 'node:events';
import type { Context, DataSource, Log, ProviderDefinition, ProviderFunction, Resource } from '../definition';
import { type Diagnostics, explainError } from '../diagnostics';

/** A provider ready to be called: its declarations by the names Terraform uses. Makes nothing until it is called. */
export class ProviderServer {
  readonly resources: ReadonlyMap<string, Resource<unknown>>;
  readonly dataSources: ReadonlyMap<string, DataSource<unknown>>;
  readonly functions: ReadonlyMap<string, ProviderFunction>;

  constructor(
    readonly definition: ProviderDefinition,
    readonly log: Log,
  ) {
    const prefixed = <T extends { readonly name: string }>(all: readonly T[]) =>
      new Map(all.map((one) => [`${definition.name}_${one.name}`, one]));
    this.resources = prefixed(definition.resources);
    this.dataSources = prefixed(definition.dataSources ?? []);
    this.functions = new Map((definition.functions ?? []).map((one) => [one.name, one]));
  }

  /** @throws Error for a type this provider does not have (Terraform knows the schema and never asks) */
  resource(typeName: string): Resource<unknown> {
    return found(this.resources, typeName, 'resource');
  }

  dataSource(typeName: string): DataSource<unknown> {
    return found(this.dataSources, typeName, 'data source');
  }

  /**
   * Runs a handler; what it throws becomes a diagnostic. `handler` says which: "read of dct_x".
   * @returns what the handler returned, or `failed` with the error it threw
   */
  async run<T>(diagnostics: Diagnostics, handler: string, work: () => T | Promise<T>): Promise<Outcome<T>> {
    try {
      return { value: await work() };
    } catch (error) {
      const { summary, detail, path } = explainError(error, handler, this.definition.explain?.bind(this.definition));
      this.log.error(`${handler}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      diagnostics.error(path, summary, detail);
      return { failed: error };
    }
  }
}
export type Outcome<T> =
  { readonly value: T; readonly failed?: undefined } | { readonly value?: undefined; readonly failed: unknown };

/** What one connection of Terraform has set up: each command (and each alias) configures its own. */
export class Session {
  /** What `configure` made; undefined until then. */
  configured: { readonly connection: unknown } | undefined;
  private readonly stopping = new AbortController();

  constructor() {
    // As many handlers listen as Terraform runs at once (-parallelism).
    setMaxListeners(0, this.stopping.signal);
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** The user interrupted Terraform: running and later handlers see it at their `signal`. */
  stop(): void {
    const cure = 'Run the same again: it completes what this left undone.';
    this.stopping.abort(Object.assign(new Error('Terraform was interrupted'), { cure }));
  }

  /** @throws Error before ConfigureProvider */
  connection(): unknown {
    if (this.configured === undefined) throw new Error('The provider is not configured');
    return this.configured.connection;
  }
}

export function contextOf(server: ProviderServer, session: Session, diagnostics: Diagnostics): Context {
  return { signal: session.signal, log: server.log, warn: diagnostics.warn };
}

export function found<T>(all: ReadonlyMap<string, T>, name: string, what: string): T {
  const one = all.get(name);
  if (one === undefined) throw new Error(`this provider has no ${what} ${name}`);
  return one;
}
