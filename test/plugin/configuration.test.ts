import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { book, HEAD, Stage } from './library-stage';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

describe('when the configuration is wrong', () => {
  it.each([
    ['an attribute’s own rule', 'title = ""', 'title must not be empty', 'It is "".', 'title = ""'],
    [
      'a value that is not one of those allowed',
      'title = "A"\ncondition = "torn"',
      'condition must be one of "new", "used"',
      'It is "torn".',
      'condition = "torn"',
    ],
    [
      'null for a required attribute',
      'title = null',
      'title must be set',
      'It is required, and null counts as not set.',
      'title = null',
    ],
    ['a rule of the resource', 'title = "Forbidden"', 'A forbidden book', 'Read another one.', 'title = "Forbidden"'],
    [
      'a rule that shows when it is planned',
      'title = "A"\nshelf = "burning"',
      'The shelf is burning',
      'In Bern.',
      'shelf = "burning"',
    ],
    [
      'null in a set',
      'title = "A"\ntags = ["x", null]',
      'An element of tags is null',
      'Leave it out, or give it a value.',
      'tags = ["x", null]',
    ],
    [
      'null in an object in a map',
      'title = "A"\nowners = { ann = { since = null } }',
      'owners.ann.since must be set',
      'It is required, and null counts as not set.',
      'owners = { ann = { since = null } }',
    ],
  ])('points to the place of %s', async (_, arguments_, summary, detail, code) => {
    await stage.terraform.configure(book(arguments_));
    const { ok, errors } = await stage.terraform.plan();
    expect(ok).toBe(false);
    expect(errors.map((error) => ({ ...error, code: error.snippet?.code.trim() }))).toMatchObject([
      { summary, detail, code, address: 'library_book.a' },
    ]);
  });

  it('checks what is known only at apply before anything is done', async () => {
    await stage.terraform.configure(`${book('title = terraform_data.t.output')}
resource "terraform_data" "t" {
  input = "Forbidden"
}`);
    const { errors } = await stage.terraform.apply();
    expect(errors).toMatchObject([{ summary: 'A forbidden book' }]);
    expect(stage.library.calls).toEqual([]);
  });

  it('warns without failing', async () => {
    await stage.terraform.configure(book('title = "A"\ncondition = "used"'));
    const { ok, warnings } = await stage.terraform.plan();
    expect(ok).toBe(true);
    expect(warnings).toContainEqual(expect.objectContaining({ summary: 'A used book' }));
  });

  it('refuses what is wrong with the provider', async () => {
    await stage.terraform.configure(`${book('title = "A"')}provider "library" {\n  city = "Atlantis"\n}\n`);
    const { errors } = await stage.terraform.plan();
    expect(errors).toMatchObject([{ summary: 'No such city', snippet: { code: '  city = "Atlantis"' } }]);
    expect(stage.library.configured).toEqual([]);
  });
});

