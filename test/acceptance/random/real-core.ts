import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { block } from '../configuration';
import type { Block } from '../core/expressions';
import type { Value, Values } from '../core/wire';
import { type StateFile, statesIn } from '../saved-plan';
import type { Outcome, Terraform } from '../terraform';
import { changesOf, plannedIn } from '../terraform-json';
import type { Change, Core, Ended, Plan } from './core';

const ACTIONS = v.picklist(['create', 'update', 'delete', 'replace']);
const BUG =
  /Provider (produced|returned|made)|This is a bug in the provider|The provider made a mistake|plugin (error|crashed)/i;

/** Real Terraform, as a sequence needs it: with as few runs as can be. */
export class RealCore implements Core {
  warnings: readonly string[] = [];

  constructor(
    private readonly terraform: Terraform,
    private readonly provider: (mustAdmit: readonly string[]) => string,
  ) {}

  configure(blocks: readonly Block[], mustAdmit: readonly string[] = []): Promise<void> {
    const texts = blocks.map(({ type, name, settings, after, createBeforeDestroy }) => {
      const more = createBeforeDestroy === true ? 'lifecycle {\n  create_before_destroy = true\n}' : '';
      return block(`resource "${type}" "${name}"`, settings, { after, more });
    });
    return this.terraform.configure([this.provider(mustAdmit), ...texts].join('\n'));
  }

  async plan({ replace = [], refresh = true }: Parameters<Core['plan']>[0] = {}): Promise<Plan> {
    const options = [...replace.map((address) => `-replace=${address}`), ...(refresh ? [] : ['-refresh=false'])];
    const run = await this.terraform.run('plan', '-json', '-input=false', '-out=plan.bin', ...options);
    this.warnings = diagnosticsOf(run.stdout, 'warn');
    if (run.exitCode !== 0) return { ...failure(run), changes: [], drift: [] };
    const planned = plannedIn(run.stdout).filter(({ action }) => !['noop', 'read', 'move'].includes(action));
    const { before, found } = await statesIn(join(this.terraform.directory, 'plan.bin'));
    const changes = planned.map(({ address, action }): Change => {
      const wasDue = attributesOf(found, address)?.['renewal_due'] === true;
      const unexplained = { reasons: [], before: '', after: '', tainted: false, createsFirst: false };
      return { address, action: v.parse(ACTIONS, action), ...unexplained, wasDue };
    });
    const hasReplaced = changes.some(({ action }) => action === 'replace');
    return {
      ok: true,
      errors: [],
      changes: hasReplaced ? await this.explained(changes) : changes,
      drift: differences(before, found),
    };
  }

  async apply(): Promise<Ended> {
    const outcome = await this.terraform.leaving('what the player looks at itself').applyPlan();
    this.warnings = diagnosticsOf(outcome.stdout, 'warn');
    return ended(outcome);
  }

  async destroy(): Promise<Ended> {
    return ended(await this.terraform.destroy());
  }

  async importAgain(ids: ReadonlyMap<string, string>): Promise<Ended> {
    await this.forget([...ids.keys()]);
    for (const [address, id] of ids) {
      const { ok, stderr } = await this.terraform.import(address, id);
      if (!ok) return { ok, errors: [stderr] };
    }
    return { ok: true, errors: [] };
  }

  async forget(addresses: readonly string[]): Promise<void> {
    await this.terraform.run('state', 'rm', ...addresses);
  }

  async state(): Promise<ReadonlyMap<string, Values>> {
    const values = v.record(
      v.string(),
      v.custom<Value>(() => true),
    );
    const ours = [...(await this.terraform.state())].filter(([, { type }]) => type.startsWith('dct_'));
    return new Map(ours.map(([address, resource]) => [address, v.parse(values, resource.values)]));
  }

  /** What is replaced, with its IDs and why. */
  private async explained(changes: readonly Change[]): Promise<Change[]> {
    const { stdout } = await this.terraform.run('show', '-json', 'plan.bin');
    const all = changesOf(stdout).changes;
    return changes.map((change) => {
      const found = all.find(({ address }) => address === change.address);
      return {
        ...change,
        reasons: (found?.replacePaths ?? []).map((path) => path.join('.')),
        before: found?.before?.['id'],
        after: found?.unknown['id'] === true ? undefined : found?.after?.['id'],
        tainted: found?.reason === 'replace_because_tainted',
        createsFirst: found?.actions[0] === 'create',
      };
    });
  }
}

function ended(outcome: Outcome): Ended {
  return outcome.ok ? { ok: true, errors: [] } : failure(outcome);
}

/** @throws Error for what is a bug of the provider, whatever the sequence did */
function failure({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): Ended {
  if (BUG.test(stdout + stderr)) throw new Error(`Terraform says that the provider is wrong:\n${stdout}\n${stderr}`);
  return { ok: false, errors: [...diagnosticsOf(stdout, 'error'), stderr].filter((text) => text !== '') };
}

function diagnosticsOf(stdout: string, level: 'error' | 'warn'): string[] {
  return stdout.split('\n').filter((line) => line.includes(`"@level":"${level}"`));
}

function attributesOf({ resources }: StateFile, address: string) {
  return resources.find(({ type, name }) => `${type}.${name}` === address)?.instances[0]?.attributes;
}

function differences(before: StateFile, found: StateFile): string[] {
  return before.resources
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ type, name, instances: [instance] }) => {
      const now = attributesOf(found, `${type}.${name}`);
      const changed = Object.entries(instance?.attributes ?? {})
        .filter(([attribute, value]) => !isDeepStrictEqual(value, now?.[attribute]))
        .map(([attribute]) => attribute);
      return changed.length === 0 ? [] : [`${type}.${name}: ${now === undefined ? 'gone' : changed.join(', ')}`];
    });
}
