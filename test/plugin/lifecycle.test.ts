import { book, HEAD, Stage } from './library-stage';

// What Terraform itself makes of the replies: each behaviour here is one that its core checks.
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

describe('when a resource is created', () => {
  it('plans what is computed as unknown, fills in defaults and has no changes afterwards', async () => {
    const configuration = book('title = "A"\npages = 12\ntags = ["x", "y"]\nowners = { ann = { since = 1999 } }');
    expect(await stage.planned(configuration)).toMatchObject([
      {
        actions: ['create'],
        after: { title: 'A', pages: 12, condition: 'new', keep: false, id: 'A', note: null, key: null },
        unknown: { shelf: true, revision: true, owners: { ann: { card: true } } },
      },
    ]);
    expect(await stage.applied(configuration)).toEqual({
      title: 'A',
      shelf: 'front',
      pages: 12,
      tags: ['x', 'y'],
      owners: { ann: { since: 1999, card: 'ann-1999' } },
      condition: 'new',
      note: null,
      key: null,
      keep: false,
      revision: 1,
      id: 'A',
    });
    await stage.terraform.must(stage.terraform.destroy());
    expect(stage.library.books.size).toBe(0);
    expect((await stage.terraform.state()).size).toBe(0);
  });

  it('keeps the object, tainted, when only part of it was made', async () => {
    await stage.terraform.configure(book('title = "Half"'));
    const { ok, errors } = await stage.terraform.apply();
    expect(ok).toBe(false);
    expect(errors).toMatchObject([{ summary: 'The shelf broke', detail: 'under it.', address: 'library_book.a' }]);
    expect((await stage.terraform.state()).get('library_book.a')).toMatchObject({
      tainted: true,
      values: { title: 'Half', shelf: 'half', revision: 0, condition: 'new' },
    });
  });

  it('leaves nothing in the state when it failed', async () => {
    stage.library.before = () => {
      throw Object.assign(new Error('The shelf is full'), { cure: 'Buy another one.', attribute: ['shelf'] });
    };
    await stage.terraform.configure(book('title = "A"\nshelf = "top"'));
    expect((await stage.terraform.apply()).errors).toMatchObject([
      { summary: 'The shelf is full', detail: 'What to do: Buy another one.', snippet: { code: 'shelf = "top"' } },
    ]);
    expect((await stage.terraform.state()).size).toBe(0);
  });
});

describe('when a value means the same', () => {
  it('keeps the one before, in strings, sets and for null and empty', async () => {
    await stage.applied(book('title = "A"\nshelf = "Top"\ntags = ["x", "y"]'));
    expect(stage.library.books.get('A')?.shelf).toBe('TOP');
    expect(await stage.planned(book('title = "A"\nshelf = "TOP"\ntags = ["Y", "x"]'))).toEqual([]);
    // One element is new: then all of the set is as configured.
    expect(await stage.planned(book('title = "A"\nshelf = "TOP"\ntags = ["Y", "z"]'))).toMatchObject([
      { actions: ['update'], after: { shelf: 'Top', tags: ['Y', 'z'] }, unknown: { revision: true } },
    ]);
    await stage.applied(book('title = "A"\nshelf = "TOP"\ntags = ["Y", "z"]'));
    await stage.applied(book('title = "A"\ntags = []'));
    expect(await stage.planned(book('title = "A"'))).toEqual([]);
  });
});

