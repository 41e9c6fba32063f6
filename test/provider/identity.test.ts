import type { ObjectValue } from '../../src/plugin';
import type { DynamicValue, ResourceIdentityData } from '../../src/plugin/generated/tfplugin6';
import { dctProvider } from '../../src/provider/provider';
import { makeCertificate } from '../notary/certificates';
import { DirectCalls, received, sent } from '../plugin/direct-calls';
import { ProviderOverSandbox } from './diagnostics/provider-over-sandbox';

// Terraform 1.12 and later ask for identities. Those before do not, so here the calls are made by hand.
const none = Buffer.alloc(0);
let world: ProviderOverSandbox;
let calls: DirectCalls;
let alice: string;
let digest: string;
beforeAll(async () => {
  world = await ProviderOverSandbox.start();
  calls = new DirectCalls({ ...dctProvider, configure: () => world.connect({ signers: ['cluster2'] }) });
  await calls.configure();
  alice = (await makeCertificate()).certificate;
  digest = (await world.sandbox.dtr.images.manifest('admin/trustdemo', '1'))?.digest ?? '';
});
afterAll(() => world.close());

const gun = (): string => `${world.hostAddress}/admin/trustdemo`;
/** In the order in which they rely on each other: configuration, identity, and what an import cannot know. */
const KINDS: readonly [string, () => Promise<ObjectValue> | ObjectValue, () => ObjectValue, readonly string[]][] = [
  [
    'trusted_registry',
    () => ({ cluster: 'cluster2' }),
    () => ({ cluster: 'cluster2', host_address: world.hostAddress }),
    [],
  ],
  [
    'repository',
    () => ({
      name: 'admin/trustdemo',
      on_destroy: 'delete',
      when_lost: 'error',
      adopt_existing: false,
      min_validity_days: 30,
    }),
    () => ({ gun: gun() }),
    ['on_destroy'],
  ],
  [
    'signer_delegation',
    async () => ({
      ...{ repository: 'admin/trustdemo', signer: 'cluster2admin', allow_unsigning: false },
      public_keys: [await world.pem('cluster2', 'cert.pem'), alice],
    }),
    () => ({ repository: 'admin/trustdemo', signer: 'cluster2admin' }),
    ['public_keys'],
  ],
  [
    'signed_tag',
    () => ({
      ...{ repository: 'admin/trustdemo', tag: '1', signer: 'cluster2admin', digest },
      ...{ on_destroy: 'revoke', min_validity_days: 30 },
    }),
    () => ({ repository: 'admin/trustdemo', tag: '1', signer: 'cluster2admin' }),
    [],
  ],
  [
    'enforcement',
    () => ({ cluster: 'cluster2', require_content_trust: true, on_destroy: 'restore' }),
    () => ({ cluster: 'cluster2' }),
    [],
  ],
];

function definitionOf(name: string) {
  const found = dctProvider.resources.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no resource ${name}`);
  const identity = found.identity ?? [];
  const attributes = Object.fromEntries(identity.map((attribute) => [attribute, found.attributes[attribute]!]));
  return { found, shape: { attributes } };
}

test('the schema of identities has all resources, each with what an import needs', async () => {
  const { identitySchemas } = await calls.call(calls.methods.getResourceIdentitySchemas, {});
  const needed = Object.entries(identitySchemas).map(([name, { version, identityAttributes }]) => [
    name,
    version,
    identityAttributes.map((each) => [each.name, each.requiredForImport, each.description !== '']),
  ]);
  expect(needed.sort()).toEqual(
    KINDS.map(([name, , identity]) => [
      `dct_${name}`,
      0,
      Object.keys(identity()).map((attribute) => [attribute, true, true]),
    ]).sort(),
  );
});

test.each(KINDS)(
  'dct_%s has its identity when it is planned, made, read and imported',
  async (name, config, identity, unknown) => {
    const typeName = `dct_${name}`;
    const { found, shape } = definitionOf(name);
    const identityIn = (data: ResourceIdentityData | undefined) => data && received(shape, data.identityData);
    const given = sent(found, await config());
    const asked = { typeName, priorState: undefined, config: given, priorPrivate: none };
    const planned = await calls.call(calls.methods.planResourceChange, { ...asked, proposedNewState: given });
    expect([planned.diagnostics, identityIn(planned.plannedIdentity)]).toEqual([[], identity()]);

    const { plannedState, plannedPrivate } = planned;
    const apply = { typeName, priorState: undefined, plannedState, config: given, plannedPrivate };
    const made = await calls.call(calls.methods.applyResourceChange, apply);
    expect([made.diagnostics, identityIn(made.newIdentity)]).toEqual([[], identity()]);

    const readAgain = async (currentState: DynamicValue | undefined, kept: Buffer) => {
      const read = await calls.call(calls.methods.readResource, { typeName, currentState, private: kept });
      expect([read.diagnostics, identityIn(read.newIdentity)]).toEqual([[], identity()]);
      return received(found, read.newState);
    };
    const state = await readAgain(made.newState, made.private);

    const byIdentity = { typeName, id: '', identity: { identityData: sent(shape, identity()) } };
    const { importedResources, diagnostics } = await calls.call(calls.methods.importResourceState, byIdentity);
    expect([diagnostics, importedResources.map((each) => identityIn(each.identity))]).toEqual([[], [identity()]]);
    const imported = await readAgain(importedResources[0]?.state, importedResources[0]?.private ?? none);
    expect(without(imported, unknown)).toEqual(without(state, unknown));
  },
);

function without(value: unknown, names: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(value as ObjectValue).filter(([name]) => !names.includes(name)));
}
