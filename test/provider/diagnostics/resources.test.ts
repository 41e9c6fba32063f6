import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { testAuthority } from '../../support/certificates';
import { dctProvider } from '../../../src/provider/provider';
import type { ObjectValue } from '../../../src/plugin';
import { UNKNOWN } from '../../../src/plugin';
import { makeCertificate } from '../../notary/certificates';
import { diagnosticsOf } from './catalogue';
import { type Changes, handle, ProviderOverSandbox } from './provider-over-sandbox';

let world: ProviderOverSandbox;
let rootKeyIds: readonly string[];
let digest: string;
let alice: string;
beforeAll(async () => {
  world = await ProviderOverSandbox.start();
  const { state } = await handle(await world.connect(), 'repository', 'create', repository());
  rootKeyIds = (state?.['root_key_ids'] ?? []) as readonly string[];
  digest = (await world.sandbox.dtr.images.manifest('admin/trustdemo', '1'))?.digest ?? '';
  alice = (await makeCertificate()).certificate;
  const delegation = signer({ public_keys: [await world.pem('cluster2', 'cert.pem')] });
  await handle(await world.connect(), 'signer_delegation', 'create', delegation);
  await handle(await world.connect(), 'trusted_registry', 'create', registration());
});
afterAll(() => world.close());

const repository = (given: ObjectValue = {}): ObjectValue => ({
  ...{ name: 'admin/trustdemo', on_destroy: 'keep', adopt_existing: false, when_lost: 'error' },
  ...{ min_validity_days: 30, renewal_due: UNKNOWN, snapshot_managed_by: UNKNOWN },
  ...given,
});
const signer = (given: ObjectValue = {}): ObjectValue => ({
  ...{ repository: 'admin/trustdemo', signer: 'cluster2admin', allow_unsigning: false },
  ...given,
});
const tag = (given: ObjectValue = {}): ObjectValue => ({
  ...{ repository: 'admin/trustdemo', tag: '1', signer: 'cluster2admin', digest, on_destroy: 'revoke' },
  ...{ min_validity_days: 30, renewal_due: UNKNOWN },
  ...given,
});
const registration = (given: ObjectValue = {}): ObjectValue => ({
  ...{ cluster: 'cluster2', host_address: world.hostAddress, ca_bundle: world.ca },
  ...given,
});

type Call = Parameters<typeof handle>;
const reportsOf =
  (
    name: Call[1],
    work: Call[2],
    values: () => ObjectValue | Promise<ObjectValue>,
    changes: Changes = {},
    more?: Call[4],
  ) =>
  async () =>
    (await handle(await world.connect(changes), name, work, await values(), more)).reports;
const gun = (name: string): string => `${world.hostAddress}/admin/${name}`;
const stateOf = (name: string, given: ObjectValue = {}): ObjectValue =>
  repository({ gun: gun(name), name: `admin/${name}`, root_key_ids: rootKeyIds, renewal_due: false, ...given });

/** As with create_before_destroy: the second one finds the policy of the first. */
async function enforcedTwice(on_destroy = 'restore') {
  const policy = {
    ...{ cluster: 'cluster2', require_content_trust: true, on_destroy: 'disable' },
    ...{ require_signature_from: null, allow_repositories: null },
  };
  const connection = await world.connect();
  await handle(connection, 'enforcement', 'create', policy);
  const made = await handle(connection, 'enforcement', 'create', { ...policy, on_destroy });
  await handle(await world.connect(), 'enforcement', 'delete', policy);
  return { connection, ...made };
}

const anyPolicy: ObjectValue = { cluster: 'cluster2', require_content_trust: true, on_destroy: 'restore' };

function data(name: string, config: ObjectValue) {
  return async () => {
    const source = (dctProvider.dataSources ?? []).find((each) => each.name === name);
    const ignore = (): void => undefined;
    const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
    const context = { signal: new AbortController().signal, log, warn: ignore };
    return source?.read({ ...context, provider: await world.connect(), config });
  };
}

