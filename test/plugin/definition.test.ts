import {
  computed,
  definitions,
  list,
  map,
  number,
  object,
  optional,
  providerDefinition,
  required,
  set,
  string,
  UNKNOWN,
} from '../../src/plugin';
import type { ConfigOf, PlannedOf, PlanOf, StateOf, Unknown } from '../../src/plugin';

type Same<X, Y> = [X] extends [Y] ? ([Y] extends [X] ? true : false) : false;

interface Connection {
  readonly shelves: Map<string, string>;
}
const define = definitions<Connection>();

const attributes = {
  title: required(string, {
    description: 'Title',
    forceNew: true,
    validate: (v) => (v.length > 0 ? undefined : 'must not be empty'),
  }),
  pages: optional(number, { description: 'Pages' }),
  shelf: optional(string, { description: 'Shelf', computed: true, equal: (a, b) => a.trim() === b.trim() }),
  state: optional(string, { description: 'State', default: 'new', oneOf: ['new', 'used'] }),
  tags: optional(set(string), { description: 'Tags', equal: (a, b) => a.toLowerCase() === b.toLowerCase() }),
  owners: optional(map(object({ since: required(number, { description: 'Year' }) })), { description: 'Owners' }),
  key: optional(string, { description: 'Key', writeOnly: true }),
  id: computed(string, { description: 'ID' }),
  lender: computed(string, { description: 'Lender', nullable: true }),
};

const book = define.resource({
  name: 'book',
  description: 'A book',
  attributes,
  identity: ['title'],
  validate({ config, error }) {
    if (config.title === UNKNOWN) return;
    if (config.title.startsWith('_')) error(['title'], 'Unfit title');
  },
  plan: ({ planned, prior }) =>
    planned.title === UNKNOWN || prior !== undefined ? planned : { ...planned, id: planned.title },
  create({ planned, provider }) {
    const shelf = planned.shelf === UNKNOWN ? 'front' : planned.shelf;
    provider.shelves.set(planned.title, shelf);
    return { ...planned, shelf, id: planned.title, lender: null };
  },
  read({ state, provider }) {
    const shelf = provider.shelves.get(state.title);
    return shelf === undefined ? undefined : { ...state, shelf, id: state.title, lender: null };
  },
  update: ({ planned, prior }) => ({ ...prior, ...planned, shelf: prior.shelf, id: prior.id, lender: null }),
  delete({ state, provider }) {
    provider.shelves.delete(state.title);
  },
  import: ({ id }) => ({ title: id }),
});

describe('when a resource is declared', () => {
  it('infers what its handlers are given', () => {
    type A = typeof attributes;
    // Each element is of type `true` only if the two types are the same.
    const same: [
      Same<StateOf<A>['title'], string>,
      Same<StateOf<A>['pages'], number | bigint | null>,
      Same<StateOf<A>['shelf'], string>,
      Same<StateOf<A>['state'], string>,
      Same<StateOf<A>['key'], null>,
      Same<StateOf<A>['lender'], string | null>,
      Same<StateOf<A>['tags'], readonly string[] | null>,
      Same<ConfigOf<A>['key'], string | Unknown | null>,
      Same<ConfigOf<A>['tags'], readonly (string | Unknown)[] | Unknown | null>,
      Same<PlannedOf<A>['title'], string>,
      Same<PlannedOf<A>['shelf'], string | Unknown>,
      Same<PlanOf<A>['title'], string | Unknown>,
      Same<Extract<keyof ConfigOf<A>, 'id'>, never>,
    ] = [true, true, true, true, true, true, true, true, true, true, true, true, true];
    expect(same).not.toContain(false);
    expect(book.attributes).toBe(attributes);
    expect(attributes.state).toMatchObject({ mode: 'defaulted', default: 'new', nullable: false });
    expect(attributes.shelf.mode).toBe('optionalComputed');
    expect(attributes.key.mode).toBe('optionalWriteOnly');
  });

  it('refuses at compile time what does not fit', () => {
    // @ts-expect-error: a default of another type
    optional(string, { description: '', default: 1 });
    define.resource({
      name: 'x',
      description: '',
      attributes: { id: computed(string, { description: '' }) },
      // @ts-expect-error: a state without id
      create: () => ({}),
      read: () => undefined,
      delete: () => undefined,
    });
    define.function({
      name: 'join',
      summary: 'Joins',
      description: 'Joins',
      parameters: [{ name: 'parts', type: list(string), description: 'Parts' }],
      returns: string,
      // @ts-expect-error: no such parameter
      run: ({ nothing }) => String(nothing),
    });
    expect(book.name).toBe('book');
  });
});

export const library = providerDefinition({
  name: 'library',
  version: '1.0.0',
  attributes: { city: optional(string, { description: 'City', default: 'Bern' }) },
  configure: ({ config }) => ({ shelves: new Map([['', config.city === UNKNOWN ? '' : config.city]]) }),
  resources: [book],
  dataSources: [
    define.dataSource({
      name: 'count',
      description: 'How many',
      attributes: { books: computed(number, { description: 'Books' }) },
      read: ({ provider }) => ({ books: provider.shelves.size }),
    }),
  ],
  functions: [
    define.function({
      name: 'join',
      summary: 'Joins',
      description: 'Joins',
      parameters: [
        { name: 'parts', type: list(string), description: 'Parts' },
        { name: 'by', type: string, description: 'Separator' },
      ],
      returns: string,
      run: ({ parts, by }) => parts.join(by),
    }),
  ],
});
