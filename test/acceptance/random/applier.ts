import type { World } from '../world';
import { imagesOf, lockedOut, refusedDuring, running } from './admission';
import type { Core, Ended, Plan } from './core';
import { blocksOf, mustAdmitOf, type Place, type Shape } from './shape';
import { REFUSED, type Story } from './story';
import type { Tally } from './tally';

type Options = NonNullable<Parameters<Core['plan']>[0]>;

/** Applies one configuration after another, and sees after each apply that nothing is left to do. */
export class Applier {
  /** Actions that were planned, apply by apply. */
  readonly planned: string[][] = [];

  constructor(
    private readonly world: World,
    private readonly core: Core,
    private readonly place: Place,
    private readonly tally: Tally,
    private readonly story: Story,
    /** What is configured. */
    public shape: Shape,
  ) {}

  configure(shape: Shape, mustAdmit = mustAdmitOf(shape, this.place)): Promise<void> {
    return this.core.configure(blocksOf(shape, this.place), mustAdmit);
  }

  async apply(shape: Shape, options: Options = {}): Promise<void> {
    this.story.leave(this.shape);
    this.shape = shape;
    await this.configure(shape);
    const ran = await this.running(shape);
    const outcome = await this.planAndApply(options);
    if (outcome === 'nothing to do') return;
    if (outcome === 'done') await this.expectRunning(ran, 'after an apply');
    else await this.judge(ran, outcome, () => this.planAndApply(options));
    await this.expectNothingToDo();
  }

  async destroy(): Promise<void> {
    await this.configure(this.shape);
    const ran = await this.running(this.shape);
    const destroy = async (): Promise<Outcome> => {
      const ended = await this.core.destroy();
      const images = lockedOut(ended.errors);
      if (ended.ok) return 'done';
      if (images.length === 0) throw this.story.wrong('cannot be destroyed', ended);
      return { at: 'apply', images };
    };
    const outcome = await destroy();
    if (typeof outcome === 'string') await this.expectRunning(ran, 'after a destroy');
    else await this.judge(ran, outcome, destroy);
  }

  private async planAndApply(options: Options): Promise<Outcome> {
    const plan = await this.core.plan(options);
    this.story.tell(`plan: ${actionsOf(plan).join(', ')}`);
    const { warnings } = this.core;
    if (!plan.ok && lockedOut(plan.errors).length > 0) return { at: 'plan', images: lockedOut(plan.errors) };
    if (!plan.ok && (await this.forgetWhatStandsTwice(plan))) return this.planAndApply(options);
    if (!plan.ok) throw this.story.wrong('cannot be planned', plan);
    this.expectNoSurprise(plan, options.replace ?? []);
    if (isEmpty(plan)) return 'nothing to do';
    const keepsOfThoseWhoGo =
      plan.changes.some(({ address, action }) => isSigner(address) && (action === 'delete' || action === 'replace')) &&
      [...(await this.core.state()).values()].some((values) => values['on_destroy'] === 'keep');
    const ended = await this.core.apply();
    if (!ended.ok && lockedOut(ended.errors).length > 0) return { at: 'apply', images: lockedOut(ended.errors) };
    if (!ended.ok && isInItsOwnWay(plan, ended)) {
      this.tally.add('a new one found the old one there');
      return this.planAndApply({ ...options, replace: [] });
    }
    // Whoever has a signer made anew alone, or takes signers away whose signature of a tag is kept: no plan sees in what order they go.
    const refused = options.replace?.some(isSigner) || keepsOfThoseWhoGo;
    if (!ended.ok) throw this.story.wrong('cannot be applied', ended, refused ? REFUSED : ['conflicting_digest']);
    this.planned.push(actionsOf(plan).sort());
    this.count(plan, [...warnings, ...this.core.warnings]);
    return 'done';
  }

