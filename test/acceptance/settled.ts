import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { certificatesOf } from '../../src/http';
import { PublicKey } from '../../src/notary';
import { statesIn } from './saved-plan';
import { type ReadState, readState, type StateFile } from './state-file';
import { secretsIn } from './state-secrets';
import type { Outcome, Terraform } from './terraform';
import { changedOutputsIn, plannedIn } from './terraform-json';

/** What is looked at besides after an apply. */
export interface Watch {
  /** What must not be in the state, by what it is. */
  readonly secrets?: (configuration: string) => Promise<ReadonlyMap<string, string>>;
}

/**
 * What has to hold of a state whatever was done: no secret is in it; and where nothing was begun, it is as it was before.
 * @throws Error that says what is in it, or what is different
 */
export async function expectSound(
  { directory }: Terraform,
  { secrets }: Watch,
  { before, outcome }: { readonly before: ReadState; readonly outcome: Outcome },
): Promise<void> {
  const { text, state } = await readState(directory);
  if (secrets !== undefined) {
    const found = secretsIn(text, await secrets(await configurationOf(directory)));
    if (found.length > 0) throw new Error(`the state holds ${found.join(', ')}`);
  }
  const isBegun = outcome.ok || outcome.stdout.includes('"type":"apply_start"');
  if (!isBegun && !isDeepStrictEqual(managed(before.state), managed(state)))
    throw new Error(`nothing was applied, but the state is\n${text}\ninstead of\n${before.text}`);
}

/**
 * One run of Terraform for all that has to hold after an apply: a second plan has nothing to do; it found everything as the
 * state had it, which is what a refresh-only plan looks at (see `harness.test.ts`); and every resource of ours, imported once
 * more beside itself with the configuration that Terraform generates for it, is the same.
 * @throws Error that shows what Terraform would do, or what is different
 */
export async function expectSettled(terraform: Terraform): Promise<void> {
  const { directory } = terraform;
  const ours = oursIn((await readState(directory)).state);
  const files = [join(directory, 'again.tf'), join(directory, 'again-generated.tf')] as const;
  await writeFile(files[0], ours.map(importBlock).join('\n'));
  try {
    const options = ['-json', '-input=false', '-out=check.bin'];
    if (ours.length > 0) options.push(`-generate-config-out=${files[1]}`);
    const { exitCode, stdout, stderr } = await terraform.run('plan', ...options);
    if (exitCode !== 0) throw new Error(`terraform plan with imports failed:\n${stdout}\n${stderr}`);
    const planned = plannedIn(stdout).filter(({ action, address }) => !(action === 'import' && isAgain(address)));
    if (planned.length > 0 || changedOutputsIn(stdout).length > 0) {
      const shown = await terraform.run('show', '-no-color', 'check.bin');
      throw new Error(`terraform plan is not empty:\n${shown.stdout}`);
    }
  } finally {
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
  const { before, found } = await statesIn(join(directory, 'check.bin'));
  if (!isDeepStrictEqual(managed(before), managed(found))) {
    const refresh = await terraform.run('plan', '-refresh-only', '-no-color', '-input=false');
    throw new Error(`terraform plan -refresh-only is not empty:\n${refresh.stdout}\n${refresh.stderr}`);
  }
  const again = new Map(found.resources.map(({ type, name, instances }) => [`${type}.${name}`, instances[0]]));
  for (const [index, { type, attributes }] of ours.entries()) {
    const imported = comparable(again.get(`${type}.${AGAIN}${index}`)?.attributes ?? {});
    const wanted = comparable(attributes);
    if (!isDeepStrictEqual(imported, wanted))
      throw new Error(`import of ${type} gives\n${JSON.stringify(imported)}\ninstead of\n${JSON.stringify(wanted)}`);
  }
}

const AGAIN = 'imported_again_';
const isAgain = (address: string): boolean => address.split('.')[1]?.startsWith(AGAIN) === true;

interface Ours {
  readonly type: string;
  /** Where the provider has one. */
  readonly alias: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export function oursIn({ resources }: StateFile): Ours[] {
  return resources
    .filter(({ mode, type }) => mode === 'managed' && type.startsWith('dct_'))
    .flatMap(({ type, provider, instances }) => {
      const alias = /"\]\.(\w+)$/.exec(provider)?.[1];
      return instances.map(({ attributes }) => ({ type, alias, attributes }));
    });
}

function importBlock({ type, alias, attributes }: Ours, index: number): string {
  const provider = alias === undefined ? '' : `\n  provider = dct.${alias}`;
  const id = JSON.stringify(String(attributes['id']));
  return `import {\n  to = ${type}.${AGAIN}${index}\n  id = ${id}${provider}\n}\n`;
}

/** What Terraform compares: data sources are read anew each time. */
function managed({ outputs, resources }: StateFile) {
  return {
    outputs,
    resources: resources.filter(({ mode, name }) => mode === 'managed' && !name.startsWith(AGAIN)),
  };
}

/** What no server knows. */
const STATE_ONLY = [
  'adopt_existing',
  'allow_unsigning',
  'expected_root_key_ids',
  'min_validity_days',
  'on_destroy',
  'replaces_digest',
  'rotate',
  'when_lost',
];

/** Attributes as they mean something: keys by their IDs, names within the registry, sets in one order. */
function comparable(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => !STATE_ONLY.includes(name))
      .map(([name, value]) => [name, comparableValue(name, value)]),
  );
}

function comparableValue(name: string, value: unknown): unknown {
  if (name === 'ca_bundle') return certificatesOf(String(value)).map(({ fingerprint256 }) => fingerprint256);
  if (name === 'repository' || name === 'name') return String(value).replace(/^[^/]*[.:][^/]*\//, '');
  if (value === null || isDeepStrictEqual(value, [])) return 'none';
  if (!Array.isArray(value)) return value;
  const keyId = (pem: unknown): string => PublicKey.fromPem(String(pem), { label: 'key' }).tufId;
  return [...new Set(value.map(name === 'public_keys' ? keyId : String))].sort();
}

async function configurationOf(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter((file) => /\.tf(\.json)?$/.test(file));
  return (await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))).join('\n');
}
