import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformStack, Testing } from 'cdktf';

/** What synth writes, as far as tests look at it. */
export interface Synthesized {
  readonly provider: Record<string, Record<string, unknown>[]>;
  readonly resource: Record<string, Record<string, Record<string, unknown>>>;
  readonly terraform: { readonly required_providers: Record<string, Record<string, string>> };
}

/** Runs each test in a new folder, which is the app's, as `cdktf synth` would. */
export function inAppFolder(): void {
  const before = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'dct-app-')));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
}

export function newApp() {
  return Testing.app({ outdir: 'cdktf.out' });
}

export function newStack(name = 'stack', app = newApp()): TerraformStack {
  return new TerraformStack(app, name);
}

/** Synthesizes with all validations, without writing anything. */
export function synthesize(stack: TerraformStack): Synthesized {
  return JSON.parse(Testing.synth(stack, true)) as Synthesized;
}

/** Synthesizes with everything that is laid beside the stack; returns the stack's folder. */
export function synthesizeToDisk(stack: TerraformStack): string {
  return join(Testing.fullSynth(stack), 'stacks', stack.node.id);
}

/** Resources of a type. */
export function resources(stack: Synthesized, type: string): Record<string, unknown>[] {
  return Object.values(stack.resource[type] ?? {});
}

/** The one resource of a type. */
export function only(stack: Synthesized, type: string): Record<string, unknown> {
  const found = resources(stack, type);
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
  return found[0]!;
}

export const contentOf = (...path: string[]) => readFileSync(join(...path), 'utf8');

/** What each resource waits for, both by type and what they are known by. */
export function dependencies({ resource }: Synthesized): Record<string, string[]> {
  const names = new Map(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, attributes]) => [`${type}.${id}`, `${type} ${knownBy(attributes)}`]),
    ),
  );
  return Object.fromEntries(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.values(byId).map((attributes) => {
        const dependsOn = (attributes.depends_on ?? []) as string[];
        return [`${type} ${knownBy(attributes)}`, dependsOn.map((address) => names.get(address) ?? address).sort()];
      }),
    ),
  );
}

function knownBy({ tag, signer, name, cluster }: Record<string, unknown>): string {
  return [tag ?? signer ?? name ?? cluster].filter((part) => typeof part === 'string').join();
}
