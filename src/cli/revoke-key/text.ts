import { cureOf } from '../failure';
import type { BaseRole } from '../../notary';
import { counted } from '../table';
import type { Terminal } from '../terminal';
import type { TopologyTrust } from '../trust/topology-file';
import { atRisk, namedIn, pinnedTo, type RevocationReport } from './report';
import type { Outcome } from './revocation';

export function revocationText(report: RevocationReport, terminal: Terminal): string {
  const { id, ids, isDone, outcomes, topology } = report;
  const other = ids.filter((each) => each !== id);
  const shown = outcomes.filter(({ status }) => status !== 'absent' && status !== 'no_trust_data');
  const blank = outcomes.flatMap(({ gun, status }) => (status === 'no_trust_data' ? [gun] : []));
  const blocks = shown.map((outcome) => {
    const lines = describe(outcome, topology, isDone).map((line) => `  ${line}\n`);
    return `\n${terminal.bold(outcome.gun)}\n${lines.join('')}`;
  });
  const named = namedIn(report).map(
    (reference) =>
      `\n${topology?.file ?? ''} still names the key for ${reference}: take it out, or the next deploy gives it back.\n`,
  );
  const pinned = pinnedTo(report).map(
    (gun) =>
      `\n${topology?.file ?? ''} still has it in expected_root_key_ids of ${gun}: with it anybody who has the key is believed.\n`,
  );
  return [
    `Key ${id}${other.length === 0 ? '' : `, the same as ${other.join(', ')}`}\n`,
    ...blocks,
    ...(blank.length === 0 ? [] : [`\nWithout trust data: ${blank.join(', ')}\n`]),
    ...named,
    ...pinned,
    `\n${summary(report)}\n`,
  ].join('');
}

function describe(
  { gun, status, standing, effects, signedWith, newKeys, problem }: Outcome,
  topology: TopologyTrust | undefined,
  isDone: boolean,
): string[] {
  const will = status === 'removed' ? '' : 'would ';
  const s = status === 'removed' ? 's' : '';
  const alone = status === 'removed' ? '  (only this key had signed it)' : '  ONLY THIS KEY HAD SIGNED IT: look at it';
  return [
    ...(standing?.signers ?? []).map(({ name, left }) =>
      left.length === 0
        ? `signer ${name} ${will}go${status === 'removed' ? 'es' : ''}: it has no other key`
        : `signer ${name} ${will}keep${s} ${counted(left.length, 'other key')}`,
    ),
    ...((standing?.releasesOnly.length ?? 0) > 0 ? ['it stands in targets/releases without being a signer’s'] : []),
    ...(effects?.unsigned ?? []).map(
      ({ tag, sha256, lost }) =>
        `tag ${tag} ${will}lose${s} its last signature (${lost.join(', ') || 'targets/releases'}) of sha256:${sha256}`,
    ),
    ...(effects?.weakened ?? []).map(
      ({ tag, lost, left }) =>
        `tag ${tag} ${will}lose${s} the signature of ${lost.join(', ')} and keep${s} ${left.join(', ')}`,
    ),
    ...(effects !== undefined ? [] : (signedWith ?? [])).map(
      ({ tag, sha256, lost, left }) =>
        `tag ${tag} is signed with it (${lost.join(', ')})${left.length === 0 ? '' : `, and by ${left.join(', ')}`}: sha256:${sha256}`,
    ),
    ...(standing?.nested ?? []).map(({ role, left }) =>
      left.length === 0
        ? `${role} ${will}go${status === 'removed' ? 'es' : ''}: it has no other key`
        : `${role} ${will}keep${s} ${counted(left.length, 'other key')}`,
    ),
    ...(standing?.base ?? []).map(
      (role) => `it ${status === 'removed' ? 'was' : 'is'} the ${role} key: ${nextKey(role, status, newKeys)}`,
    ),
    ...(effects?.signedAgain ?? []).flatMap(({ role, tags, onlyByTheKey, names }) => [
      `${role} ${status === 'removed' ? 'was' : 'would be'} signed again by other keys:`,
      ...[...tags].map(([tag, sha256]) => `  ${tag} sha256:${sha256}${onlyByTheKey.includes(tag) ? alone : ''}`),
      ...[...names].map(([name, ids]) => `  ${name} with the key ${ids.join(', ') || '(none)'}${alone}`),
    ]),
    ...(effects?.stuck ?? []).map(
      (tag) => `tag ${tag} stays in targets/releases until somebody who may sign that publishes`,
    ),
    ...(effects === undefined ? [] : atRisk(topology, gun, effects)).map(
      ({ cluster, image }) => `${cluster} has to be able to run ${image} (must_admit): see whether it still does`,
    ),
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

/** What takes the place of a key in a base role. */
function nextKey(role: BaseRole, status: Outcome['status'], newKeys: Outcome['newKeys']): string {
  const id = newKeys?.get(role);
  if (status === 'removed') return id === undefined ? 'another is in its place' : `${id} is in its place`;
  if (id !== undefined) return `${id} of the trust store would take its place`;
  const isServers = role === 'timestamp' || role === 'snapshot';
  return `a new one${isServers ? ' of the server’s' : ''} would take its place`;
}

const nowhereHint =
  '\nIf that is a surprise: is it the right ID? dct keys list and docker trust inspect show the whole of it.';

function summary({ outcomes, isDone }: RevocationReport): string {
  const count = (...statuses: Outcome['status'][]): number =>
    outcomes.filter(({ status }) => statuses.includes(status)).length;
  const parts = [
    [count('removed'), 'done'],
    [count('removable'), 'can be done'],
    [count('blocked'), isDone ? 'not done' : 'cannot be done'],
    [count('unread'), 'could not be read'],
    [count('not_tried'), 'not tried'],
    [count('absent', 'no_trust_data'), 'without the key'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const next = isDone || count('removable') === 0 ? '' : ' Nothing was sent; --yes does it.';
  const nowhere = outcomes.length > 0 && count('absent', 'no_trust_data') === outcomes.length ? nowhereHint : '';
  return `${counted(outcomes.length, 'repository', 'repositories')}: ${told.join(', ') || 'none given'}.${next}${nowhere}`;
}
