import { ExtData } from '@msgpack/msgpack';
import { applyResourceChange } from '../../src/plugin/calls/apply';
import { configureProvider, validateProviderConfig } from '../../src/plugin/calls/configure';
import { readDataSource } from '../../src/plugin/calls/data-source';
import { callFunction } from '../../src/plugin/calls/function';
import { importResourceState } from '../../src/plugin/calls/import';
import { planResourceChange } from '../../src/plugin/calls/plan';
import { readResource } from '../../src/plugin/calls/read';
import {
  getFunctions,
  getMetadata,
  getProviderSchema,
  getResourceIdentitySchemas,
} from '../../src/plugin/calls/schema';
import { ProviderServer, Session } from '../../src/plugin/calls/server';
import { moveResourceState, upgradeResourceIdentity, upgradeResourceState } from '../../src/plugin/calls/upgrade';
import { validateResourceConfig } from '../../src/plugin/calls/validate';
import { Library, libraryProvider } from './library';
import { NONE, sent, shown, silent, UNKNOWN } from './wire';

// Each call of the protocol: a full request, the full reply.
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const BOOK = {
  title: 'A',
  shelf: 'front',
  pages: null,
  tags: [],
  owners: null,
  condition: 'new',
  note: null,
  key: null,
  keep: false,
  revision: '1',
  id: 'A',
};
const CONFIG = { ...BOOK, shelf: null, tags: null, condition: null, keep: null, revision: null, id: null };
const typeName = 'library_book';
const library = new Library();
const server = new ProviderServer(libraryProvider(library), silent);
let session: Session;
beforeEach(async () => {
  library.books.clear();
  library.before = () => undefined;
  session = new Session();
  const config = sent({ city: 'Rome', token: null });
  await configureProvider(server, session, { terraformVersion: '1.11.4', config });
});

describe('when Terraform asks what there is', () => {
  it('GetMetadata', () => {
    expect(getMetadata(server)).toEqual({
      serverCapabilities: { planDestroy: true, getProviderSchemaOptional: true, moveResourceState: true },
      diagnostics: [],
      resources: [{ typeName: 'library_book' }, { typeName: 'library_catalogue' }],
      dataSources: [{ typeName: 'library_shelf' }],
      functions: [{ name: 'join_titles' }],
    });
  });

  it('GetProviderSchema', () => {
    const schema = getProviderSchema(server);
    expect(Object.keys(schema.resourceSchemas)).toEqual(['library_book', 'library_catalogue']);
    expect(shown(schema.resourceSchemas.library_book?.block?.attributes.find(({ name }) => name === 'owners'))).toEqual(
      {
        name: 'owners',
        type: '',
        description: 'Whose it is.',
        descriptionKind: 1,
        required: false,
        optional: true,
        computed: false,
        sensitive: false,
        deprecated: false,
        writeOnly: false,
        nestedType: {
          nesting: 4,
          attributes: [
            {
              name: 'card',
              type: '"string"',
              description: 'Number of the card.',
              descriptionKind: 1,
              nestedType: undefined,
              required: false,
              optional: false,
              computed: true,
              sensitive: false,
              deprecated: false,
              writeOnly: false,
            },
            {
              name: 'since',
              type: '"number"',
              description: 'Year.',
              descriptionKind: 1,
              nestedType: undefined,
              required: true,
              optional: false,
              computed: false,
              sensitive: false,
              deprecated: false,
              writeOnly: false,
            },
          ],
        },
      },
    );
    expect(getFunctions(server).functions).toEqual(schema.functions);
  });

  it('GetResourceIdentitySchemas', () => {
    expect(shown(getResourceIdentitySchemas(server))).toEqual({
      identitySchemas: {
        library_book: {
          version: 0,
          identityAttributes: [
            {
              name: 'title',
              type: '"string"',
              requiredForImport: true,
              optionalForImport: false,
              description: 'What is on its back.',
            },
          ],
        },
      },
      diagnostics: [],
    });
  });
});

describe('when Terraform checks a configuration', () => {
  it('ValidateProviderConfig', async () => {
    const config = sent({ city: 'Atlantis', token: UNKNOWN });
    expect(await validateProviderConfig(server, new Session(), { config })).toEqual({
      diagnostics: [
        {
          severity: 1,
          summary: 'No such city',
          detail: 'Atlantis was never found.',
          attribute: { steps: [{ attributeName: 'city' }] },
        },
      ],
    });
  });

  it('ValidateResourceConfig, before anything is configured and known', async () => {
    const config = sent({ ...CONFIG, title: UNKNOWN, tags: ['x', UNKNOWN], owners: UNKNOWN, condition: 'torn' });
    expect(await validateResourceConfig(server, new Session(), { typeName, config })).toEqual({
      diagnostics: [
        {
          severity: 1,
          summary: 'condition must be one of "new", "used"',
          detail: 'It is "torn".',
          attribute: { steps: [{ attributeName: 'condition' }] },
        },
      ],
    });
  });
});

