import { providerAnswers, type ProviderAnswers, type ProviderDefinition } from '../../../src/plugin';
import type { Block } from './expressions';
import { applyAll } from './apply';
import { addressIn, type Deposed, planAll, type PlannedChange, planEnd, type PlanOptions, type State } from './plan';
import { ProviderLink, type Said, type Schemas } from './provider-link';
import { Cycle, type Step, walk } from './order';
import { ProviderFault } from './checks';
import { same, type Values } from './wire';

export interface Wanted {
  readonly provider: Values;
  readonly blocks: readonly Block[];
}
export interface Ended {
  readonly ok: boolean;
  readonly errors: readonly Said[];
  readonly warnings: readonly Said[];
}
export interface Planned extends Ended {
  readonly changes: readonly PlannedChange[];
  /** What is not as the state had it: `dct_enforcement.it: require_content_trust`. */
  readonly drift: readonly string[];
  readonly wanted: Wanted;
  readonly refreshed: State;
  readonly deposed: Deposed;
  /** Of the state it was made for. */
  readonly serial: number;
}

/**
 * Stands in for Terraform's core, in this process: it drives a provider through its protocol calls in Terraform's order,
 * each walk with a connection of its own, and refuses whatever Terraform would call a bug in the provider (`ProviderFault`).
 * Knows managed resources of one provider, and `terraform_data`. What it does is compared with real Terraform's doings.
 */
export class StandIn {
  state: State = new Map();
  deposed: Deposed = new Map();
  private serial = 0;

  private constructor(
    private readonly answers: ProviderAnswers,
    private readonly schemas: Schemas,
    /** Provider configurations that were found to be valid; what a provider says of one never changes. */
    private readonly validated: WeakSet<Values> = new WeakSet(),
  ) {}

  static async start(definition: ProviderDefinition): Promise<StandIn> {
    const ignore = (): void => undefined;
    const answers = providerAnswers(definition, {
      trace: ignore,
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: ignore,
    });
    return new StandIn(answers, await ProviderLink.schemas(answers));
  }

  /** Another state, with the same provider. */
  another(): StandIn {
    return new StandIn(this.answers, this.schemas, this.validated);
  }

  async plan(wanted: Wanted, options: PlanOptions = {}): Promise<Planned> {
    const [before, { serial }] = [this.state, this];
    const { made, ended } = await this.walk(wanted, (link) =>
      planAll(link, wanted.blocks, before, this.deposed, options),
    );
    const { refreshed, deposed, changes } = made ?? { refreshed: before, deposed: this.deposed, changes: [] };
    const drift = [...before].flatMap(([address, { value }]) => {
      const now = refreshed.get(address)?.value;
      const changed = Object.keys(value).filter((name) => !same(value[name] ?? null, now?.[name] ?? null));
      return changed.length === 0 ? [] : [`${address}: ${now === undefined ? 'gone' : changed.join(', ')}`];
    });
    return { ...ended, changes, drift, wanted, refreshed, deposed, serial };
  }

  async planDestroy(wanted: Wanted): Promise<Planned> {
    const usual = await this.plan(wanted);
    if (!usual.ok) return usual;
    const { made, ended } = await this.walk(wanted, async (link) => {
      const changes: PlannedChange[] = [];
      const steps = [...usual.refreshed].map(([address, entry]): Step => ({
        key: address,
        after: [...usual.refreshed].filter(([, other]) => other.dependencies.includes(address)).map(([name]) => name),
        run: async () => {
          const change = await planEnd(link, address, entry);
          if (change !== undefined) changes.push(change);
          return change !== undefined;
        },
      }));
      steps.push(
        ...[...usual.deposed].map(([key, entry]): Step => ({
          key,
          after: [],
          run: async () => {
            const change = await planEnd(link, addressIn(key), entry);
            if (change !== undefined) changes.push({ ...change, deposed: key });
            return change !== undefined;
          },
        })),
      );
      await walk(steps);
      return changes;
    });
    return { ...usual, ...ended, changes: made ?? [] };
  }

  /** Does what a plan says, unless the state is not the one it was made for. */
  async applyPlan({ ok, changes, wanted, refreshed, deposed, serial, errors, warnings }: Planned): Promise<Ended> {
    if (!ok) return { ok, errors, warnings };
    if (serial !== this.serial) throw new Error('Saved plan is stale');
    this.serial += 1;
    this.state = refreshed;
    this.deposed = deposed;
    const { made, ended } = await this.walk(wanted, (link) => applyAll(link, changes, refreshed, deposed));
    if (made === undefined) return ended;
    this.state = made.state;
    this.deposed = made.deposed;
    if (made.failed && ended.ok) throw new ProviderFault('Provider failed without saying why');
    return ended;
  }

  /** Brings them in by their IDs, all in one go, as `import` blocks do. */
  async import(wanted: Wanted, ids: ReadonlyMap<string, string>): Promise<Ended> {
    const { made = [], ended } = await this.walk(wanted, (link) =>
      Promise.all(
        [...ids].map(async ([address, id]) => {
          const type = address.slice(0, address.indexOf('.'));
          const found = await link.import(address, type, id);
          if (found === undefined || found.value === null) return undefined;
          return [address, { type, ...found, value: found.value, dependencies: [], tainted: false }] as const;
        }),
      ),
    );
    const found = made.filter((each) => each !== undefined);
    this.state = new Map([...this.state, ...found]);
    this.serial += 1;
    return { ...ended, ok: ended.ok && found.length === ids.size };
  }

  /** As `terraform state rm`. */
  forget(addresses: readonly string[]): void {
    const stays = ([key]: readonly [string, unknown]): boolean => !addresses.includes(addressIn(key));
    this.state = new Map([...this.state].filter(stays));
    this.deposed = new Map([...this.deposed].filter(stays));
    this.serial += 1;
  }

  private async walk<T>(
    { provider }: Wanted,
    work: (link: ProviderLink) => Promise<T>,
  ): Promise<{ readonly made: T | undefined; readonly ended: Ended }> {
    const said: Said[] = [];
    const link = new ProviderLink(this.answers, this.schemas, said);
    try {
      const isConfigured = await link.configure(provider, this.validated.has(provider));
      if (isConfigured) this.validated.add(provider);
      const made = isConfigured ? await work(link) : undefined;
      const errors = said.filter(({ severity }) => severity === 'error');
      const warnings = said.filter(({ severity }) => severity === 'warning');
      return { made, ended: { ok: errors.length === 0, errors, warnings } };
    } catch (error) {
      if (!(error instanceof Cycle)) throw error;
      const errors: Said[] = [{ severity: 'error', address: '', text: error.message }];
      return { made: undefined, ended: { ok: false, errors, warnings: [] } };
    } finally {
      await link.close();
    }
  }
}
