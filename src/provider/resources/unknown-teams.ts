import { DctError } from '../../error';
import { UNKNOWN, type Context, type Unknown } from '../../plugin';
import type { Cluster, Connection } from '../connection';

interface Policy {
  readonly cluster: string | Unknown;
  readonly require_signature_from: readonly (string | Unknown)[] | null | Unknown;
}

/**
 * A mistyped team can be met by nobody, so nothing would run. IDs and bare names are the UCP's own business. At plan, as far as
 * the cluster answers soon; Terraform plans again right before it applies.
 */
export async function warnOfUnknownTeams(
  { cluster, require_signature_from: entries }: Policy,
  provider: Connection,
  { warn, signal }: Pick<Context, 'warn' | 'signal'>,
): Promise<void> {
  if (cluster === UNKNOWN || entries === UNKNOWN || entries === null) return;
  const known = entries.filter((entry) => entry !== UNKNOWN);
  const unknown = await provider.atAGlance(() => unknownTeams(provider.cluster(cluster), known, signal));
  for (const team of unknown ?? []) warn(...team);
}

async function unknownTeams(
  cluster: Cluster,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<Parameters<Context['warn']>[]> {
  const unknown: Parameters<Context['warn']>[] = [];
  for (const entry of entries) {
    const [, organization, name] = /^([^/]+)\/([^/]+)$/.exec(entry) ?? [];
    if (organization === undefined || name === undefined) continue;
    try {
      await cluster.team(organization, name, signal);
    } catch (error) {
      if (!(error instanceof DctError) || error.code !== 'no_such_team') throw error;
      const detail = `${error.message}. Until it exists, nobody can sign as it, and the cluster runs no image but those it is told to allow. Create it in ${cluster.name}, or correct require_signature_from.`;
      unknown.push([['require_signature_from'], `${cluster.name} has no team ${entry}`, detail]);
    }
  }
  return unknown;
}