describe('when Terraform manages a resource', () => {
  const plan = {
    typeName,
    priorState: sent(null),
    proposedNewState: sent(null),
    config: sent(CONFIG),
    priorPrivate: NONE,
  };
  const applied = {
    typeName,
    priorState: sent(null),
    plannedState: sent(null),
    config: sent(null),
    plannedPrivate: NONE,
  };

  it('PlanResourceChange: create', async () => {
    expect(shown(await planResourceChange(server, session, plan))).toEqual({
      plannedState: { ...BOOK, shelf: UNKNOWN, revision: UNKNOWN },
      requiresReplace: [],
      plannedPrivate: '',
      diagnostics: [],
      plannedIdentity: { identityData: { title: 'A' } },
    });
  });

  it('PlanResourceChange: replace, with what Terraform knows of an unknown value', async () => {
    const request = {
      ...plan,
      priorState: sent(BOOK),
      priorPrivate: bytes({ madeIn: 'Rome' }),
      config: sent({ ...CONFIG, title: new ExtData(12, Buffer.from('8201c202a77072656669782d', 'hex')) }),
    };
    expect(shown(await planResourceChange(server, session, request))).toEqual({
      plannedState: { ...BOOK, title: UNKNOWN, id: UNKNOWN, revision: UNKNOWN },
      requiresReplace: [{ steps: [{ attributeName: 'title' }] }],
      plannedPrivate: '{"madeIn":"Rome"}',
      diagnostics: [],
      plannedIdentity: undefined,
    });
  });

  it('PlanResourceChange: destroy', async () => {
    const request = { ...plan, priorState: sent({ ...BOOK, keep: true }), config: sent(null) };
    expect(shown(await planResourceChange(server, session, request))).toEqual({
      plannedState: null,
      requiresReplace: [],
      plannedPrivate: '',
      diagnostics: [{ severity: 1, summary: 'The book A is to be kept', detail: '', attribute: undefined }],
      plannedIdentity: undefined,
    });
  });

  it('ApplyResourceChange: create', async () => {
    const request = {
      ...applied,
      plannedState: sent({ ...BOOK, shelf: UNKNOWN, revision: UNKNOWN }),
      config: sent({ ...CONFIG, key: 'k' }),
    };
    expect(shown(await applyResourceChange(server, session, request))).toEqual({
      newState: BOOK,
      private: '{"madeIn":"Rome"}',
      diagnostics: [],
      newIdentity: { identityData: { title: 'A' } },
    });
    expect(library.books.get('A')?.key).toBe('k');
  });

  it('ApplyResourceChange: update of what is not there', async () => {
    const request = {
      ...applied,
      priorState: sent(BOOK),
      plannedState: sent({ ...BOOK, pages: '3' }),
      config: sent({ ...CONFIG, pages: '3' }),
    };
    expect(shown(await applyResourceChange(server, session, request))).toEqual({
      newState: BOOK,
      private: '',
      diagnostics: [{ severity: 1, summary: 'There is no book A', detail: '', attribute: undefined }],
      newIdentity: { identityData: { title: 'A' } },
    });
  });

  it('ApplyResourceChange: delete', async () => {
    expect(shown(await applyResourceChange(server, session, { ...applied, priorState: sent(BOOK) }))).toEqual({
      newState: null,
      private: '',
      diagnostics: [],
      newIdentity: undefined,
    });
  });

  it('ApplyResourceChange: a delete that fails', async () => {
    library.before = () => {
      throw new Error('It is stuck');
    };
    const reply = await applyResourceChange(server, session, { ...applied, priorState: sent(BOOK) });
    expect(shown(reply)).toMatchObject({ newState: BOOK, diagnostics: [{ summary: 'It is stuck' }] });
  });

  it('ReadResource: gone', async () => {
    const request = { typeName, currentState: sent(BOOK), private: bytes({ madeIn: 'Rome' }) };
    expect(shown(await readResource(server, session, request))).toEqual({
      newState: null,
      diagnostics: [],
      private: '',
      newIdentity: undefined,
    });
  });

  it('ReadResource: an error leaves the state', async () => {
    library.before = () =>
      Promise.reject(Object.assign(new Error('No light'), { code: 'dark', cure: 'Switch it on.' }));
    const request = { typeName, currentState: sent(BOOK), private: bytes({ madeIn: 'Rome' }) };
    expect(shown(await readResource(server, session, request))).toEqual({
      newState: BOOK,
      diagnostics: [{ severity: 1, summary: 'No light', detail: 'What to do: Switch it on.', attribute: undefined }],
      private: '{"madeIn":"Rome"}',
      newIdentity: { identityData: { title: 'A' } },
    });
  });

  it.each([
    ['an ID', { id: 'A', identity: undefined }],
    ['an identity', { id: '', identity: { identityData: sent({ title: 'A' }) } }],
  ])('ImportResourceState by %s', async (_, by) => {
    const nulls = Object.fromEntries(Object.keys(BOOK).map((name) => [name, null]));
    expect(shown(await importResourceState(server, session, { typeName, ...by }))).toEqual({
      importedResources: [
        {
          typeName,
          state: { ...nulls, title: 'A', tags: [], condition: 'new', keep: false },
          private: '',
          identity: { identityData: { title: 'A' } },
        },
      ],
      diagnostics: [],
    });
  });

  it('UpgradeResourceState: the same version comes back byte for byte', async () => {
    const json = Buffer.from(
      JSON.stringify({ ...BOOK, pages: 0 }).replace('"pages":0', '"pages": 12345678901234567890'),
    );
    const reply = await upgradeResourceState(server, session, { typeName, version: 2, rawState: { json } });
    expect(reply).toEqual({ upgradedState: { msgpack: NONE, json }, diagnostics: [] });
  });

  it('UpgradeResourceState: attributes that came and went', async () => {
    const { pages, ...rest } = BOOK;
    const reply = await upgradeResourceState(server, session, {
      typeName,
      version: 2,
      rawState: { json: bytes({ ...rest, revision: 1, colour: pages }) },
    });
    expect(shown(reply)).toEqual({ upgradedState: BOOK, diagnostics: [] });
  });

  it('UpgradeResourceState: a version nobody can upgrade', async () => {
    const request = { typeName: 'library_catalogue', version: -1, rawState: { json: bytes({ titles: [] }) } };
    expect(shown(await upgradeResourceState(server, session, request))).toMatchObject({
      upgradedState: undefined,
      diagnostics: [
        { summary: 'A state of library_catalogue in version -1 cannot be used by this version of the provider' },
      ],
    });
  });

  it('UpgradeResourceIdentity', () => {
    const request = { typeName, version: 0, rawIdentity: { json: bytes({ title: 'A' }) } };
    expect(shown(upgradeResourceIdentity(server, session, request))).toEqual({
      upgradedIdentity: { identityData: { title: 'A' } },
      diagnostics: [],
    });
  });

  it('MoveResourceState from a provider of another address', async () => {
    const old = Object.fromEntries(Object.entries(BOOK).filter(([name]) => name !== 'keep'));
    const request = {
      sourceProviderAddress: 'registry.terraform.io/other/library',
      sourceTypeName: typeName,
      sourceSchemaVersion: 1,
      sourceState: { json: bytes({ ...old, revision: 1 }) },
      targetTypeName: typeName,
      sourcePrivate: bytes({ madeIn: 'Rome' }),
    };
    expect(shown(await moveResourceState(server, session, request))).toEqual({
      targetState: BOOK,
      targetPrivate: '{"madeIn":"Rome"}',
      targetIdentity: undefined,
      diagnostics: [],
    });
  });
});

