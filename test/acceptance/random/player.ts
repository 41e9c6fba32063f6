import type { Values } from '../core/wire';
import type { World } from '../world';
import { Applier } from './applier';
import { doBehind, type Edit } from './behind';
import type { Core } from './core';
import { type Fault, Weather } from './faults';
import type { Sequence, Step } from './sequence';
import type { Place, Shape } from './shape';
import { RightlyRefused, Story } from './story';
import type { Tally } from './tally';

const DAY = 86_400_000;

export interface Time {
  now: Date;
  /** Until then client bundles and CAs last, which nobody renews here. */
  readonly end: Date;
}

/** Plays one sequence, and sees after each apply that nothing is left to do. @throws Error that says what was wrong */
export class Player {
  private readonly story: Story;
  private readonly applier: Applier;
  private readonly weather: Weather;
  /** Whether an apply has seen to everything that happened. */
  private settled = false;

  constructor(
    private readonly world: World,
    private readonly core: Core,
    private readonly place: Place,
    private readonly time: Time,
    private readonly tally: Tally,
    first: Shape,
  ) {
    this.story = new Story(tally);
    this.applier = new Applier(world, core, place, tally, this.story, first);
    this.weather = new Weather(world);
  }

  /** Actions that were planned, apply by apply. */
  get planned(): readonly string[][] {
    return this.applier.planned;
  }

  /** @returns whether it went on to its end; else it came to what the provider is right to refuse */
  async play({ first, steps, imports, destroys }: Sequence): Promise<boolean> {
    try {
      await this.applier.apply(first);
      for (const step of steps) await this.step(step);
      await this.settle();
      if (imports) await this.importsTheSame();
      if (destroys) await this.applier.destroy();
      return true;
    } catch (error) {
      if (error instanceof RightlyRefused) return false;
      throw error;
    }
  }

  private async step(step: Step): Promise<void> {
    this.tally.add(`step ${step.do}`);
    const settles = ['configure', 'no refresh', 'anew', 'fail', 'too late', 'forget'].includes(step.do);
    await this.happen(step);
    this.settled = settles;
  }

  private async happen(step: Step): Promise<void> {
    switch (step.do) {
      case 'configure':
        return this.applier.apply(step.shape);
      case 'no refresh':
        await this.settle();
        return this.applier.apply(step.shape, { refresh: false });
      case 'anew': {
        await this.settle();
        const address = await this.chosen(step.which);
        return address === undefined ? undefined : this.applier.apply(this.applier.shape, { replace: [address] });
      }
      case 'behind':
        for (const edit of step.edits) await this.behind(edit);
        return;
      case 'travel':
        this.time.now = new Date(Math.min(this.time.now.getTime() + step.days * DAY, this.time.end.getTime()));
        this.story.tell(`${step.days} days later: ${this.time.now.toISOString()}`);
        return;
      case 'fail':
        await this.attempt(step);
        return this.applier.apply(step.shape);
      case 'too late':
        await this.settle();
        await this.applier.configure(step.shape);
        if ((await this.core.plan()).ok) {
          await this.behind(step.edit);
          const ran = await this.applier.running(step.shape);
          const ended = await this.core.apply();
          this.story.tell(`too late: ${ended.ok ? 'well' : ended.errors.join('; ')}`);
          await this.applier.expectRunning(ran, 'too late');
        }
        return this.applier.apply(step.shape);
      case 'forget': {
        // What is adopted is renewed by the apply after: first everything that time has brought.
        await this.settle();
        const address = await this.chosen(step.which);
        if (address !== undefined) await this.core.forget([address]);
        return this.applier.apply(this.applier.shape);
      }
      case 'import': {
        await this.settle();
        const address = await this.chosen(step.which);
        if (address === undefined) return;
        const id = idOf((await this.core.state()).get(address));
        const imported = await this.core.importAgain(new Map([[address, id]]));
        if (!imported.ok) throw this.story.wrong(`${address} cannot be imported by ${id}`, imported);
      }
    }
  }

  private async behind(edit: Edit): Promise<void> {
    const isDone = await doBehind(this.world, this.place, edit, () => this.time.now);
    this.story.tell(`behind, ${isDone ? '' : 'in vain, '}${JSON.stringify(edit)}`);
    if (isDone) this.tally.add(`behind: ${edit.what}`);
  }

  /** With faults ordered: whatever comes of it. */
  private async attempt({ shape, faults }: Extract<Step, { readonly do: 'fail' }>): Promise<void> {
    await this.applier.configure(shape);
    const ran = await this.applier.running(shape);
    const isOfPlan = ({ aim }: Fault): boolean => aim === 'reading of a plan';
    const atPlan = await this.weather.during(faults.filter(isOfPlan), () => this.core.plan());
    const atApply = await this.weather.during(
      faults.filter((fault) => atPlan.made.ok && !isOfPlan(fault)),
      () => (atPlan.made.ok ? this.core.apply() : Promise.resolve(undefined)),
    );
    const hit = [...atPlan.hit, ...atApply.hit];
    const ended = atApply.made;
    this.tally.add(...hit);
    const how = ended === undefined ? 'no plan' : ended.ok ? 'well' : ended.errors.join('; ');
    this.story.tell(`with faults (${hit.join(', ')}): ${how}`);
    if (ended?.ok === false) this.tally.add('failed in part');
    await this.applier.expectRunning(ran, 'after an apply with faults');
  }

  private async settle(): Promise<void> {
    if (!this.settled) await this.applier.apply(this.applier.shape);
  }

  /** Whatever stands in the state can be imported as it is, but for what no server knows. */
  private async importsTheSame(): Promise<void> {
    this.tally.add('all imported');
    const before = await this.core.state();
    const imported = await this.core.importAgain(
      new Map([...before].map(([address, values]) => [address, idOf(values)])),
    );
    if (!imported.ok) throw this.story.wrong('cannot be imported', imported);
    const after = await this.core.plan();
    if (!after.ok) throw this.story.wrong('cannot be planned after import', after);
    const other = after.changes.filter(({ action, address }) => action !== 'update' && address.startsWith('dct_'));
    if (other.length > 0)
      throw this.story.wrong(`after import: ${other.map(({ address, action }) => `${address} ${action}`).join()}`);
    const ended = await this.core.apply();
    if (!ended.ok) throw this.story.wrong('cannot be applied after import', ended);
  }

  private async chosen(which: number): Promise<string | undefined> {
    const addresses = [...(await this.core.state()).keys()].sort();
    return addresses[which % Math.max(1, addresses.length)];
  }
}

function idOf(values: Values | undefined): string {
  const id = values?.['id'];
  return typeof id === 'string' ? id : '';
}
