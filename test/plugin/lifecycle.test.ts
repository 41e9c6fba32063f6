import { serveForTests, type TestServer } from '../../src/plugin';
import { Terraform } from '../acceptance/terraform';
import { Library, libraryProvider } from './library';

const ADDRESS = 'terraform.local/test/library';
const HEAD = `terraform {
  required_providers {
    library = { source = "${ADDRESS}" }
  }
}
`;

let library: Library;
let server: TestServer;
let terraform: Terraform;

beforeEach(async () => {
  library = new Library();
  server = await serveForTests(libraryProvider(library), ADDRESS);
  terraform = await Terraform.start({ TF_REATTACH_PROVIDERS: server.reattach });
});
afterEach(async () => {
  await terraform.close();
  await server.close();
});

describe('when a resource is created', () => {
  it('plans what is computed as unknown, fills in defaults and has no changes afterwards', async () => {
    await terraform.configure(`${HEAD}
resource "library_book" "a" {
  title  = "A"
  pages  = 12
  tags   = ["x", "y"]
  owners = { ann = { since = 1999 } }
}`);
    const plan = await terraform.must(terraform.plan());
    expect(plan.changes).toMatchObject([
      {
        actions: ['create'],
        after: { title: 'A', pages: 12, condition: 'new', keep: false, id: 'A', note: null, key: null },
        unknown: { shelf: true, revision: true, owners: { ann: { card: true } } },
      },
    ]);
    await terraform.must(terraform.apply());
    expect((await terraform.state()).get('library_book.a')?.values).toEqual({
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
    await terraform.expectNoChanges();
    await terraform.must(terraform.destroy());
    expect(library.books.size).toBe(0);
  });
});
