import type { Values } from '../core/wire';
import type { World } from '../world';
import { doBehind } from './behind';
import type { Core, Ended, Plan } from './core';
import type { Fault, Sequence, Step } from './sequence';
import { blocksOf, type Place, type Shape } from './shape';

const DAY = 86_400_000;

export interface Time {
  now: Date;
}

/** Plays one sequence, and sees after each apply that nothing is left to do. @throws Error that says what was wrong */
export class Player {
  /** What happened, for whoever reads of a failure. */
  readonly story: string[] = [];
  /** Actions that were planned, in the order of steps. */
  readonly planned: string[][] = [];
  private shape: Shape;
  /** Whether an apply has seen to everything that happened. */
  private settled = false;
  /** Whether a policy may be in force that no resource has any more. */
  private mayHaveKept = false;

  constructor(
    private readonly world: World,
    private readonly core: Core,
    private readonly place: Place,
    private readonly time: Time,
    first: Shape,
  ) {
    this.shape = first;
  }

  /** @returns whether it went on to its end; else it came to what the provider is right to refuse */
  async play({ first, steps }: Sequence, isShort = false): Promise<boolean> {
    try {
      await this.applied(first);
      for (const step of steps) await this.step(step);
      await this.settle();
      if (!isShort) await this.importsTheSame();
      const destroyed = await this.core.destroy();
      if (!destroyed.ok) throw this.wrong('cannot be destroyed', destroyed);
      return true;
    } catch (error) {
      if (error instanceof RightlyRefused) return false;
      throw error;
    }
  }

  private async step(step: Step): Promise<void> {
    const settles = ['configure', 'no refresh', 'anew', 'fail', 'too late', 'forget'].includes(step.do);
    await this.happen(step);
    this.settled = settles;
  }

  private async happen(step: Step): Promise<void> {
    switch (step.do) {
      case 'configure':
        return this.applied(step.shape);
      case 'no refresh':
        await this.settle();
        return this.applied(step.shape, { refresh: false });
      case 'anew': {
        await this.settle();
        const address = await this.chosen(step.which);
        return address === undefined ? undefined : this.applied(this.shape, { replace: [address] });
      }
      case 'behind':
        for (const edit of step.edits) await doBehind(this.world, this.place, edit, () => this.time.now);
        this.story.push(`behind: ${JSON.stringify(step.edits)}`);
        return;
      case 'travel':
        this.time.now = new Date(this.time.now.getTime() + step.days * DAY);
        return;
      case 'fail':
        for (const fault of step.faults) this.order(fault);
        await this.attempt(step.shape);
        for (const endpoint of this.endpoints().values()) endpoint.faults.clear();
        return this.applied(step.shape);
      case 'too late':
        await this.settle();
        await this.core.configure(blocksOf(step.shape, this.place));
        if ((await this.core.plan()).ok) {
          await doBehind(this.world, this.place, step.edit, () => this.time.now);
          this.story.push(`between plan and apply: ${JSON.stringify(step.edit)}`);
          await this.core.apply();
        }
        return this.applied(step.shape);
      case 'forget': {
        // What is adopted is renewed by the apply after: first everything that time has brought.
        await this.settle();
        const address = await this.chosen(step.which);
        if (address !== undefined) await this.core.forget([address]);
        return this.applied(this.shape);
      }
      case 'import': {
        await this.settle();
        const address = await this.chosen(step.which);
        if (address === undefined) return;
        const id = idOf((await this.core.state()).get(address));
        const imported = await this.core.importAgain(new Map([[address, id]]));
        if (!imported.ok) throw this.wrong(`${address} cannot be imported by ${id}`, imported);
      }
    }
  }

  /** With faults ordered: whatever comes of it. */
  private async attempt(shape: Shape): Promise<void> {
    await this.core.configure(blocksOf(shape, this.place));
    const ended = (await this.core.plan()).ok ? await this.core.apply() : undefined;
    this.story.push(`with faults: ${ended === undefined ? 'no plan' : ended.ok ? 'well' : ended.errors.join('; ')}`);
  }

  private async settle(): Promise<void> {
    if (!this.settled) await this.applied(this.shape);
  }

