import * as v from 'valibot';
import type { UcpConnection } from './connection';

export interface UcpVersion {
  /** Docker's UCP became Mirantis' MKE with 3.3; both still say `ucp/` of themselves. */
  readonly product: 'ucp' | 'mke';
  /** `3.2.5`, or with a suffix `3.3.0-rc1`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const schema = v.object({
  Version: v.optional(v.string(), ''),
  Components: v.nullish(
    v.array(v.object({ Name: v.optional(v.string(), ''), Version: v.optional(v.string(), '') })),
    [],
  ),
});

/** The version from `GET /version`; undefined when the server is no UCP, such as a plain Docker engine. */
export async function readVersion(connection: UcpConnection, signal?: AbortSignal): Promise<UcpVersion | undefined> {
  const answer = await connection.read('/version', schema, 'reading the version', undefined, signal);
  const component = answer.Components.find(({ Name }) =>
    /universal control plane|\bucp\b|kubernetes engine|\bmke\b/i.test(Name),
  );
  return (
    parseVersion(answer.Version) ??
    (component && parseVersion(`ucp/${component.Version.replace(/^(?:ucp|mke)\//i, '')}`))
  );
}

/** Reads `ucp/3.2.5`, `ucp/3.3.0-rc1`, `mke/3.7.1`. */
export function parseVersion(text: string): UcpVersion | undefined {
  const match = /^(ucp|mke)\/v?((\d+)\.(\d+)(?:\.(\d+))?(?:[-+.][\w.+-]*)?)$/i.exec(text.trim());
  if (!match) return undefined;
  const [, name = '', version = '', major, minor, patch = '0'] = match;
  const numbers = { major: Number(major), minor: Number(minor), patch: Number(patch) };
  const renamed = numbers.major > 3 || (numbers.major === 3 && numbers.minor >= 3);
  return { product: name.toLowerCase() === 'mke' || renamed ? 'mke' : 'ucp', version, ...numbers };
}