describe('when Terraform reads and computes', () => {
  it('ReadDataSource', async () => {
    const config = sent({ name: 'top', most: null, titles: null });
    expect(shown(await readDataSource(server, session, { typeName: 'library_shelf', config }))).toEqual({
      state: { name: 'top', most: '100', titles: [] },
      diagnostics: [],
    });
  });

  it.each([
    ['a result', '-', { result: 'A-B', error: undefined }],
    [
      'an error at its argument',
      '',
      { result: undefined, error: { text: 'the separator is empty', functionArgument: 1 } },
    ],
  ])('CallFunction: %s', async (_, separator, reply) => {
    const request = { name: 'join_titles', arguments: [sent(['A', 'B']), sent(separator)] };
    expect(shown(await callFunction(server, request))).toEqual(reply);
  });

  it('is refused before ConfigureProvider', async () => {
    const request = { typeName, currentState: sent(BOOK), private: NONE };
    expect(shown(await readResource(server, new Session(), request))).toMatchObject({
      diagnostics: [{ summary: 'The provider is not configured' }],
    });
  });

  it('fails for what the provider does not have', async () => {
    const config = sent(null);
    await expect(readDataSource(server, session, { typeName: 'library_attic', config })).rejects.toThrow(
      'this provider has no data source library_attic',
    );
  });
});