  private async applied(shape: Shape, options: Parameters<Core['plan']>[0] = {}): Promise<void> {
    if (this.shape.enforcement?.on_destroy === 'keep') this.mayHaveKept = true;
    this.shape = shape;
    await this.core.configure(blocksOf(shape, this.place));
    const plan = await this.core.plan(options);
    this.story.push(`plan: ${actionsOf(plan).join(', ')}`);
    if (!plan.ok) throw this.wrong('cannot be planned', plan);
    this.expectNoSurprise(plan, options.replace ?? []);
    this.planned.push(actionsOf(plan).sort());
    const ended = await this.core.apply();
    // Whoever has a signer made anew alone: no plan sees that it goes first.
    const refused = options.replace?.some((address) => address.startsWith('dct_signer_delegation.'));
    if (!ended.ok) throw this.wrong('cannot be applied', ended, refused ? REFUSED : ['conflicting_digest']);
    const again = await this.core.plan();
    if (!again.ok) throw this.wrong('cannot be planned again', again);
    if (again.changes.length > 0 || again.drift.length > 0)
      throw this.wrong(
        `the second plan is not empty: ${actionsOf(again).join(', ')}; drift: ${again.drift.join('; ')}`,
      );
  }

  /** Only what becomes another object is replaced, or what somebody asks to be. */
  private expectNoSurprise({ changes }: Plan, asked: readonly string[]): void {
    for (const { address, action, before, after, reasons, tainted } of changes) {
      if (action !== 'replace' || tainted || asked.includes(address) || before !== after) continue;
      throw this.wrong(`${address} is replaced because of ${reasons.join()}, though it stays ${String(before)}`);
    }
  }

  /** Whatever stands in the state can be imported as it is, but for what no server knows. */
  private async importsTheSame(): Promise<void> {
    const before = await this.core.state();
    const imported = await this.core.importAgain(
      new Map([...before].map(([address, values]) => [address, idOf(values)])),
    );
    if (!imported.ok) throw this.wrong('cannot be imported', imported);
    const after = await this.core.plan();
    if (!after.ok) throw this.wrong('cannot be planned after import', after);
    const other = after.changes.filter(({ action, address }) => action !== 'update' && address.startsWith('dct_'));
    if (other.length > 0)
      throw this.wrong(`after import: ${other.map(({ address, action }) => `${address} ${action}`).join()}`);
    const ended = await this.core.apply();
    if (!ended.ok) throw this.wrong('cannot be applied after import', ended);
  }

  private async chosen(which: number): Promise<string | undefined> {
    const addresses = [...(await this.core.state()).keys()].sort();
    return addresses[which % Math.max(1, addresses.length)];
  }

  private endpoints() {
    const { sandbox } = this.world;
    const clusters = sandbox.clusters.map(({ name }) => [name, sandbox.ucp(name).endpoint] as const);
    return new Map([['registry', sandbox.dtr.endpoint], ...clusters]);
  }

  private order({ server, method, before, kind, after }: Fault): void {
    const faults = this.endpoints().get(server)?.faults;
    if (before > 0) faults?.add({ match: { method }, kind: 'delay', delayMs: 0, count: before });
    faults?.add({ match: { method }, kind, ...(kind !== 'truncate' && { after }) });
  }

  private wrong(what: string, { errors }: Pick<Ended, 'errors'> = { errors: [] }, refused = REFUSED): Error {
    const may = this.story.some((line) => line.includes('trust data goes')) ? [...refused, 'trust_data_lost'] : refused;
    if (errors.some((text) => may.some((code) => text.includes(`(${code})`)))) return new RightlyRefused();
    const isKept = errors.some((text) => text.includes('enforces another policy already'));
    if (this.mayHaveKept && isKept) return new RightlyRefused();
    // create_before_destroy of one resource only can be what Terraform itself finds no order for.
    if (errors.some((text) => text.includes('Error: Cycle: '))) return new RightlyRefused();
    return new Error([what, ...errors, 'What happened:', ...this.story].join('\n'));
  }
}

function idOf(values: Values | undefined): string {
  const id = values?.['id'];
  return typeof id === 'string' ? id : '';
}

const REFUSED = ['would_unsign', 'conflicting_digest'];

/** What the configuration asks for would take signatures away that it does not say may go. */
class RightlyRefused extends Error {}

export function actionsOf({ changes }: Plan): string[] {
  return changes.map(({ address, action }) => `${address} ${action}`);
}
