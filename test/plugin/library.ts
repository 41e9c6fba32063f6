import {
  bool,
  computed,
  definitions,
  list,
  map,
  number,
  object,
  optional,
  PartialState,
  providerDefinition,
  required,
  set,
  string,
  UNKNOWN,
} from '../../src/plugin';
import type { Context, ProviderDefinition } from '../../src/plugin';

/** A world for Terraform to manage: books on shelves, in memory. */
export class Library {
  readonly books = new Map<string, Book>();
  readonly calls: string[] = [];
  readonly configured: string[] = [];
  readonly disconnected: string[] = [];
  /** Called before each handler does its work; may throw or wait. */
  before: (handler: string, context: Context) => void | Promise<void> = () => undefined;
}
export interface Book {
  title: string;
  shelf: string;
  pages: number | bigint | null;
  tags: readonly string[];
  owners: Readonly<Record<string, { readonly since: number | bigint; readonly card: string }>>;
  condition: string;
  note: string | null;
  revision: number;
  key: string | null;
}
export interface Connection {
  readonly city: string;
  readonly library: Library;
}

/** The provider `library` over one `Library`. */
export function libraryProvider(library: Library): ProviderDefinition {
  return providerDefinition({
    name: 'library',
    version: '1.2.3',
    attributes: {
      city: optional(string, { description: 'Where the library is', default: 'Bern' }),
      token: optional(string, { description: 'Lets one in', sensitive: true }),
    },
    validate({ config, error }) {
      if (config.city === 'Atlantis') error(['city'], 'No such city', 'Atlantis was never found.');
    },
    configure({ config }) {
      const city = config.city === UNKNOWN ? '(unknown)' : config.city;
      library.configured.push(city);
      return { city, library };
    },
    disconnect({ city }) {
      library.disconnected.push(city);
    },
    resources: [book, catalogue],
    dataSources: [shelf],
    functions: [join],
  });
}

const define = definitions<Connection>();
const sameCase = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const book = define.resource({
  name: 'book',
  version: 2,
  description: 'A book on a shelf.',
  identity: ['title'],
  attributes: {
    title: required(string, {
      description: 'What is on its back.',
      forceNew: true,
      validate: (title) => (title === '' ? 'must not be empty' : undefined),
    }),
    shelf: optional(string, { description: 'Where it stands.', computed: true, equal: sameCase }),
    pages: optional(number, { description: 'How many pages.' }),
    tags: optional(set(string), { description: 'What it is about.', equal: sameCase, default: [] }),
    owners: optional(
      map(
        object({
          since: required(number, { description: 'Year.' }),
          card: computed(string, { description: 'Number of the card.' }),
        }),
      ),
      { description: 'Whose it is.' },
    ),
    condition: optional(string, { description: 'How it is.', default: 'new', oneOf: ['new', 'used'] }),
    note: optional(string, { description: 'A secret.', sensitive: true }),
    key: optional(string, { description: 'Opens it.', writeOnly: true }),
    keep: optional(bool, { description: 'Refuse to destroy.', default: false }),
    revision: computed(number, { description: 'Counts changes.' }),
    id: computed(string, { description: 'Its title.' }),
  },
  validate({ config, error, warn }) {
    if (config.title === 'Forbidden') error(['title'], 'A forbidden book', 'Read another one.');
    if (config.condition === 'used') warn(['condition'], 'A used book');
  },
  plan({ prior, planned, provider, error }) {
    if (planned.shelf === 'burning') error(['shelf'], 'The shelf is burning', `In ${provider.city}.`);
    const touched = prior !== undefined && JSON.stringify(show(prior)) !== JSON.stringify(show(planned));
    return { ...planned, id: planned.title, revision: touched ? UNKNOWN : planned.revision };
  },
  planDestroy({ prior, error }) {
    if (prior.keep) error(undefined, `The book ${prior.title} is to be kept`);
  },
  async create({ planned, config, provider, privateData, ...context }) {
    const { library } = provider;
    library.calls.push(`create ${planned.title}`);
    await library.before('create', context);
    const made: Book = {
      ...planned,
      shelf: planned.shelf === UNKNOWN ? 'front' : planned.shelf.toUpperCase(),
      owners: cards(planned.owners),
      revision: 1,
      key: config.key,
    };
    library.books.set(planned.title, made);
    privateData.set('madeIn', provider.city);
    if (planned.title === 'Half')
      throw new PartialState({ ...planned, shelf: 'half', revision: 0 }, new Error('The shelf broke\nunder it.'));
    return stateOf(made, planned.keep, planned.owners !== null);
  },
  async read({ state, provider, privateData, ...context }) {
    const { library } = provider;
    library.calls.push(`read ${state.title} made in ${JSON.stringify(privateData.get('madeIn'))}`);
    await library.before('read', context);
    const found = library.books.get(state.title);
    return found === undefined ? undefined : stateOf(found, state.keep, state.owners !== null);
  },
  async update({ prior, planned, config, provider, ...context }) {
    const { library } = provider;
    library.calls.push(`update ${planned.title}`);
    await library.before('update', context);
    const found = library.books.get(prior.title);
    if (found === undefined) throw new Error(`There is no book ${prior.title}`);
    const shelf = planned.shelf === UNKNOWN ? found.shelf : planned.shelf.toUpperCase();
    const revision = found.revision + 1;
    Object.assign(found, { ...planned, shelf, revision, owners: cards(planned.owners), key: config.key });
    return stateOf(found, planned.keep, planned.owners !== null);
  },
  async delete({ state, provider, ...context }) {
    provider.library.calls.push(`delete ${state.title}`);
    await provider.library.before('delete', context);
    provider.library.books.delete(state.title);
  },
  import: ({ id }) => ({ title: id }),
  upgrade: {
    0: ({ name, ...state }) => ({ ...state, title: name ?? null }),
    1: (state) => ({ ...state, keep: false }),
  },
});

