import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOCS } from '../../scripts/docs';
import { generateDocs } from '../../scripts/generate';
import { dctProvider } from '../../src/provider/provider';

const root = join(__dirname, '../..');

describe('when the reference pages are generated from the provider of this tree', () => {
  let fresh: string;
  beforeAll(() => {
    fresh = mkdtempSync(join(tmpdir(), 'dct-docs-'));
    generateDocs(fresh);
  });
  afterAll(() => rmSync(fresh, { recursive: true }));

  it('they are the committed ones: otherwise run `npm run generate`', () => {
    expect(texts(join(root, 'docs'))).toEqual(texts(fresh));
  });

  it('every link in them leads somewhere', () => {
    for (const [file, text] of Object.entries(texts(fresh))) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const found = target.startsWith('#') ? text.includes(`<a id="${target.slice(1)}"></a>`) : exists(fresh, target);
        expect([file, target, found]).toEqual([file, target, true]);
      }
    }
  });
});

describe('when something is added to the provider', () => {
  const { resources, dataSources = [], functions = [] } = dctProvider;
  it.each([
    ...resources.map(({ name }) => `resources/dct_${name}/resource.tf`),
    ...resources.map(({ name }) => `resources/dct_${name}/import.sh`),
    ...dataSources.map(({ name }) => `data-sources/dct_${name}/data-source.tf`),
    ...functions.map(({ name }) => `functions/${name}/function.tf`),
  ])('there is examples/%s', (file) => {
    expect(exists(root, join('examples', file))).toBe(true);
  });
});

function exists(directory: string, file: string): boolean {
  return existsSync(join(directory, file));
}

function texts(directory: string): Record<string, string> {
  return Object.fromEntries(
    DOCS.flatMap((name) =>
      name.endsWith('.md') ? [name] : readdirSync(join(directory, name)).map((file) => join(name, file)),
    ).map((file) => [file, readFileSync(join(directory, file), 'utf8')]),
  );
}
