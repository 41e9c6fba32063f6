import * as v from 'valibot';
import { didYouMean } from './nearest';

const registry = table({
  host_address: text(),
  ca_bundle: v.optional(text()),
  ca_sha256: v.optional(text()),
  username: v.optional(text()),
  client_bundle_path: v.optional(text()),
  notary_url: v.optional(text()),
});

const signer = table({
  public_keys: v.pipe(texts(), v.minLength(1, 'has to name at least one file')),
  private_key_path: v.optional(text()),
});

const enforce = table({
  require_signature_from: v.optional(texts()),
  require_content_trust: v.optional(truth()),
  allow_repositories: v.optional(texts()),
  on_destroy: v.optional(oneOf('restore', 'disable', 'keep')),
});

const cluster = table({
  client_bundle_path: v.optional(text()),
  endpoint: v.optional(text()),
  ca_bundle: v.optional(text()),
  username: v.optional(text()),
  must_admit: v.optional(texts()),
  signers: v.optional(tables(signer), {}),
  enforce: v.optional(enforce),
});

const tag = table({
  digest: text(),
  replaces_digest: v.optional(text()),
  min_validity_days: v.optional(counter()),
  signed_by: v.pipe(texts(), v.minLength(1, 'has to name at least one signer')),
  on_destroy: v.optional(oneOf('revoke', 'keep')),
});

const rotate = table({
  root: v.optional(counter()),
  targets: v.optional(counter()),
  snapshot: v.optional(counter()),
  timestamp: v.optional(counter()),
});

const repository = table({
  signers: v.optional(texts(), []),
  on_destroy: v.optional(oneOf('keep', 'delete')),
  adopt_existing: v.optional(truth()),
  expected_root_key_ids: v.optional(texts()),
  when_lost: v.optional(oneOf('error', 'recreate')),
  min_validity_days: v.optional(counter()),
  allow_unsigning: v.optional(truth()),
  rotate: v.optional(rotate),
  snapshot_managed_by: v.optional(oneOf('server', 'client')),
  tags: v.optional(tables(tag), {}),
});

const trustStore = table({
  directory: v.optional(text()),
  root_key_id: v.optional(text()),
  create_root_key: v.optional(truth()),
});

/** A topology file as parsed TOML. Files that it names are relative to it. */
export const TopologyFile = table({
  registry,
  clusters: v.optional(tables(cluster), {}),
  repositories: v.optional(tables(repository), {}),
  trust_store: v.optional(trustStore),
  root_pins: v.optional(v.record(v.string(), texts(), notA('a table of arrays of texts'))),
  request_timeout_seconds: v.optional(counter()),
  max_retries: v.optional(counter()),
});
export type TopologyFile = v.InferOutput<typeof TopologyFile>;

/** `clusters.cluster2.enforce: …`, one line per problem. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => String(key));
    // An unknown key is a problem of its table, a missing one too; the message names it.
    const where =
      issue.type === 'strict_object' && issue.path !== undefined && isKeyIssue(issue) ? path.slice(0, -1) : path;
    const name = dottedName(path);
    const isTable = typeof issue.path?.at(-1)?.value === 'object';
    const hint =
      issue.expected === 'never' && isTable && name !== undefined ? `; a name with a dot is quoted: ${name}` : '';
    return `${where.map(quoted).join('.') || 'the file'}: ${issue.message}${hint}`;
  });
}

/**
 * How a name of the user's choice would have to be written, where the last key may be the rest of it: TOML takes
 * `[clusters.a.signers.john.doe]` for a table `doe` in `john`.
 */
function dottedName(path: readonly string[]): string | undefined {
  const named = path.slice(0, -2);
  const isNamed = ['clusters', 'repositories'].includes(path[0] ?? '') && (named.length === 1 || named.length === 3);
  if (!isNamed || (named.length === 3 && !['signers', 'tags'].includes(named[2] ?? ''))) return undefined;
  return `[${[...named.map(quoted), JSON.stringify(path.slice(-2).join('.'))].join('.')}]`;
}

/** A table in which every key is known; an unknown one is refused with a suggestion. */
function table<const E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, (issue) => {
    const key = issue.path?.at(-1)?.key;
    if (typeof key !== 'string' || !isKeyIssue(issue)) return `has to be a table, not ${issue.received}`;
    if (issue.expected !== 'never') return `${JSON.stringify(key)} is missing`;
    if (/password|passphrase|private_key$/.test(key)) {
      return `${JSON.stringify(key)} is a secret, which does not belong in this file: use the environment`;
    }
    const suggestion = didYouMean(key, Object.keys(entries)) ?? `known are ${Object.keys(entries).join(', ')}`;
    return `unknown key ${JSON.stringify(key)}; ${suggestion}`;
  });
}

/** Tables by a name of the user's choice. */
function tables<S extends v.GenericSchema>(schema: S) {
  return v.record(v.string(), schema, ({ received }) => `has to be a table of tables, not ${received}`);
}

function text() {
  return v.pipe(v.string(notA('a text in quotes')), v.minLength(1, 'must not be empty'));
}

function texts() {
  return v.array(text(), notA('an array of texts: ["…"]'));
}

function truth() {
  return v.boolean(notA('true or false'));
}

function counter() {
  const message = notA('a whole number, 0 or more');
  return v.pipe(v.number(message), v.integer(message), v.minValue(0, message));
}

function oneOf<const T extends readonly string[]>(...values: T) {
  return v.picklist(values, notA(values.map((value) => `"${value}"`).join(' or ')));
}

function notA(expected: string) {
  return ({ received }: { readonly received: string }) => `has to be ${expected}, not ${received}`;
}

/** An issue of the table itself has no key that is missing or too much. */
function isKeyIssue({ expected }: { readonly expected: string | null }): boolean {
  return expected !== 'Object';
}

function quoted(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}
