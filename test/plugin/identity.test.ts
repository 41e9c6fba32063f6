import { UNKNOWN, type ObjectValue } from '../../src/plugin';
import type { DynamicValue, ResourceIdentityData } from '../../src/plugin/generated/tfplugin6';
import { DirectCalls, received, sent } from './direct-calls';
import { Library, libraryProvider } from './library';

// Terraform 1.12 and later ask for identities. Those before do not, so here the calls are made by hand.
const definition = libraryProvider(new Library());
const [book, catalogue] = definition.resources;
if (book === undefined || catalogue === undefined) throw new Error('the library has no resources');
const title = { attributes: { title: book.attributes['title']! } };

const calls = new DirectCalls(definition);
const { methods } = calls;
beforeAll(() => calls.configure());

const none = Buffer.alloc(0);
const wanted: ObjectValue = { title: 'A', condition: 'new', keep: false, tags: [] };
const identityOf = (data: ResourceIdentityData | undefined) => data && received(title, data.identityData);
const plan = (config: ObjectValue, prior?: DynamicValue) =>
  calls.call(methods.planResourceChange, {
    typeName: 'library_book',
    priorState: prior,
    proposedNewState: sent(book, config),
    config: sent(book, config),
    priorPrivate: none,
  });
const apply = async (config: ObjectValue, prior?: DynamicValue) => {
  const { plannedState, plannedPrivate } = await plan(config, prior);
  const request = { typeName: 'library_book', priorState: prior, plannedState, config: sent(book, config) };
  return calls.call(methods.applyResourceChange, { ...request, plannedPrivate });
};

describe('when Terraform asks what identifies an object', () => {
  it('is told the attributes, of the resources that have an identity', async () => {
    const { identitySchemas } = await calls.call(methods.getResourceIdentitySchemas, {});
    expect(identitySchemas).toEqual({
      library_book: {
        version: 0,
        identityAttributes: [
          {
            name: 'title',
            type: Buffer.from('"string"'),
            requiredForImport: true,
            optionalForImport: false,
            description: 'What is on its back.',
          },
        ],
      },
    });
  });
});

describe('when an object is planned, made, read and gone', () => {
  it('has its identity with it as soon as that is known', async () => {
    expect(identityOf((await plan(wanted)).plannedIdentity)).toEqual({ title: 'A' });
    expect((await plan({ ...wanted, title: UNKNOWN })).plannedIdentity).toBeUndefined();

    const made = await apply(wanted);
    expect(identityOf(made.newIdentity)).toEqual({ title: 'A' });
    const state = made.newState;
    expect(identityOf((await plan({ ...wanted, pages: 3 }, state)).plannedIdentity)).toEqual({ title: 'A' });
    const read = () =>
      calls.call(methods.readResource, { typeName: 'library_book', currentState: state, private: none });
    expect(identityOf((await read()).newIdentity)).toEqual({ title: 'A' });

    const gone = await calls.call(methods.applyResourceChange, {
      typeName: 'library_book',
      priorState: state,
      plannedState: undefined,
      config: undefined,
      plannedPrivate: none,
    });
    expect([gone.diagnostics, gone.newIdentity]).toEqual([[], undefined]);
    expect((await read()).newIdentity).toBeUndefined();
  });

  it('has none where the resource declares none', async () => {
    const config = sent(catalogue, { titles: ['A'] });
    const request = { typeName: 'library_catalogue', priorState: undefined, proposedNewState: config, config };
    const { plannedIdentity, diagnostics } = await calls.call(methods.planResourceChange, {
      ...request,
      priorPrivate: none,
    });
    expect([plannedIdentity, diagnostics]).toEqual([undefined, []]);
  });
});

describe('when an object is imported by its identity', () => {
  it('gives the same as by its ID', async () => {
    const identity = { identityData: sent(title, { title: 'A' }) };
    const byIdentity = await calls.call(methods.importResourceState, { typeName: 'library_book', id: '', identity });
    const byId = await calls.call(methods.importResourceState, {
      typeName: 'library_book',
      id: 'A',
      identity: undefined,
    });
    expect(byIdentity).toEqual(byId);
    const [imported] = byIdentity.importedResources;
    expect(identityOf(imported?.identity)).toEqual({ title: 'A' });
    expect(received(book, imported?.state)).toMatchObject({ title: 'A', condition: 'new', keep: false });
  });

  it('says so when the identity lacks something', async () => {
    const identity = { identityData: sent(title, {}) };
    const { importedResources, diagnostics } = await calls.call(methods.importResourceState, {
      typeName: 'library_book',
      id: '',
      identity,
    });
    expect(importedResources).toEqual([]);
    expect(diagnostics).toHaveLength(1);
  });
});

describe('when an identity that was kept is read', () => {
  it('goes through the upgrade as it is', async () => {
    const { upgradedIdentity, diagnostics } = await calls.call(methods.upgradeResourceIdentity, {
      typeName: 'library_book',
      version: 0,
      rawIdentity: { json: Buffer.from('{"title":"A"}') },
    });
    expect([identityOf(upgradedIdentity), diagnostics]).toEqual([{ title: 'A' }, []]);
  });
});
