import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { certificatesOf } from '../../src/http';
import { PublicKey } from '../../src/notary';
import { provider as usualProvider } from './configuration';
import { complaints } from './observed';
import { parseStateFile, statesIn } from './saved-plan';
import { secretsIn, secretsOf } from './state-secrets';
import type { Outcome, PlanOutcome, StateResource, Terraform } from './terraform';
import { plannedIn } from './terraform-json';
import type { World } from './world';

/** One configuration, what to expect of it, and what happened before it. */
export interface Step {
  /** HCL besides the provider’s. */
  readonly resources: string;
  /** Default: the usual provider block. */
  readonly provider?: string;
  /** Behind Terraform’s back. */
  readonly before?: () => unknown;
  /** Of plan and apply, such as `-replace=dct_repository.it`. */
  readonly options?: readonly string[];
  /** What is planned, seen before it is applied. */
  readonly plan?: (plan: PlanOutcome) => unknown;
  /** What plan or apply has to complain of: then nothing else is looked at. */
  readonly error?: string | RegExp;
  readonly check?: (state: ReadonlyMap<string, StateResource>, applied: Outcome) => unknown;
  /** Where the provider is known only at apply, or has aliases: a block that can import. */
  readonly importWith?: string;
}

/**
 * Applies one configuration after the other with real Terraform. After each: a second plan and a refresh-only plan are
 * empty; every resource of ours, imported into a fresh state with the configuration that Terraform generates for it, is the
 * same; no secret is in the state. At the end a destroy leaves clusters and trust data as they were before, or as `left` says.
 */
export async function steps(
  world: World,
  all: readonly Step[],
  { left = [] }: { readonly left?: readonly string[] } = {},
): Promise<void> {
  const { terraform } = world;
  const before = picture(world);
  const guns = new Set<string>();
  const importer = await world.anotherTerraform();
  try {
    for (const [index, step] of all.entries()) {
      const about = (error: unknown): Error => new Error(`step ${index + 1}: ${String(error)}`, { cause: error });
      await one(world, step, importer, guns).catch((error: unknown) => Promise.reject(about(error)));
    }
  } finally {
    await importer.close();
    await terraform.must(terraform.destroy());
  }
  expect([...(await terraform.state()).keys()]).toEqual([]);
  const still = async (gun: string) =>
    (await world.sandbox.dtr.notary.current(gun, 'root')) === undefined ? [] : [gun];
  const trust = (await Promise.all([...guns].map(still))).flat();
  const clusters = [...picture(world)].filter(([name, config]) => before.get(name) !== config).map(([name]) => name);
  expect([...clusters, ...trust].sort()).toEqual([...left].sort());
}

async function one(world: World, step: Step, importer: Terraform, guns: Set<string>): Promise<void> {
  const { terraform } = world;
  const { resources, provider = usualProvider(world), options = [], importWith = provider } = step;
  await step.before?.();
  await terraform.configure(`${provider}\n${resources}`);
  if (step.error !== undefined) {
    const outcome = await terraform.apply(...options);
    expect(complaints(outcome)).toMatch(step.error);
    return;
  }
  if (step.plan !== undefined) await step.plan(await terraform.must(terraform.plan(...options)));
  const applied = await terraform.must(step.plan === undefined ? terraform.apply(...options) : terraform.applyPlan());
  if (!options.some((option) => option.startsWith('-target'))) await terraform.expectNoChanges();
  const text = await readFile(join(terraform.directory, 'terraform.tfstate'), 'utf8');
  expect(secretsIn(text, await secretsOf(world, provider))).toEqual([]);
  for (const { attributes } of ours(text)) {
    const id = String(attributes['id']);
    guns.add(id.replace(/(:[^:/#]+)?#.*$/, ''));
  }
  await expectSameByImport(importer, importWith, text);
  if (step.check !== undefined) await step.check(await terraform.state(), applied);
}

/** All resources of ours at once: `import` blocks and `-generate-config-out`, with nothing else to change. */
async function expectSameByImport(importer: Terraform, provider: string, stateText: string): Promise<void> {
  const wanted = ours(stateText);
  if (wanted.length === 0) return;
  const blocks = wanted.map(
    ({ type, attributes }, i) =>
      `import {\n  to = ${type}.i${i}\n  id = ${JSON.stringify(String(attributes['id']))}\n}\n`,
  );
  await importer.configure([provider, ...blocks].join('\n'));
  await rm(join(importer.directory, 'generated.tf'), { force: true });
  const options = ['-generate-config-out=generated.tf', '-out=plan.bin', '-json', '-input=false'];
  const { stdout, exitCode } = await importer.run('plan', ...options);
  if (exitCode !== 0) throw new Error(`import with generated configuration failed:\n${stdout}`);
  const notOnlyImported = plannedIn(stdout).filter(({ action }) => action !== 'import');
  expect(notOnlyImported).toEqual([]);
  const { found } = await statesIn(join(importer.directory, 'plan.bin'));
  for (const [i, { type, attributes }] of wanted.entries()) {
    const imported = found.resources.find((each) => each.type === type && each.name === `i${i}`);
    expect([type, comparable(imported?.instances[0]?.attributes ?? {})]).toEqual([type, comparable(attributes)]);
  }
}

function ours(stateText: string) {
  return parseStateFile(stateText)
    .resources.filter(({ mode, type }) => mode === 'managed' && type.startsWith('dct_'))
    .flatMap(({ type, instances }) => instances.map(({ attributes }) => ({ type, attributes })));
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

function picture({ sandbox }: World): ReadonlyMap<string, string> {
  return new Map(sandbox.clusters.map(({ name }) => [name, sandbox.ucp(name).config]));
}
