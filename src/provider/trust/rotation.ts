import { DctError } from '../../error';
import type { BaseRole } from '../../notary';
import {
  type Context,
  number,
  object,
  optional,
  type PrivateData,
  type Problems,
  UNKNOWN,
  type Unknown,
} from '../../plugin';
import type { Connection } from '../connection';
import { hasRemembered } from './known-trust';

const counter = (description: string) => optional(number, { description, validate: counterProblem });

export const rotate = optional(
  object({
    root: counter(
      'The root key: to the one named by `trust_store.root_key_id`, or the only one of the trust store; where that is the one ' +
        'in force, a new one is made if `trust_store.create_root_key` allows it. The root is signed with the old key and the ' +
        'new one, so that everybody who knows the old one follows.',
    ),
    targets: counter('The targets key, which signs the list of signers: a new one is made in the trust store.'),
    snapshot: counter(
      'The snapshot key, made and kept by the server, which takes the scope `*` (an administrator of the repository). One ' +
        'that a client keeps is handed over with `snapshot_managed_by`. Also goes past a snapshot that an interrupted publish ' +
        'left in the server’s way (error `left_behind`).',
    ),
    timestamp: counter('The timestamp key, made and kept by the server, which takes the scope `*`.'),
  }),
  {
    description:
      'Counters, one for each role: raising one gives the role a new key, in place. One that is not set counts as 0; what a ' +
      'new, adopted or imported repository starts with rotates nothing, and nor does lowering one. Each rotation needs the ' +
      'root key.',
  },
);

type Counter = number | bigint | null;
export type Counters = Readonly<Record<BaseRole, Counter>>;
type PlannedCounters = Readonly<Record<BaseRole, Counter | Unknown>>;
type SnapshotManager = string | Unknown;

interface Before {
  readonly gun: string;
  readonly rotate: Counters | null;
  readonly snapshot_managed_by: string;
}
interface After {
  readonly rotate: PlannedCounters | Unknown | null;
  readonly snapshot_managed_by: SnapshotManager;
}

const ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;

/** The roles that get new keys by a change of the resource, and those of which that is not known yet. */
export function rotations(
  prior: Before,
  planned: After,
  privateData: Pick<PrivateData, 'get'>,
): { readonly roles: readonly BaseRole[]; readonly perhaps: readonly BaseRole[] } {
  const handsOver = planned.snapshot_managed_by === 'server' && prior.snapshot_managed_by === 'client';
  const isRaised = (role: BaseRole): boolean | Unknown => {
    if (role === 'snapshot' && handsOver) return true;
    if (startsCounting(prior, privateData)) return false;
    if (planned.rotate === UNKNOWN) return UNKNOWN;
    const after = planned.rotate?.[role] ?? null;
    return after === UNKNOWN ? UNKNOWN : (after ?? 0) > (prior.rotate?.[role] ?? 0);
  };
  return {
    roles: ROLES.filter((role) => isRaised(role) === true),
    perhaps: ROLES.filter((role) => isRaised(role) === UNKNOWN),
  };
}

/**
 * Says at plan what would keep keys from being rotated, and what is not rotated though it may look so. Returns the roles
 * that get new keys, or may.
 */
export async function planRotation({
  prior,
  planned,
  provider,
  privateData,
  warn,
  error,
}: {
  readonly prior: Before & { readonly root_key_ids: readonly string[] };
  readonly planned: After;
  readonly provider: Connection;
  readonly privateData: PrivateData;
  readonly warn: Context['warn'];
  readonly error: Problems['error'];
}): Promise<readonly BaseRole[]> {
  const { gun } = prior;
  const { roles, perhaps } = rotations(prior, planned, privateData);
  const manager = planned.snapshot_managed_by;
  if (manager === 'client' && prior.snapshot_managed_by === 'server') {
    error(['snapshot_managed_by'], `The snapshot of ${gun} is managed by the server, and stays so`, NO_CLIENT_SNAPSHOT);
    return [];
  }
  if (roles.includes('snapshot') && manager === 'client') {
    error(['rotate', 'snapshot'], `The snapshot of ${gun} is signed with a client’s key`, HAND_OVER);
    return [];
  }
  warnOfNothing(prior, planned, privateData, warn);
  if ([...roles, ...perhaps].includes('targets')) provider.foreseen.otherTargetsKey(gun);
  if (roles.length > 0) {
    try {
      await provider.planRotation(gun, prior.root_key_ids, roles);
    } catch (problem) {
      throw problem instanceof DctError ? at(problem, roles, prior) : problem;
    }
  }
  return [...roles, ...perhaps];
}

export const NO_CLIENT_SNAPSHOT =
  'A snapshot key on this machine would have to be shared with everyone who signs. Leave snapshot_managed_by out.';

const HAND_OVER =
  'rotate.snapshot asks the server for a new key. To let the server sign the snapshot from now on, which is a rotation, too, set snapshot_managed_by = "server".';

/** An import knows nothing of the counters, so what it finds in the configuration is where counting starts. */
function startsCounting(prior: Before, privateData: Pick<PrivateData, 'get'>): boolean {
  return prior.rotate === null && !hasRemembered(privateData);
}

function warnOfNothing(prior: Before, { rotate: after }: After, privateData: PrivateData, warn: Context['warn']): void {
  if (after === null || after === UNKNOWN) return;
  if (startsCounting(prior, privateData)) {
    const detail =
      'The repository was imported: the first counters are where counting starts. Raise one to rotate a key.';
    warn(['rotate'], `No key of ${prior.gun} is rotated`, detail);
    return;
  }
  for (const role of ROLES) {
    const from = prior.rotate?.[role] ?? null;
    const to = after[role];
    if (from === null || to === null || to === UNKNOWN || to >= from) continue;
    const detail = `rotate.${role} goes down from ${from} to ${to}. Only raising it rotates a key.`;
    warn(['rotate', role], `The ${role} key of ${prior.gun} stays as it is`, detail);
  }
}

/** The error at the attribute that asked for it. */
function at({ code, message, cure, cause }: DctError, roles: readonly BaseRole[], prior: Before): DctError {
  const [first, ...others] = roles;
  const handsOver = prior.snapshot_managed_by === 'client' && first === 'snapshot' && others.length === 0;
  const path = handsOver
    ? ['snapshot_managed_by']
    : first === undefined || others.length > 0
      ? ['rotate']
      : ['rotate', first];
  return new DctError(code, message, { attribute: path, cause, ...(cure !== undefined && { cure }) });
}

function counterProblem(value: number | bigint): string | undefined {
  return value >= 0 && (typeof value === 'bigint' || Number.isInteger(value))
    ? undefined
    : 'must be a whole number, 0 or more';
}
