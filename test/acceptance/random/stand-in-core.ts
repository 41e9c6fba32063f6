import * as v from 'valibot';
import type { ProviderDefinition } from '../../../src/plugin';
import type { Block } from '../core/expressions';
import { type Planned, StandIn, type Wanted } from '../core/stand-in';
import type { Value, Values } from '../core/wire';
import type { Core, Ended, Plan } from './core';

const values = v.record(
  v.string(),
  v.custom<Value>(() => true),
);

/** A sequence's core that runs in this process. */
export class StandInCore implements Core {
  private wanted: Wanted;
  private planned: Planned | undefined;
  warnings: readonly string[] = [];

  private constructor(
    private readonly core: StandIn,
    private readonly provider: (mustAdmit: readonly string[]) => Values,
  ) {
    this.wanted = { provider: provider([]), blocks: [] };
  }

  /** @param settings the provider's, for clusters that have to be able to run these images */
  static async maker(
    definition: ProviderDefinition,
    settings: (mustAdmit: readonly string[]) => unknown,
  ): Promise<() => StandInCore> {
    const core = await StandIn.start(definition);
    // The same object each time: what the core has validated it does not validate again.
    const usual = v.parse(values, settings([]));
    return () =>
      new StandInCore(core.another(), (images) => (images.length === 0 ? usual : v.parse(values, settings(images))));
  }

  configure(blocks: readonly Block[], mustAdmit: readonly string[] = []): Promise<void> {
    this.wanted = { provider: this.provider(mustAdmit), blocks };
    return Promise.resolve();
  }

  async plan(options: Parameters<Core['plan']>[0] = {}): Promise<Plan> {
    this.planned = await this.core.plan(this.wanted, options);
    const { ok, errors, warnings, changes, drift } = this.planned;
    this.warnings = warnings.map(({ text }) => text);
    return {
      ok,
      errors: errors.map(({ address, text }) => `${address}: ${text}`),
      drift,
      changes: changes.map(({ address, action, reasons, prior, planned, createBeforeDestroy }) => ({
        address,
        action,
        reasons,
        before: prior?.value['id'],
        after: planned?.['id'],
        tainted: prior?.tainted === true,
        createsFirst: action === 'replace' && createBeforeDestroy,
        wasDue: prior?.value['renewal_due'] === true,
      })),
    };
  }

  async apply(): Promise<Ended> {
    const { planned } = this;
    if (planned === undefined) throw new Error('nothing is planned');
    const ended = await this.core.applyPlan(planned);
    this.warnings = ended.warnings.map(({ text }) => text);
    return endOf(ended);
  }

  async destroy(): Promise<Ended> {
    this.planned = await this.core.planDestroy(this.wanted);
    return this.planned.ok ? this.apply() : endOf(this.planned);
  }

  async importAgain(ids: ReadonlyMap<string, string>): Promise<Ended> {
    this.core.forget([...ids.keys()]);
    return endOf(await this.core.import(this.wanted, ids));
  }

  forget(addresses: readonly string[]): Promise<void> {
    this.core.forget(addresses);
    return Promise.resolve();
  }

  state(): Promise<ReadonlyMap<string, Values>> {
    const ours = [...this.core.state].filter(([, { type }]) => type.startsWith('dct_'));
    return Promise.resolve(new Map(ours.map(([address, { value }]) => [address, value])));
  }
}

function endOf({ ok, errors }: { ok: boolean; errors: readonly { address: string; text: string }[] }): Ended {
  return { ok, errors: errors.map(({ address, text }) => `${address}: ${text}`) };
}