describe('when there are secrets', () => {
  it('hands a write-only value to create and update, and keeps it out of plan and state', async () => {
    await stage.applied(book('title = "A"\nkey = "s3cret-key"'));
    expect(stage.library.books.get('A')?.key).toBe('s3cret-key');
    await stage.applied(book('title = "A"\npages = 1\nkey = "s3cret-too"'));
    expect(stage.library.books.get('A')?.key).toBe('s3cret-too');
    const state = await readFile(path.join(stage.terraform.directory, 'terraform.tfstate'), 'utf8');
    expect(state).not.toContain('s3cret');
    await stage.terraform.plan();
    expect((await stage.terraform.run('show', '-json', 'plan.bin')).stdout).not.toMatch(/"key":"s3cret/);
  });

  it('marks a sensitive value, and does not print it', async () => {
    await stage.terraform.configure(book('title = "A"\nnote = "hush"'));
    const { stdout } = await stage.terraform.run('apply', '-auto-approve', '-no-color');
    expect(stdout).toContain('(sensitive value)');
    expect(stdout).not.toContain('hush');
    expect((await stage.terraform.state()).get('library_book.a')?.sensitive_values).toMatchObject({ note: true });
  });
});

describe('when numbers are large or decimal', () => {
  it.each([
    '9007199254740993',
    '123456789012345678901234567890',
    '0.1',
    '1.5',
    '3.141592653589793238462643',
    '-0.000001',
  ])('keeps every digit of %s', async (pages) => {
    const configuration = `${book(`title = "A"\npages = ${pages}`)}output "same" {\n  value = library_book.a.pages == ${pages}\n}\n`;
    await stage.applied(configuration);
    expect(await stage.terraform.outputs()).toEqual({ same: true });
  });
});

describe('when a data source is read', () => {
  const shelf = `${book('title = "A"\nshelf = "top"')}
data "library_shelf" "top" {
  name       = "top"
  depends_on = [library_book.a]
}
output "titles" {
  value = data.library_shelf.top.titles
}`;

  it('has what is there, and its defaults', async () => {
    await stage.applied(shelf);
    expect(await stage.terraform.outputs()).toEqual({ titles: ['A'] });
    expect((await stage.terraform.state()).get('data.library_shelf.top')?.values).toMatchObject({ most: 100 });
  });

  it('points to what is wrong', async () => {
    await stage.terraform.configure(`${HEAD}data "library_shelf" "top" {\n  name = ""\n}\n`);
    const { errors } = await stage.terraform.plan();
    expect(errors).toMatchObject([{ summary: 'A shelf has a name', snippet: { code: '  name = ""' } }]);
  });
});

describe('when a function is called', () => {
  const call = (arguments_: string): string =>
    `${HEAD}output "joined" {\n  value = provider::library::join_titles(${arguments_})\n}\n`;

  it('returns its result', async () => {
    await stage.terraform.configure(call('["A", "B"], "-"'));
    await stage.terraform.must(stage.terraform.apply());
    expect(await stage.terraform.outputs()).toEqual({ joined: 'A-B' });
  });

  it('points to the argument that is wrong', async () => {
    await stage.terraform.configure(call('["A"], ""'));
    const { errors } = await stage.terraform.plan();
    expect(errors).toMatchObject([{ summary: 'Invalid function argument' }]);
    expect(errors[0]?.detail).toContain('Invalid value for "separator" parameter: the separator is empty');
  });
});

describe('when the state is of an older version', () => {
  it('goes through every version between', async () => {
    await stage.applied(book('title = "A"\npages = 3'));
    const file = path.join(stage.terraform.directory, 'terraform.tfstate');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text
        .replace('"schema_version": 2', '"schema_version": 0')
        .replace('"title": "A"', '"name": "A"')
        .replace(/\s*"keep": false,/, ''),
    );
    expect((await stage.terraform.plan('-refresh=false')).empty).toBe(true);
    await stage.applied(book('title = "A"\npages = 3'));
  });
});

describe('when a plain destroy is planned', () => {
  it('may be refused; a replacement is not asked', async () => {
    await stage.applied(book('title = "A"\nkeep = true'));
    expect((await stage.terraform.destroy()).errors).toMatchObject([{ summary: 'The book A is to be kept' }]);
    expect(await stage.planned(book('title = "B"\nkeep = true'))).toMatchObject([{ actions: ['delete', 'create'] }]);
    await stage.applied(book('title = "A"'));
    await stage.terraform.must(stage.terraform.destroy());
  });
});

describe('when a resource is moved', () => {
  it('refuses another type', async () => {
    await stage.applied(book('title = "A"'));
    await stage.terraform.configure(`${HEAD}resource "library_catalogue" "a" {
  titles = ["A"]
}
moved {
  from = library_book.a
  to   = library_catalogue.a
}`);
    const { errors } = await stage.terraform.plan();
    expect(errors).toMatchObject([{ summary: 'A library_book cannot become a library_catalogue' }]);
  });
});