function show(value: object): unknown {
  const known = Object.entries(value).filter(([name]) => name !== 'revision' && name !== 'id');
  return known.map(([name, inside]: [string, unknown]) => [
    name,
    JSON.stringify(inside, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
  ]);
}

type Owners = Readonly<Record<string, { readonly since: number | bigint }>> | null;
function cards(owners: Owners): Book['owners'] {
  return Object.fromEntries(
    Object.entries(owners ?? {}).map(([name, { since }]) => [name, { since, card: `${name}-${since}` }]),
  );
}

function stateOf(found: Book, keep: boolean, owned: boolean) {
  const { title, shelf, pages, tags, owners, condition, note, revision } = found;
  const shown = owned || Object.keys(owners).length > 0 ? owners : null;
  return { title, shelf, pages, tags, owners: shown, condition, note, revision, keep, id: title, key: null };
}

/** Cannot be updated. */
const catalogue = define.resource({
  name: 'catalogue',
  description: 'All titles.',
  attributes: {
    titles: required(list(string), { description: 'Titles.' }),
    limits: optional(object({ most: optional(number, { description: 'Most.', default: 10 }) }), {
      description: 'Limits.',
    }),
    count: computed(number, { description: 'How many.' }),
  },
  create: ({ planned }) => ({ ...planned, count: planned.titles.length }),
  read: ({ state }) =>
    state.titles === null ? undefined : { titles: state.titles, limits: state.limits, count: state.titles.length },
  delete: () => undefined,
});

const shelf = define.dataSource({
  name: 'shelf',
  description: 'What stands on a shelf.',
  attributes: {
    name: required(string, { description: 'Its name.' }),
    most: optional(number, { description: 'How many titles at most.', default: 100 }),
    titles: computed(list(string), { description: 'Titles.' }),
  },
  validate({ config, error }) {
    if (config.name === '') error(['name'], 'A shelf has a name');
  },
  read({ config, provider }) {
    const books = [...provider.library.books.values()].filter((one) => one.shelf === config.name.toUpperCase());
    return { ...config, titles: books.map(({ title }) => title).slice(0, Number(config.most)) };
  },
});

const join = define.function({
  name: 'join_titles',
  summary: 'Joins titles',
  description: 'Joins titles with a separator.',
  parameters: [
    { name: 'titles', type: list(string), description: 'Titles.' },
    { name: 'separator', type: string, description: 'What stands between them.' },
  ],
  returns: string,
  run({ titles, separator }) {
    if (separator === '') throw Object.assign(new Error('the separator is empty'), { attribute: ['separator'] });
    return titles.join(separator);
  },
});
