import { isDeepStrictEqual } from 'node:util';
import TOML from '@iarna/toml';
import * as v from 'valibot';

/** A registry that a UCP knows, in the words of its JSON API. */
export interface Registration {
  readonly hostAddress: string;
  /** Single sign-on client of the cluster's own DTR; empty for a remote registry. */
  readonly serviceID: string;
  readonly caBundle: string;
  readonly batchScanningDataEnabled: boolean;
}

export interface TrustPolicy {
  readonly requireContentTrust: boolean;
  readonly requireSignatureFrom: readonly string[];
  /** Undefined where the document has no `allow_repos`, as in UCP before MKE. */
  readonly allowRepositories: readonly string[] | undefined;
}

export interface SessionLimits {
  readonly lifetimeMinutes: number;
  readonly renewalThresholdMinutes: number;
  readonly perUserLimit: number;
}

const known = v.object({
  registries: v.optional(
    v.array(
      v.object({
        host_address: v.string(),
        service_id: v.optional(v.string(), ''),
        ca_bundle: v.optional(v.string(), ''),
        batch_scanning_data_enabled: v.optional(v.boolean(), false),
      }),
    ),
    [],
  ),
  trust_configuration: v.optional(
    v.object({
      require_content_trust: v.optional(v.boolean(), false),
      require_signature_from: v.optional(v.array(v.string()), []),
      allow_repos: v.optional(v.array(v.string())),
    }),
    {},
  ),
  auth: v.optional(
    v.object({
      sessions: v.optional(
        v.object({
          lifetime_minutes: v.optional(v.number(), 60),
          renewal_threshold_minutes: v.optional(v.number(), 20),
          per_user_limit: v.optional(v.number(), 10),
        }),
        {},
      ),
    }),
    {},
  ),
});

/** UCP's configuration, ucp-config.toml: kept as the text it was put, read for the few tables the sandbox acts on. */
export class ConfigDocument {
  private constructor(
    readonly text: string,
    private readonly tables: v.InferOutput<typeof known>,
  ) {}

  /** @throws Error of the parser, or of a known table whose values have the wrong type */
  static parse(text: string): ConfigDocument {
    const parsed = v.safeParse(known, parseToml(text));
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new Error(`${v.getDotPath(issue) ?? 'document'}: ${issue.message}`);
    }
    return new ConfigDocument(text, parsed.output);
  }

  get registrations(): Registration[] {
    return this.tables.registries.map((entry) => ({
      hostAddress: entry.host_address,
      serviceID: entry.service_id,
      caBundle: entry.ca_bundle,
      batchScanningDataEnabled: entry.batch_scanning_data_enabled,
    }));
  }

  get policy(): TrustPolicy {
    const table = this.tables.trust_configuration;
    return {
      requireContentTrust: table.require_content_trust,
      requireSignatureFrom: table.require_signature_from,
      allowRepositories: table.allow_repos,
    };
  }

  get sessionLimits(): SessionLimits {
    const table = this.tables.auth.sessions;
    return {
      lifetimeMinutes: table.lifetime_minutes,
      renewalThresholdMinutes: table.renewal_threshold_minutes,
      perUserLimit: table.per_user_limit,
    };
  }

  /** The document with this registration in place of the one of the same host address, or as a new one at the end. */
  withRegistration(registration: Registration): ConfigDocument {
    const all = this.registrations;
    const index = all.findIndex(({ hostAddress }) => hostAddress === registration.hostAddress);
    if (index < 0) all.push(registration);
    else all[index] = registration;
    return ConfigDocument.parse(replaceRegistries(this.text, all));
  }
}

/** The text with other `[[registries]]`, where the old ones were, else before `[scheduling_configuration]`, as UCP has it. */
function replaceRegistries(text: string, registrations: readonly Registration[]): string {
  const lines = text.split(/(?<=\n)/);
  const kept: string[] = [];
  let place: number | undefined;
  let inside = false;
  for (const line of lines) {
    if (/^\s*\[/.test(line)) inside = /^\s*\[\[\s*registries\s*\]\]/.test(line);
    if (inside) place ??= kept.length;
    else kept.push(line);
  }
  if (place === undefined) {
    const next = kept.findIndex((line) => /^\s*\[(?:scheduling|tracking|trust)_configuration\]/.test(line));
    place = next < 0 ? kept.length : next;
  }
  kept.splice(place, 0, ...registrations.map(registryTable));
  const edited = kept.join('');
  return saysTheSame(edited, text, registrations) ? edited : restated(text, registrations);
}

/** One `[[registries]]` table as UCP writes it, with an empty line after it. */
export function registryTable(registration: Registration): string {
  return [
    '[[registries]]',
    `  host_address = ${JSON.stringify(registration.hostAddress)}`,
    `  service_id = ${JSON.stringify(registration.serviceID)}`,
    `  ca_bundle = ${JSON.stringify(registration.caBundle)}`,
    `  batch_scanning_data_enabled = ${String(registration.batchScanningDataEnabled)}`,
    '',
    '',
  ].join('\n');
}

/** Whether the edit changed the registries and nothing else; an odd document (inline tables) defeats the edit by lines. */
function saysTheSame(edited: string, before: string, registrations: readonly Registration[]): boolean {
  try {
    return isDeepStrictEqual(parseToml(edited), wanted(before, registrations));
  } catch {
    return false;
  }
}

function restated(before: string, registrations: readonly Registration[]): string {
  return TOML.stringify(wanted(before, registrations));
}

function wanted(before: string, registrations: readonly Registration[]): TOML.JsonMap {
  return { ...parseToml(before), ...parseToml(registrations.map(registryTable).join('')) };
}

/** @iarna/toml 3.0 takes the CR after a comment for a control character in it; to TOML both line ends are the same. */
function parseToml(text: string): TOML.JsonMap {
  return TOML.parse(text.replaceAll('\r\n', '\n'));
}
