import { parseImageReference } from '../../admission';
import { DctError } from '../../error';
import { counted } from '../table';
import type { Terminal } from '../terminal';
import type { BaseRole } from '../trust/role-keys';
import type { TopologyTrust } from '../trust/topology-file';
import type { Effects, TagEffect } from './effects';
import type { Outcome } from './revocation';

export interface RevocationReport {
  /** As the user gave it. */
  readonly id: string;
  /** Canonical. */
  readonly ids: readonly string[];
  /** Whether this was no dry run. */
  readonly isDone: boolean;
  readonly outcomes: readonly Outcome[];
  readonly topology: TopologyTrust | undefined;
}

export function revocationJson(report: RevocationReport): string {
  const { ids, isDone, outcomes, topology } = report;
  const effect = ({ tag, sha256, lost, left }: TagEffect): object => ({ tag, digest: `sha256:${sha256}`, lost, left });
  const json = {
    keyIds: ids,
    dryRun: !isDone,
    repositories: outcomes.map(({ gun, status, standing, effects, problem }) => ({
      repository: gun,
      status,
      ...(standing && {
        signers: standing.signers.map(({ name, left }) => ({ name, keysLeft: left.map((key) => key.canonicalId) })),
        needRotation: standing.base,
        nested: standing.nested,
      }),
      ...(effects && {
        unsigned: effects.unsigned.map(effect),
        weakened: effects.weakened.map(effect),
        signedAgain: effects.signedAgain.map(({ role, tags, onlyByTheKey }) => ({
          role,
          tags: Object.fromEntries([...tags].map(([tag, sha256]) => [tag, `sha256:${sha256}`])),
          onlyByTheKey,
        })),
        stillListed: effects.stuck,
        mustAdmit: atRisk(topology, gun, effects),
      }),
      ...(problem && {
        problem: { code: codeOf(problem), message: problem.message, cure: cureOf(problem) ?? null },
      }),
    })),
    topologySigners: namedIn(report),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

export function revocationText(report: RevocationReport, terminal: Terminal): string {
  const { id, ids, isDone, outcomes, topology } = report;
  const other = ids.filter((each) => each !== id);
  const shown = outcomes.filter(({ status }) => status !== 'absent' && status !== 'no_trust_data');
  const blocks = shown.map((outcome) => {
    const lines = describe(outcome, topology, isDone).map((line) => `  ${line}\n`);
    return `\n${terminal.bold(outcome.gun)}\n${lines.join('')}`;
  });
  const named = namedIn(report).map(
    (reference) =>
      `\n${topology?.file ?? ''} still names the key for ${reference}: take it out, or the next deploy gives it back.\n`,
  );
  return [
    `Key ${id}${other.length === 0 ? '' : `, the same as ${other.join(', ')}`}\n`,
    ...blocks,
    ...named,
    `\n${summary(report)}\n`,
  ].join('');
}

function describe(
  { gun, status, standing, effects, problem }: Outcome,
  topology: TopologyTrust | undefined,
  isDone: boolean,
): string[] {
  const will = status === 'removed' ? '' : 'would ';
  const s = status === 'removed' ? 's' : '';
  return [
    ...(standing?.signers ?? []).map(({ name, left }) =>
      left.length === 0
        ? `signer ${name} ${will}go${status === 'removed' ? 'es' : ''}: it has no other key`
        : `signer ${name} ${will}keep${s} ${counted(left.length, 'other key')}`,
    ),
    ...((standing?.releasesOnly.length ?? 0) > 0 ? ['it stands in targets/releases without being a signer’s'] : []),
    ...(effects?.unsigned ?? []).map(
      ({ tag, sha256, lost }) =>
        `${tag} ${will}lose${s} its last signature (${lost.join(', ') || 'targets/releases'}) of sha256:${sha256}`,
    ),
    ...(effects?.weakened ?? []).map(
      ({ tag, lost, left }) =>
        `${tag} ${will}lose${s} the signature of ${lost.join(', ')} and keep${s} ${left.join(', ')}`,
    ),
    ...(effects?.signedAgain ?? []).flatMap(({ role, tags, onlyByTheKey }) => [
      `${role} ${status === 'removed' ? 'was' : 'would be'} signed again by other keys${onlyByTheKey ? '; only this key had signed it, so look at it' : ''}:`,
      ...[...tags].map(([tag, sha256]) => `  ${tag} sha256:${sha256}`),
    ]),
    ...(effects?.stuck ?? []).map(
      (tag) => `${tag} stays in targets/releases until somebody who may sign that publishes`,
    ),
    ...(effects === undefined ? [] : atRisk(topology, gun, effects)).map(
      ({ cluster, image }) => `${cluster} has to be able to run ${image} (must_admit): see whether it still does`,
    ),
    ...(standing?.base ?? []).map((role) => `it is the ${role} key: it ${rotation[role]}`),
    ...(standing?.nested ?? []).map((role) => `it stands in ${role}, which only the signer above that can change`),
    ...problemLines(status, problem, isDone),
  ];
}

function problemLines(status: Outcome['status'], problem: Error | undefined, isDone: boolean): string[] {
  if (status === 'removed') return ['done'];
  if (status === 'not_tried') return ['not tried: interrupted'];
  if (problem === undefined) return [];
  const cure = cureOf(problem);
  const what = status === 'unread' ? 'could not be read' : isDone ? 'NOT DONE' : 'CANNOT BE DONE';
  return [`${what}: ${problem.message}`, ...(cure === undefined ? [] : [cure])];
}

const rotation: Readonly<Record<BaseRole, string>> = {
  root: 'needs a rotation (rotate.root of dct_repository) and is not taken away here',
  targets: 'needs a rotation (rotate.targets of dct_repository) and is not taken away here',
  snapshot: 'needs a rotation (rotate.snapshot or snapshot_managed_by of dct_repository)',
  timestamp: 'is the server’s; it needs a rotation (rotate.timestamp of dct_repository)',
};

/** Images that clusters have to be able to run and that lose a signature. */
function atRisk(
  topology: TopologyTrust | undefined,
  gun: string,
  effects: Effects,
): { cluster: string; image: string }[] {
  const hit = new Set([...effects.unsigned, ...effects.weakened].map(({ tag }) => tag));
  return (topology?.mustAdmit ?? []).flatMap(({ cluster, image }) => {
    const { repository, tag } = parseImageReference(image);
    return repository === gun && tag !== undefined && hit.has(tag) ? [{ cluster, image }] : [];
  });
}

/** Signers of the topology file that have the key. */
function namedIn({ ids, topology }: RevocationReport): string[] {
  return (topology?.signers ?? [])
    .filter(({ publicKeys }) => publicKeys.some(({ canonicalId }) => ids.includes(canonicalId)))
    .map(({ reference }) => reference);
}

function summary({ outcomes, isDone }: RevocationReport): string {
  const count = (...statuses: Outcome['status'][]): number =>
    outcomes.filter(({ status }) => statuses.includes(status)).length;
  const parts = [
    [count('removed'), 'done'],
    [count('removable'), 'can be done'],
    [count('blocked', 'stays'), isDone ? 'not done' : 'cannot be done'],
    [count('unread'), 'could not be read'],
    [count('not_tried'), 'not tried'],
    [count('absent', 'no_trust_data'), 'without the key'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const next = isDone || count('removable') === 0 ? '' : ' Nothing was sent; --yes does it.';
  return `${counted(outcomes.length, 'repository', 'repositories')}: ${told.join(', ') || 'none given'}.${next}`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}

function cureOf(error: Error): string | undefined {
  if (error instanceof DctError) return error.cure;
  return 'cure' in error && typeof error.cure === 'string' ? error.cure : undefined;
}
