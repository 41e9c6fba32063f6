import { type ObjectValue, UNKNOWN, type Value } from '../../../src/plugin';
import { type Diagnostic, Diagnostic_Severity } from '../../../src/plugin/generated/tfplugin6';
import { HandlerFault } from '../../../src/plugin/conformity';
import { Session } from '../../../src/plugin/calls/server';
import { encodeValue } from '../../../src/plugin/codec';
import { dctProvider } from '../../../src/provider/provider';
import { DirectCalls } from '../../plugin/direct-calls';
import { makeCertificate } from '../../notary/certificates';
import { diagnosticsOf, type Report } from './catalogue';
import { SECRET } from './steady';

const calls = new DirectCalls(dctProvider);
let certificate: string;
beforeAll(async () => {
  ({ certificate } = await makeCertificate());
});

/** What validation says of a resource with these settings beside good ones. */
function resource(name: keyof typeof GOOD, settings: () => ObjectValue) {
  return async () => {
    const typeName = `dct_${name}`;
    const { attributes } = dctProvider.resources.find((each) => each.name === name) ?? { attributes: {} };
    const config = whole(attributes, { ...GOOD[name], ...settings() });
    const request = { typeName, config, clientCapabilities: undefined };
    return reports((await calls.call(calls.methods.validateResourceConfig, request)).diagnostics);
  };
}

const GOOD = {
  trusted_registry: { cluster: 'cluster2' },
  repository: { name: 'admin/trustdemo', on_destroy: 'keep' },
  signer_delegation: { repository: 'admin/trustdemo', signer: 'alice', public_keys: UNKNOWN },
  signed_tag: {
    ...{ repository: 'admin/trustdemo', tag: '1', signer: 'alice' },
    digest: `sha256:${'0'.repeat(64)}`,
  },
} as const;

/** What validation says of a provider block. */
function provider(settings: ObjectValue) {
  return async () => {
    const config = whole(dctProvider.attributes, settings);
    return reports((await calls.call(calls.methods.validateProviderConfig, { config })).diagnostics);
  };
}

function data(name: string, settings: ObjectValue) {
  return async () => {
    const { attributes = {} } = (dctProvider.dataSources ?? []).find((each) => each.name === name) ?? {};
    const request = { typeName: `dct_${name}`, config: whole(attributes, settings), clientCapabilities: undefined };
    return reports((await calls.call(calls.methods.validateDataResourceConfig, request)).diagnostics);
  };
}

/** What becomes of a state that another provider wrote. */
const state =
  (json: string, version = 0) =>
  async () => {
    const rawState = { json: Buffer.from(json), flatmap: {} };
    const request = { typeName: 'dct_repository', version, rawState };
    return reports((await calls.call(calls.methods.upgradeResourceState, request)).diagnostics);
  };

function whole(attributes: object, given: ObjectValue) {
  const all = Object.keys(attributes).map((name): [string, Value] => [name, given[name] ?? null]);
  return encodeValue({ kind: 'object', attributes: { ...attributes } }, Object.fromEntries(all), new Map());
}

function reports(diagnostics: readonly Diagnostic[]): Report[] {
  return diagnostics.map(({ severity, summary, detail, attribute }) => ({
    severity: severity === Diagnostic_Severity.ERROR ? 'error' : 'warning',
    path: attribute?.steps.map(({ attributeName = '' }) => attributeName),
    summary,
    detail,
  }));
}

const registry = (host_address: string): ObjectValue => ({
  ...{ host_address, ca_bundle: null, ca_sha256: null, username: null, password: null },
  ...{ client_bundle_path: null, notary_url: null },
});

diagnosticsOf('plugin', {
  'validation: nothing where something has to be': resource('repository', () => ({ name: null })),
  'validation: null in a set': resource('signer_delegation', () => ({ public_keys: [certificate, null] })),
  'validation: none of those allowed': resource('repository', () => ({ on_destroy: 'remove' })),
  'validation: host address': provider({ registry: registry('https://dtr.example.com') }),
  'validation: CA of the registry': resource('trusted_registry', () => ({ ca_bundle: 'ca.pem' })),
  'validation: repository': resource('repository', () => ({ name: 'Admin/TrustDemo' })),
  'validation: repository with a tag': resource('repository', () => ({ name: 'admin/trustdemo:1' })),
  'validation: days': resource('repository', () => ({ min_validity_days: 2000 })),
  'validation: counter': resource('repository', () => ({
    rotate: { root: -1, targets: null, snapshot: null, timestamp: null },
  })),
  'validation: root key IDs': resource('repository', () => ({ expected_root_key_ids: ['AB'] })),
  'validation: signer': resource('signer_delegation', () => ({ signer: 'John.Doe' })),
  'validation: no key': resource('signer_delegation', () => ({ public_keys: [] })),
  'validation: private key': resource('signer_delegation', () => ({
    public_keys: ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  })),
  'validation: several keys': resource('signer_delegation', () => ({ public_keys: [certificate + certificate] })),
  'validation: tag': resource('signed_tag', () => ({ tag: 'no/tag' })),
  'validation: digest': resource('signed_tag', () => ({ digest: 'sha256:AB' })),
  'validation: signing key': provider({ signing_keys: { alice: { private_key: SECRET, passphrase: null } } }),
  'validation: timeout': provider({ request_timeout_seconds: 0 }),
  'validation: retries': provider({ max_retries: -1 }),
  'validation: image': data('admission', { cluster: 'cluster2', images: ['Not An Image'] }),
  'state: another version': state('{}', -1),
  'state: no object': state('[]', 0),
  'state: too old': state(''),
  'state: another type': async () => {
    const request = {
      ...{ sourceProviderAddress: '', sourceTypeName: 'dct_signed_tag', sourceSchemaVersion: 0 },
      ...{ targetTypeName: 'dct_repository', sourceState: undefined, sourcePrivate: Buffer.alloc(0) },
      ...{ sourceIdentity: undefined, sourceIdentitySchemaVersion: 0 },
    };
    return reports((await calls.call(calls.methods.moveResourceState, request)).diagnostics);
  },
  'stopped by Terraform': () => {
    const session = new Session();
    session.stop();
    session.signal.throwIfAborted();
  },
  'mistake of the provider: result': () => {
    throw new HandlerFault(['id'], 'a number instead of a string');
  },
  'mistake of the provider: code': () => {
    throw new TypeError('x is not a function');
  },
  'something else': () => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  },
});