describe('when a resource is changed', () => {
  it('keeps what is computed unless the plan says otherwise', async () => {
    await stage.applied(book('title = "A"\nowners = { ann = { since = 1999 } }'));
    expect(await stage.planned(book('title = "A"\npages = 3\nowners = { ann = { since = 1999 } }'))).toMatchObject([
      {
        actions: ['update'],
        after: { shelf: 'front', owners: { ann: { card: 'ann-1999' } } },
        unknown: { revision: true, owners: { ann: {} } },
      },
    ]);
    const state = await stage.applied(book('title = "A"\npages = 3\nowners = { ann = { since = 1999 } }'));
    expect(state).toMatchObject({ revision: 2, pages: 3 });
  });

  it('has the state of before when it failed', async () => {
    await stage.applied(book('title = "A"\npages = 3'));
    stage.library.before = (handler) => {
      if (handler === 'update') throw new Error('No hands');
    };
    await stage.terraform.configure(book('title = "A"\npages = 4'));
    expect((await stage.terraform.apply()).errors).toMatchObject([{ summary: 'No hands' }]);
    const resource = (await stage.terraform.state()).get('library_book.a');
    expect(resource).toMatchObject({ tainted: false, values: { pages: 3 } });
  });

  it('is replaced when an attribute needs that', async () => {
    await stage.applied(book('title = "A"'));
    expect(await stage.planned(book('title = "B"'))).toMatchObject([
      { actions: ['delete', 'create'], reason: 'replace_because_cannot_update', replacePaths: [['title']] },
    ]);
    await stage.applied(book('title = "B"'));
    expect(stage.library.calls.filter((call) => !call.startsWith('read'))).toEqual([
      'create A',
      'delete A',
      'create B',
    ]);
  });

  it('is replaced when it cannot be updated at all', async () => {
    const catalogue = (titles: string) =>
      `${HEAD}resource "library_catalogue" "a" {\n titles = ${titles}\n limits = {}\n}\n`;
    await stage.applied(catalogue('["A"]'));
    expect((await stage.terraform.state()).get('library_catalogue.a')?.values).toEqual({
      titles: ['A'],
      limits: { most: 10 },
      count: 1,
    });
    expect(await stage.planned(catalogue('["A", "B"]'))).toMatchObject([
      { actions: ['delete', 'create'], replacePaths: [['titles']], unknown: { count: true } },
    ]);
  });
});

describe('when the world has changed', () => {
  it('shows the drift and repairs it', async () => {
    await stage.applied(book('title = "A"\npages = 3'));
    Object.assign(stage.library.books.get('A') ?? {}, { pages: 4, shelf: 'FRONT' });
    const plan = await stage.terraform.must(stage.terraform.plan());
    expect(plan.drift).toMatchObject([{ before: { pages: 3 }, after: { pages: 4, shelf: 'front' } }]);
    await stage.applied(book('title = "A"\npages = 3'));
    expect(stage.library.books.get('A')?.pages).toBe(3);
  });

  it('creates again what is gone', async () => {
    await stage.applied(book('title = "A"'));
    stage.library.books.clear();
    expect(await stage.planned(book('title = "A"'))).toMatchObject([{ actions: ['create'] }]);
  });

  it('has private data with it', async () => {
    await stage.applied(book('title = "A"'));
    expect(stage.library.calls).toEqual(['create A', 'read A made in "Bern"']);
  });
});

describe('when a resource is imported', () => {
  it('has the same state as one that was created, by command and by block', async () => {
    const created = await stage.applied(book('title = "A"\npages = 3'));
    await stage.terraform.run('state', 'rm', 'library_book.a');
    expect(await stage.terraform.import('library_book.a', 'A')).toMatchObject({ ok: true });
    await stage.terraform.expectNoChanges();
    expect((await stage.terraform.state()).get('library_book.a')?.values).toEqual(created);

    await stage.terraform.run('state', 'rm', 'library_book.a');
    await stage.terraform.configure(`${book('title = "A"\npages = 3')}import {\n to = library_book.a\n id = "A"\n}\n`);
    const { changes } = await stage.terraform.must(stage.terraform.plan());
    expect(changes).toMatchObject([{ importing: true, actions: ['no-op'] }]);
  });

  it('says so when there is no such object, or no import', async () => {
    await stage.terraform.configure(`${book('title = "A"')}resource "library_catalogue" "a" {\n titles = []\n}\n`);
    expect((await stage.terraform.import('library_book.a', 'Nothing')).stderr).toContain(
      'Cannot import non-existent remote object',
    );
    const refused = await stage.terraform.import('library_catalogue.a', 'x');
    expect(refused.stderr).toContain('A library_catalogue cannot be imported');
  });
});

