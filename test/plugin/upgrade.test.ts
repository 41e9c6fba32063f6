import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { optional, providerDefinition, string, definitions, type JsonObject } from '../../src/plugin';
import { DirectCalls } from './direct-calls';
import { book, Stage } from './library-stage';

const inState = {
  title: 'A',
  shelf: 'front',
  pages: 3,
  tags: [],
  owners: null,
  condition: 'new',
  note: null,
  revision: 1,
  keep: false,
  key: null,
  id: 'A',
};
// Version 0 called the title a name; version 1 did not know `keep`.
const { title, ...titled } = inState;
const rest = Object.fromEntries(Object.entries(titled).filter(([name]) => name !== 'keep'));
const stateFile = v.looseObject({
  resources: v.array(v.looseObject({ instances: v.array(v.looseObject({})) })),
});

describe('when the state was written by an older provider', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
    await stage.applied(book('title = "A"\npages = 3'));
  });
  afterEach(() => stage.close());

  const file = () => join(stage.terraform.directory, 'terraform.tfstate');
  /** The state that an apply wrote, with the book as another provider would have put it there. */
  const keepState = async (schemaVersion: number, attributes: JsonObject): Promise<void> => {
    const text = await readFile(file(), 'utf8');
    const state = v.parse(stateFile, JSON.parse(text));
    Object.assign(state.resources[0]!.instances[0]!, { schema_version: schemaVersion, attributes });
    await writeFile(file(), JSON.stringify(state));
  };

  it.each<[string, number, JsonObject]>([
    ['two versions ago', 0, { ...rest, name: title }],
    ['one version ago', 1, { ...rest, title }],
    ['in the same version, before an attribute with a default came', 2, { ...rest, title }],
    ['in the same version, when there was one more attribute', 2, { ...inState, isbn: '3-446-18298-X' }],
  ])('%s, nothing changes', async (_, version, attributes) => {
    const { terraform } = stage;
    await keepState(version, attributes);
    await terraform.configure(book('title = "A"\npages = 3'));
    await terraform.expectNoChanges();
    expect(await terraform.must(terraform.plan('-refresh=false'))).toMatchObject({ empty: true });
    // The next change is written in the version of now.
    await terraform.configure(book('title = "A"\npages = 4'));
    await terraform.must(terraform.apply());
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
      resources: [{ instances: [{ schema_version: 2, attributes: { ...inState, pages: 4, revision: 2 } }] }],
    });
    await terraform.expectNoChanges();
  });

  it('can be destroyed without being configured', async () => {
    await keepState(0, { ...rest, name: title });
    await stage.terraform.configure(book('title = "A"'));
    await stage.terraform.must(stage.terraform.destroy());
    expect(stage.library.books.size).toBe(0);
  });

  it('refuses one of a newer provider', async () => {
    await keepState(3, inState);
    await stage.terraform.configure(book('title = "A"'));
    const { errors } = await stage.terraform.plan();
    expect(errors).toMatchObject([{ summary: 'Resource instance managed by newer provider version' }]);
  });
});

describe('when there is no way from an old version', () => {
  const thing = definitions<undefined>().resource({
    name: 'thing',
    version: 2,
    description: 'A thing.',
    attributes: { name: optional(string, { description: 'Its name.' }) },
    create: ({ planned }) => planned,
    read: ({ state }) => state,
    delete: () => undefined,
    upgrade: { 1: (state) => state },
  });
  const calls = new DirectCalls(
    providerDefinition({
      name: 'test',
      version: '1.0.0',
      attributes: {},
      configure: () => undefined,
      resources: [thing],
    }),
  );
  const upgrade = (version: number, json: string) =>
    calls.call(calls.methods.upgradeResourceState, {
      typeName: 'test_thing',
      version,
      rawState: { json: Buffer.from(json) },
    });

  it.each([
    ['a step is missing', 0, '{}', 'A state of test_thing in version 0 cannot be used by this version of the provider'],
    ['the state is no object', 1, '[]', 'The state of test_thing is not an object'],
    ['it is older than JSON', 1, '', 'The state of test_thing is in a form older than Terraform 0.12'],
    ['a value does not fit', 1, '{"name":[]}', 'expected a string at "name"'],
  ])('says so: %s', async (_, version, json, message) => {
    const { upgradedState, diagnostics } = await upgrade(version, json);
    expect(upgradedState).toBeUndefined();
    expect(diagnostics.map(({ summary, detail }) => `${summary} ${detail}`).join()).toContain(message);
  });
});