  /** As the error says: what a replacement left over that failed half-way, and is what stands. Does it, if that is the error. */
  private async forgetWhatStandsTwice({ errors }: Plan): Promise<boolean> {
    const twice = errors.filter((text) => text.includes('(in_state_twice)'));
    const ids = twice.flatMap((text) => [...text.matchAll(/ id = \\*"([^"\\]+)/g)].map(([, id]) => id));
    const found = [...(await this.core.state())].flatMap(([address, { id }]) =>
      typeof id === 'string' && ids.includes(id) ? [[address, id] as const] : [],
    );
    if (found.length === 0) return false;
    this.tally.add('in state twice');
    this.story.tell(`in state twice: ${found.join('; ')}`);
    const imported = await this.core.importAgain(new Map(found));
    if (!imported.ok) throw this.story.wrong('cannot be imported again', imported);
    return true;
  }

  private async expectNothingToDo(): Promise<void> {
    const again = await this.core.plan();
    if (!again.ok) throw this.story.wrong('cannot be planned again', again);
    if (!isEmpty(again))
      throw this.story.wrong(
        `the second plan is not empty: ${actionsOf(again).join(', ')}; drift: ${again.drift.join('; ')}`,
      );
  }

  running(shape: Shape): Promise<string[]> {
    return running(this.world, mustAdmitOf(shape, this.place));
  }

  /** Rule 4: what ran before still does, unless what the documents leave open is said to decide. */
  async expectRunning(before: readonly string[], when: string): Promise<void> {
    if (before.length === 0) return;
    const after = await running(this.world, imagesOf(before));
    const isForewarned = this.core.warnings.some((text) => text.includes(' may refuse '));
    const refused = before.filter((pair) => !after.includes(pair));
    if (refused.length > 0 && !isForewarned) throw this.story.wrong(`${when} no longer run: ${refused.join(', ')}`);
    for (const pair of after)
      if (/require_content_trust = true/.test(this.world.sandbox.ucp(pair.slice(0, pair.indexOf(':'))).config))
        this.tally.add('runs what is signed');
  }

  /**
   * A refusal for the sake of what clusters have to be able to run is right where that ran until now, and really does not run
   * with the change: which is made, now that nothing has to run.
   */
  private async judge(ran: readonly string[], { at, images }: Refused, change: () => Promise<Outcome>): Promise<void> {
    this.story.tell(`refused at ${at}: no longer run ${images.join(', ')}`);
    const idle = images.filter((pair) => !ran.includes(pair));
    if (idle.length > 0) throw this.story.wrong(`refused at ${at}, though that did not run before: ${idle.join(', ')}`);
    await this.configure(this.shape, []);
    const refused = await refusedDuring(this.world, mustAdmitOf(this.shape, this.place), async () => {
      const again = await change();
      if (typeof again !== 'string') throw this.story.wrong('refused for the sake of images that nobody asks for');
    });
    const after = await this.running(this.shape);
    const wrong = images.filter((pair) => (at === 'plan' ? after.includes(pair) : !refused.has(pair)));
    if (wrong.length > 0) throw this.story.wrong(`refused at ${at}, but run all the same with it: ${wrong.join(', ')}`);
    this.tally.add(`refused at ${at}: would_lock_out`);
  }

  private count({ changes }: Plan, warnings: readonly string[]): void {
    for (const { address, action, wasDue } of changes) {
      const type = address.slice(0, address.indexOf('.'));
      this.tally.add(`${type} ${action}`);
      if (wasDue && action === 'update') this.tally.add(`${type} renewal`);
    }
    for (const [what, text] of SAID) if (warnings.some((warning) => text.test(warning))) this.tally.add(what);
  }

  /** Only what becomes another object is replaced, or what somebody asks to be. */
  private expectNoSurprise({ changes }: Plan, asked: readonly string[]): void {
    for (const { address, action, before, after, reasons, tainted } of changes) {
      if (action !== 'replace' || tainted || asked.includes(address) || before !== after) continue;
      throw this.story.wrong(`${address} is replaced because of ${reasons.join()}, though it stays ${String(before)}`);
    }
  }
}

/** What warnings say of what an apply has done. */
const SAID = [
  ['root renewed', /The root of .* signed again by this apply/],
  ['root certificate renewed', /The root certificate of .* signed again by this apply/],
  ['healed', /its content verifies and is signed again/],
] as const;

type Outcome = 'nothing to do' | 'done' | Refused;

/** For the sake of a cluster that could not run what it has to. */
interface Refused {
  readonly at: 'plan' | 'apply';
  /** `cluster2: image` */
  readonly images: readonly string[];
}

/** Signers that get other keys, of a repository that was not known, and come before the old ones go: no provider is told. */
function isInItsOwnWay({ changes }: Plan, { errors }: Ended): boolean {
  const mayBe = changes.filter(({ address, createsFirst, after }) => {
    return isSigner(address) && createsFirst && typeof after !== 'string';
  });
  return errors
    .filter((text) => text.trim() !== '')
    .every((text) => /has a signer \w+ already/.test(text) && mayBe.some(({ address }) => text.includes(address)));
}

function isSigner(address: string): boolean {
  return address.startsWith('dct_signer_delegation.');
}

function isEmpty({ changes, drift }: Plan): boolean {
  return changes.length === 0 && drift.length === 0;
}

function actionsOf({ changes }: Plan): string[] {
  return changes.map(({ address, action }) => `${address} ${action}`);
}
