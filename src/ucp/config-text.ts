import { isDeepStrictEqual } from 'node:util';
import { parse, type JsonMap } from '@iarna/toml';
import { DctError } from '../error';
import { sameCertificates } from './certificates';
import { type TrustPolicy, type TrustTables, readTrustTables, sameHost } from './config';
import { addRegistry, removeRegistries, setRegistryCa } from './registries-text';
import { LayoutError } from './toml-layout';
import { setPolicyKey } from './trust-configuration-text';

/** What to change of a policy; what is left out stays. `allowRepositories: null` takes the setting away. */
export interface TrustPolicyChange {
  readonly requireContentTrust?: boolean | undefined;
  readonly requireSignatureFrom?: readonly string[] | undefined;
  readonly allowRepositories?: readonly string[] | null | undefined;
}

/**
 * Reads the trust tables of a `ucp-config.toml`.
 * @throws DctError `ucp_config_unreadable`
 */
export function readConfig(text: string): TrustTables {
  return readTrustTables(parseConfig(text));
}

/**
 * The document with this DTR in `[[registries]]`: a new entry, or the CA of the entry it has; service ID and all else of
 * that entry stay. Equal certificates, however written, change nothing.
 * @throws DctError `ucp_config_unreadable`, or `ucp_config_not_editable` when the change cannot be made without touching more
 */
export function setRegistration(text: string, registration: { hostAddress: string; caBundle: string }): string {
  const { hostAddress, caBundle } = registration;
  const { registries } = readConfig(text);
  const known = registries.filter((entry) => sameHost(entry.hostAddress, hostAddress));
  if (known.length === 0) {
    return verified(
      text,
      () => addRegistry(text, registration),
      (document) => {
        const added: JsonMap = { host_address: hostAddress, service_id: '', ca_bundle: caBundle };
        document['registries'] = [...entriesOf(document), added];
      },
    );
  }
  const outdated = (index: number): boolean => {
    const entry = registries[index];
    return entry !== undefined && known.includes(entry) && !sameCertificates(entry.caBundle, caBundle);
  };
  if (!registries.some((_, index) => outdated(index))) return text;
  return verified(
    text,
    () => setRegistryCa(text, outdated, caBundle),
    (document) => {
      entriesOf(document).forEach((entry, index) => {
        if (outdated(index)) entry['ca_bundle'] = caBundle;
      });
    },
  );
}

/**
 * The document without this DTR in `[[registries]]`; unchanged when it is not there.
 * @throws DctError `ucp_registration_has_service_id` for the cluster's own DTR: removing it would end single sign-on
 */
export function removeRegistration(text: string, hostAddress: string): string {
  const { registries } = readConfig(text);
  const going = registries.map((entry) => sameHost(entry.hostAddress, hostAddress));
  if (!going.includes(true)) return text;
  if (registries.some((entry, index) => going[index] === true && entry.serviceId !== '')) {
    throw new DctError(
      'ucp_registration_has_service_id',
      `${hostAddress} is registered with a service ID: it is the cluster's own DTR, and removing it would end single sign-on.`,
      { cure: 'Keep it. To remove a DTR that is really gone, use "docker/dtr destroy" or the UCP web interface.' },
    );
  }
  return verified(
    text,
    () => removeRegistries(text, (index) => going[index] === true),
    (document) => {
      const left = entriesOf(document).filter((_, index) => going[index] !== true);
      if (left.length > 0) document['registries'] = left;
      else delete document['registries'];
    },
  );
}

/**
 * The document with this signing policy in `[trust_configuration]`; lists that hold the same names are left as they are.
 * @throws DctError `ucp_config_not_editable`
 */
export function setTrustPolicy(text: string, change: TrustPolicyChange): string {
  const values = changedKeys(readConfig(text).policy, change);
  return Object.entries(values).reduce(
    (before, [key, value]) =>
      verified(
        before,
        () => setPolicyKey(before, key, value),
        (document) => {
          const table: JsonMap = isTable(document['trust_configuration']) ? document['trust_configuration'] : {};
          const others = Object.entries(table).filter(([name]) => name !== key);
          const set: JsonMap = value === null ? {} : { [key]: typeof value === 'boolean' ? value : [...value] };
          document['trust_configuration'] = { ...Object.fromEntries(others), ...set };
        },
      ),
    text,
  );
}

/** The document already says so. */
export function hasTrustPolicy(policy: TrustPolicy, change: TrustPolicyChange): boolean {
  return Object.keys(changedKeys(policy, change)).length === 0;
}

function changedKeys(now: TrustPolicy, to: TrustPolicyChange): Record<string, boolean | readonly string[] | null> {
  const changed: Record<string, boolean | readonly string[] | null> = {};
  if (to.requireContentTrust !== undefined && to.requireContentTrust !== now.requireContentTrust) {
    changed['require_content_trust'] = to.requireContentTrust;
  }
  if (to.requireSignatureFrom !== undefined && !sameNames(to.requireSignatureFrom, now.requireSignatureFrom)) {
    changed['require_signature_from'] = to.requireSignatureFrom;
  }
  if (to.allowRepositories !== undefined && !sameNames(to.allowRepositories, now.allowRepositories ?? null)) {
    changed['allow_repos'] = to.allowRepositories;
  }
  return changed;
}

function sameNames(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return isDeepStrictEqual([...new Set(a)].sort(), [...new Set(b)].sort());
}

/** Makes an edit and lets it out only when a parser finds exactly the intended difference. */
function verified(text: string, edit: () => string, intended: (document: JsonMap) => void): string {
  const expected = plainTable(parseConfig(text));
  intended(expected);
  let edited: string;
  try {
    edited = edit();
    if (isDeepStrictEqual(plainTable(expected), plainTable(parseConfig(edited)))) return edited;
  } catch (cause) {
    if (cause instanceof LayoutError) throw notEditable(`its layout cannot be followed at ${cause.message}`);
    if (cause instanceof DctError && cause.code !== 'ucp_config_unreadable') throw cause;
  }
  throw notEditable('the edit would have changed more than it should');
}

function notEditable(why: string): DctError {
  return new DctError('ucp_config_not_editable', `the UCP configuration was not changed: ${why}.`, {
    cure: 'Make this change by hand in the UCP web interface or with a PUT of the edited ucp-config.toml.',
  });
}

function parseConfig(text: string): JsonMap {
  try {
    // @iarna/toml takes no byte order mark, and in comments no CRLF, both of which TOML allows.
    return parse(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  } catch (cause) {
    // The parser's own message quotes the lines around the place, which may hold a password; so it is not passed on.
    const line = typeof cause === 'object' && cause !== null && 'line' in cause ? Number(cause.line) + 1 : '?';
    throw new DctError('ucp_config_unreadable', `the UCP configuration is not valid TOML: line ${line}.`, {
      cure: 'Fetch /api/ucp/config-toml and look at that line; nothing is sent to a UCP whose configuration cannot be read.',
    });
  }
}

/** Tables, lists and values only: the parser marks its tables with symbols that would get in the way of comparing. */
function plainTable(table: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, plain(value)]));
}

function plain(value: JsonMap[string]): JsonMap[string] {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  return isTable(value) ? plainTable(value) : value;
}

function entriesOf(document: JsonMap): JsonMap[] {
  const { registries } = document;
  const list: unknown[] = Array.isArray(registries) ? registries : [];
  return list.filter(isTable);
}

function isTable(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