diagnosticsOf('resources', {
  'already_exists: repository': reportsOf('repository', 'create', () => repository(), { store: 'other' }),
  'already_exists: repository, plan': reportsOf('repository', 'plan', () => repository(), { store: 'other' }),
  'adoption_unproven: found': reportsOf('repository', 'create', () => repository({ adopt_existing: true }), {
    store: 'other',
  }),
  'adoption_unproven: plan': reportsOf('repository', 'plan', () =>
    repository({ name: 'admin/new', adopt_existing: true }),
  ),
  'unpinned_root: adoption': reportsOf('repository', 'create', () =>
    repository({ adopt_existing: true, expected_root_key_ids: ['0'.repeat(64)] }),
  ),
  'unpinned_root: root_pins': () =>
    reportsOf('repository', 'read', () => stateOf('trustdemo', { root_key_ids: null }), {
      pins: { [world.hostAddress]: ['0'.repeat(64)] },
    })(),
  'unexpected_root_key: another store': reportsOf('repository', 'create', () =>
    repository({ name: 'admin/new', expected_root_key_ids: ['0'.repeat(64)] }),
  ),
  other_snapshot_manager: reportsOf('repository', 'create', () =>
    repository({ adopt_existing: true, expected_root_key_ids: rootKeyIds, snapshot_managed_by: 'client' }),
  ),
  'snapshot of a new repository': reportsOf('repository', 'plan', () =>
    repository({ name: 'admin/new', snapshot_managed_by: 'client' }),
  ),
  'no_root_key: new repository': reportsOf('repository', 'create', () => repository({ name: 'admin/new' }), {
    store: 'empty',
    createRootKey: false,
  }),
  'no_root_key: plan': async () => {
    await mkdir(join(world.directory, 'no-keys'));
    return reportsOf('repository', 'plan', () => repository({ name: 'admin/new' }), {
      store: 'no-keys',
      createRootKey: false,
    })();
  },
  'bundle_incomplete: plan': async () => {
    const bundle = join(world.directory, 'no-files');
    await mkdir(bundle);
    return reportsOf('trusted_registry', 'plan', () => registration(), { bundle })();
  },
  'warning: no trust store': reportsOf('repository', 'plan', () => repository({ name: 'admin/new' }), {
    store: 'nowhere',
    createRootKey: false,
  }),
  'trust_data_lost: read': reportsOf('repository', 'read', () => stateOf('gone')),
  'version_rollback: read': reportsOf(
    'repository',
    'read',
    () => stateOf('trustdemo'),
    {},
    {
      remembered: { versions: { root: 1, targets: 99 } },
    },
  ),
  'warning: trust data is gone': reportsOf('repository', 'read', () => stateOf('gone', { when_lost: 'recreate' })),
  'already_exists: signer': reportsOf('signer_delegation', 'create', () => signer({ public_keys: [alice] })),
  'expired_certificate: signer': reportsOf('signer_delegation', 'create', async () => {
    const { certificate } = await makeCertificate({ notAfter: new Date('2026-02-01T00:00:00Z') });
    return signer({ signer: 'bob', public_keys: [certificate] });
  }),
  'no_trust_data: signer': reportsOf('signer_delegation', 'create', () =>
    signer({ repository: 'admin/none', public_keys: [alice] }),
  ),
  'key_not_at_hand: signers': reportsOf(
    'signer_delegation',
    'create',
    () => signer({ signer: 'alice', public_keys: [alice] }),
    {
      store: 'other',
    },
  ),
  'unknown_signer: tag': reportsOf('signed_tag', 'create', () => tag({ signer: 'carol' })),
  'key_not_at_hand: tag': reportsOf('signed_tag', 'create', () => tag()),
  'image_not_found: tag': reportsOf('signed_tag', 'create', () => tag({ digest: `sha256:${'0'.repeat(64)}` })),
  'warning: image missing': reportsOf('signed_tag', 'plan', () => tag({ digest: `sha256:${'0'.repeat(64)}` }), {
    signers: ['cluster2'],
  }),
  'key_not_at_hand: planned': reportsOf('signed_tag', 'plan', () => tag()),
  'wrong_registry: tag': reportsOf('signed_tag', 'create', () =>
    tag({ repository: 'other.example.com/admin/trustdemo' }),
  ),
  'warning: another image': reportsOf('signed_tag', 'create', () => tag({ tag: '2' }), { signers: ['cluster2'] }),
  'key_not_at_hand: taking back': reportsOf('signed_tag', 'delete', () =>
    tag({ tag: '2', id: `${gun('trustdemo')}:2#cluster2admin`, root_key_ids: null }),
  ),
  in_state_twice: async () => {
    const connection = await world.connect();
    const prior = stateOf('trustdemo', { id: gun('trustdemo'), on_destroy: 'delete', min_validity_days: 30 });
    await handle(connection, 'repository', 'plan', prior, { prior });
    await handle(connection, 'repository', 'planDestroy', prior);
    return [];
  },
  'already_exists: registration': reportsOf('trusted_registry', 'create', async () =>
    registration({ ca_bundle: (await testAuthority('Other CA')).certificate }),
  ),
  'unknown_cluster: registration': reportsOf('trusted_registry', 'create', () => registration({ cluster: 'cluster3' })),
  'warning: registered already': reportsOf('trusted_registry', 'create', () => registration()),
  'warning: root certificate is over': reportsOf(
    'signer_delegation',
    'delete',
    () => signer({ id: `${gun('trustdemo')}#cluster2admin`, root_key_ids: null }),
    { now: new Date(Date.now() + 3700 * 86_400_000) },
  ),
  'warning: registration stays': reportsOf('trusted_registry', 'delete', () => registration({ cluster: 'cluster1' })),
  'warning: just made': async () => {
    const connection = await world.connect();
    const { state = {} } = await handle(connection, 'trusted_registry', 'create', registration());
    return (await handle(connection, 'trusted_registry', 'delete', state)).reports;
  },
  'wrong_ca: registration': async () => {
    const planned = registration({ ca_bundle: (await testAuthority('Other CA')).certificate });
    return (await handle(await world.connect(), 'trusted_registry', 'update', planned, { prior: registration() }))
      .reports;
  },
  registration_changed: async () => {
    const [planned, before] = await Promise.all(
      ['Other CA', 'Old CA'].map(async (name) => (await testAuthority(name)).certificate),
    );
    const prior = registration({ ca_bundle: before ?? '' });
    return handle(await world.connect(), 'trusted_registry', 'update', registration({ ca_bundle: planned ?? '' }), {
      prior,
    });
  },
  'registration_changed: no certificate': async () => {
    const { config } = world.sandbox.ucp('cluster2');
    await world.sandbox.ucp('cluster2').setConfig(config.replace(/ca_bundle = ".*"/, 'ca_bundle = "x"'));
    const prior = registration();
    try {
      await handle(await world.connect(), 'trusted_registry', 'update', prior, { prior });
    } finally {
      await world.sandbox.ucp('cluster2').setConfig(config);
    }
  },
  'warning: enforced already': async () => (await enforcedTwice()).reports,
  'already_exists: policy': async () => {
    const policy = (...from: string[]) => ({
      ...{ cluster: 'cluster2', require_content_trust: true, on_destroy: 'disable' },
      ...{ require_signature_from: from, allow_repositories: null },
    });
    await handle(await world.connect(), 'enforcement', 'create', policy('docker-datacenter/qa'));
    try {
      await handle(await world.connect(), 'enforcement', 'create', policy());
    } finally {
      await handle(await world.connect(), 'enforcement', 'delete', policy());
    }
  },
  ...Object.fromEntries(
    ['disable', 'keep'].map((on_destroy) => [
      `warning: enforced already, ${on_destroy}`,
      async () => (await enforcedTwice(on_destroy)).reports,
    ]),
  ),
  'warning: policy just made': async () => {
    const { connection, state = {} } = await enforcedTwice();
    return (await handle(connection, 'enforcement', 'delete', state)).reports;
  },
  'warning: policy stays': reportsOf(
    'enforcement',
    'planDestroy',
    () => ({ ...anyPolicy, id: 'cluster2' }),
    {},
    { remembered: { policy_before: { requireContentTrust: true, requireSignatureFrom: [] } } },
  ),
  policy_changed: reportsOf(
    'enforcement',
    'update',
    () => ({ ...anyPolicy, require_signature_from: ['docker-datacenter/release'] }),
    {},
    { prior: { ...anyPolicy, require_signature_from: ['docker-datacenter/release', 'docker-datacenter/qa'] } },
  ),
  'warning: no such team': reportsOf('enforcement', 'plan', () => ({
    ...{ cluster: 'cluster2', require_content_trust: false, on_destroy: 'restore' },
    require_signature_from: ['docker-datacenter/nobody'],
  })),
  'no_such_team: team': data('team', { cluster: 'cluster2', organization: 'docker-datacenter', name: 'nobody' }),
  'no_such_team: organization': data('team', { cluster: 'cluster2', organization: 'nowhere', name: 'nobody' }),
  'registry_ca_not_pinned: data source': () =>
    data('registry_ca', { host_address: world.hostAddress, expected_sha256: null })(),
  'registry_ca_other_fingerprint: data source': () =>
    data('registry_ca', { host_address: world.hostAddress, expected_sha256: '00'.repeat(32) })(),
  'invalid_fingerprint: data source': () =>
    data('registry_ca', { host_address: world.hostAddress, expected_sha256: 'ab' })(),
});