describe('when values are not known yet', () => {
  it('takes unknown and partly known ones', async () => {
    const configuration = `${book('title = "A"')}
resource "library_book" "b" {
  title = "after-\${library_book.a.shelf}"
  pages = library_book.a.revision
  tags  = ["x", library_book.a.shelf]
  owners = { (library_book.a.title) = { since = library_book.a.revision } }
}`;
    const changes = await stage.planned(configuration);
    expect(changes.find(({ address }) => address === 'library_book.b')).toMatchObject({
      actions: ['create'],
      unknown: { title: true, pages: true, tags: [false, true], id: true, owners: { A: { since: true } } },
    });
    await stage.applied(configuration);
    expect(stage.library.books.get('after-front')).toMatchObject({ pages: 1, tags: ['front', 'x'] });
  });

  it('configures the provider with unknown values at plan, and again at apply', async () => {
    const configuration = `${HEAD}
resource "terraform_data" "city" {
  input = "Rome"
}
provider "library" {
  city = terraform_data.city.output
}
resource "library_book" "a" {
  title = "A"
}`;
    await stage.terraform.configure(configuration);
    await stage.terraform.must(stage.terraform.apply());
    expect(stage.library.configured).toEqual(['(unknown)', 'Rome']);
    expect(stage.library.calls).toEqual(['create A']);
  });
});

describe('when a provider has aliases', () => {
  it('gives each its own connection, and ends it', async () => {
    await stage.applied(`${HEAD}
provider "library" {}
provider "library" {
  alias = "rome"
  city  = "Rome"
}
resource "library_book" "a" {
  title = "A"
}
resource "library_book" "b" {
  provider = library.rome
  title    = "B"
}`);
    expect(stage.library.calls).toContain('read A made in "Bern"');
    expect(stage.library.calls).toContain('read B made in "Rome"');
    await stage.server.close();
    expect(stage.library.disconnected.sort()).toEqual(stage.library.configured.sort());
  });
});

describe('when Terraform goes another way', () => {
  it('applies a saved plan without asking again what does not change', async () => {
    const two = (pages: number) =>
      `${book('title = "A"')}resource "library_book" "b" {\n  title = "B"\n  pages = ${pages}\n}\n`;
    await stage.applied(two(1));
    await stage.terraform.configure(two(2));
    await stage.terraform.must(stage.terraform.plan());
    stage.library.calls.length = 0;
    await stage.terraform.must(stage.terraform.applyPlan());
    expect(stage.library.calls).toEqual(['update B']);
    await stage.terraform.expectNoChanges();
  });

  it('creates before it destroys, the same object even', async () => {
    const configuration = book('title = "A"\nlifecycle {\n  create_before_destroy = true\n}');
    await stage.applied(configuration);
    stage.library.calls.length = 0;
    await stage.terraform.must(stage.terraform.apply('-replace=library_book.a'));
    expect(stage.library.calls.filter((call) => !call.startsWith('read'))).toEqual(['create A', 'delete A']);
  });

  it('manages many at once', async () => {
    await stage.applied(`${HEAD}resource "library_book" "many" {
  for_each = toset([for i in range(50) : "book \${i}"])
  title    = each.key
  owners   = { (each.key) = { since = 2000 } }
}`);
    expect(stage.library.books.size).toBe(50);
    await stage.terraform.must(stage.terraform.destroy());
    expect(stage.library.books.size).toBe(0);
  });

  it('writes the configuration of what it imports', async () => {
    stage.library.books.set('A', {
      title: 'A',
      shelf: 'TOP',
      pages: 3,
      tags: ['x'],
      owners: {},
      condition: 'used',
      note: null,
      revision: 4,
      key: null,
    });
    await stage.terraform.configure(`${HEAD}import {\n  to = library_book.a\n  id = "A"\n}\n`);
    await stage.terraform.must(stage.terraform.plan('-generate-config-out=generated.tf'));
    await stage.terraform.must(stage.terraform.apply());
    await stage.terraform.expectNoChanges();
    expect((await stage.terraform.state()).get('library_book.a')?.values).toMatchObject({ shelf: 'TOP', revision: 4 });
  });
});
