import { parse } from '@iarna/toml';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { DctError } from '../error';
import { readPublicPem, unreadable } from './pem';
import type { ClusterTopology, RepositoryTopology, Topology } from './topology';
import { topologyProblems } from './topology-problems';
import { describeIssues, TopologyFile } from './topology-schema';

/**
 * Reads a topology from a TOML file. Files that it names are relative to it; certificates and public keys are read at once,
 * private keys and client bundles are not. Throws `unreadable_file`, `invalid_toml` with the line, or `invalid_topology` with
 * a line for everything that is wrong and where.
 */
export function loadTopology(file: string): Topology {
  const path = resolve(file);
  const checked = v.safeParse(TopologyFile, parseToml(path));
  if (!checked.success) throw invalid(path, describeIssues(checked.issues));
  const topology = topologyOf(checked.output, new PathsOf(path));
  const problems = topologyProblems(topology);
  if (problems.length > 0) throw invalid(path, problems.map(inTheFilesWords));
  return topology;
}

function parseToml(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    return parse(text);
  } catch (cause) {
    throw new DctError('invalid_toml', `${path}${lineOf(cause)}: ${firstLine(cause)}`, { cause });
  }
}

function topologyOf(
  { registry, clusters, repositories, trust_store, ...file }: TopologyFile,
  paths: PathsOf,
): Topology {
  return {
    registry: {
      hostAddress: registry.host_address,
      caBundle: paths.pem('registry.ca_bundle', registry.ca_bundle),
      caSha256: registry.ca_sha256,
      username: registry.username,
      clientBundlePath: paths.from(registry.client_bundle_path),
      notaryUrl: registry.notary_url,
    },
    clusters: mapped(clusters, (cluster, name) => clusterOf(cluster, name, paths)),
    repositories: mapped(repositories, repositoryOf),
    trustStore: trust_store && {
      directory: paths.from(trust_store.directory),
      rootKeyId: trust_store.root_key_id,
      createRootKey: trust_store.create_root_key,
    },
    rootPins: file.root_pins,
    requestTimeoutSeconds: file.request_timeout_seconds,
    maxRetries: file.max_retries,
  };
}

function clusterOf(cluster: TopologyFile['clusters'][string], name: string, paths: PathsOf): ClusterTopology {
  const { client_bundle_path, endpoint, ca_bundle, username, must_admit, signers, enforce } = cluster;
  return {
    clientBundlePath: paths.from(client_bundle_path),
    endpoint,
    caBundle: paths.pem(`clusters.${name}.ca_bundle`, ca_bundle),
    username,
    mustAdmit: must_admit,
    signers: mapped(signers, ({ public_keys, private_key_path }, signer) => ({
      publicKeys: public_keys.map((key, index) =>
        paths.pem(`clusters.${name}.signers.${signer}.public_keys[${index}]`, key),
      ),
      privateKeyPath: paths.from(private_key_path),
    })),
    enforce: enforce && {
      requireSignatureFrom: enforce.require_signature_from,
      requireContentTrust: enforce.require_content_trust,
      allowRepositories: enforce.allow_repositories,
      onDestroy: enforce.on_destroy,
    },
  };
}

function repositoryOf({ signers, tags, ...file }: TopologyFile['repositories'][string]): RepositoryTopology {
  return {
    signers,
    onDestroy: file.on_destroy,
    adoptExisting: file.adopt_existing,
    expectedRootKeyIds: file.expected_root_key_ids,
    rotate: file.rotate,
    snapshotManagedBy: file.snapshot_managed_by,
    whenLost: file.when_lost,
    minValidityDays: file.min_validity_days,
    allowUnsigning: file.allow_unsigning,
    tags: mapped(tags, (tag) => ({
      digest: tag.digest,
      signedBy: tag.signed_by,
      onDestroy: tag.on_destroy,
      replacesDigest: tag.replaces_digest,
      minValidityDays: tag.min_validity_days,
    })),
  };
}

/** Files as the topology file names them. */
class PathsOf {
  constructor(private readonly file: string) {}

  from(path: string): string;
  from(path: string | undefined): string | undefined;
  from(path: string | undefined): string | undefined {
    return path === undefined ? undefined : resolve(dirname(this.file), path);
  }

  /** The text of the file; an error names the file and where it is named. */
  pem(where: string, path: string): string;
  pem(where: string, path: string | undefined): string | undefined;
  pem(where: string, path: string | undefined): string | undefined {
    if (path === undefined) return undefined;
    try {
      return readPublicPem(this.from(path));
    } catch (cause) {
      throw invalid(this.file, [`${where}: ${cause instanceof Error ? cause.message : String(cause)}`], cause);
    }
  }
}

function mapped<T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

/** `clusters.prodEast.mustAdmit[0]: …`: names of the user's choice stay as they are. */
function inTheFilesWords(problem: string): string {
  const [where = '', ...rest] = problem.split(': ');
  const words = where.replace(PROPERTIES, (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase());
  return [words, ...rest].join(': ');
}

const PROPERTIES =
  /(?<=^registry\.)(hostAddress|caSha256|notaryUrl)|(signedBy|mustAdmit|expectedRootKeyIds)(?=\[\d+\]$)|^(trustStore|rootPins)|(?<=^trustStore\.)rootKeyId/g;

function invalid(path: string, problems: readonly string[], cause?: unknown): DctError {
  return new DctError('invalid_topology', `${path} is not a sound topology:\n  ${problems.join('\n  ')}`, { cause });
}

/** The TOML parser counts lines from 0. */
function lineOf(error: unknown): string {
  return error instanceof Error && 'line' in error && typeof error.line === 'number' ? `:${error.line + 1}` : '';
}

function firstLine(error: unknown): string {
  return ((error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '').replace(/:$/, '');
}
