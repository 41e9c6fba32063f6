import type { JsonMap } from '@iarna/toml';
import * as v from 'valibot';
import { DctError } from '../error';

/** A DTR that a UCP knows. */
export interface Registration {
  /** `host[:port]`. */
  readonly hostAddress: string;
  /** PEM. */
  readonly caBundle: string;
  /** Single sign-on client of the cluster's own DTR; empty for a DTR of another cluster. */
  readonly serviceId: string;
  readonly batchScanningDataEnabled?: boolean | undefined;
}

/** Which images a UCP runs. */
export interface TrustPolicy {
  readonly requireContentTrust: boolean;
  /** Teams (or users), as the UCP stores them; each of them must have signed. */
  readonly requireSignatureFrom: readonly string[];
  /** Repositories that need no signature. `undefined`: this UCP has no such setting (it is MKE's), which is not the same as none. */
  readonly allowRepositories: readonly string[] | undefined;
}

/** The two tables of `ucp-config.toml` that are ours to read and change. */
export interface TrustTables {
  readonly registries: readonly Registration[];
  readonly policy: TrustPolicy;
}

const strings = v.array(v.string());
const notAList = v.check((input: unknown) => !Array.isArray(input), 'a list of tables where one table belongs');
const tablesSchema = v.object({
  registries: v.optional(
    v.array(
      v.object({
        host_address: v.string(),
        service_id: v.optional(v.string(), ''),
        ca_bundle: v.optional(v.string(), ''),
        batch_scanning_data_enabled: v.optional(v.boolean()),
      }),
    ),
    [],
  ),
  trust_configuration: v.optional(
    v.pipe(
      v.unknown(),
      notAList,
      v.object({
        require_content_trust: v.optional(v.boolean(), false),
        require_signature_from: v.optional(strings, []),
        allow_repos: v.optional(strings),
      }),
    ),
    {},
  ),
});

/**
 * Reads the trust tables of a `ucp-config.toml` (ee/ucp/admin/configure/ucp-configuration-file).
 * @throws DctError `ucp_config_unreadable`, naming the place and never its content: the document is full of secrets
 */
export function readTrustTables(document: JsonMap): TrustTables {
  const result = v.safeParse(tablesSchema, document);
  if (!result.success) {
    const where = result.issues.map((issue) => v.getDotPath(issue) ?? '').join(', ');
    throw new DctError('ucp_config_unreadable', `the UCP configuration has another shape than expected at ${where}.`, {
      cure: 'Compare these settings with the configuration file page of this UCP version.',
    });
  }
  const { registries, trust_configuration: trust } = result.output;
  return {
    registries: registries.map((entry) => ({
      hostAddress: entry.host_address,
      caBundle: entry.ca_bundle,
      serviceId: entry.service_id,
      batchScanningDataEnabled: entry.batch_scanning_data_enabled,
    })),
    policy: {
      requireContentTrust: trust.require_content_trust,
      requireSignatureFrom: trust.require_signature_from,
      allowRepositories: trust.allow_repos,
    },
  };
}

/** Host names know no case. */
export function sameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
